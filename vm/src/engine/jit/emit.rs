//! From a region to Cranelift's intermediate language: one line per instruction, and what exactness asks for
//! around them.
//!
//! The guest registers that matter most are variables of one function, loaded when it is entered and stored
//! where it is left; the others stay in the register file between blocks. Whatever may trap, or write what
//! something was derived from, goes back to the interpreter *before* it has any effect; so does what there may
//! not be enough left for.

mod arithmetic;
mod facts;
mod graph;
mod memory;
mod payment;
mod transfer;

use super::frame::{Narrow, Wide, slot};
use super::region::{Block, Region};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{self, AbiParam, InstBuilder, JumpTableData, MemFlagsData, Type, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use facts::{Fact, Facts};
use graph::{Graph, Node};
use memory::Accesses;
use payment::Payment;
use pg32_isa::{Format, Reg};
use std::collections::{BTreeMap, BTreeSet};
use transfer::Indirect;

/// Guest registers that are variables: what fits into the host's beside the register file, the segment, the
/// budget and what an instruction needs.
const VARIABLES: usize = 10;

/// Makes `function` the translation of `region`; see [`super::code::Compiler::call`] for its parameters.
pub(super) fn function(
    target: TargetFrontendConfig,
    function: &mut ir::Function,
    context: &mut FunctionBuilderContext,
    region: &Region,
) {
    function.signature.call_conv = target.default_call_conv;
    for parameter in [I64, I32] {
        function.signature.params.push(AbiParam::new(parameter));
    }
    let builder = FunctionBuilder::new(function, context);
    let graph = Graph::of(region);
    let mut emitter = Emitter::new(builder, region, &graph);
    emitter.enter();
    for node in graph.nodes() {
        emitter.node(node);
    }
    emitter.finish(target);
}

struct Emitter<'a> {
    b: FunctionBuilder<'a>,
    region: &'a Region,
    graph: &'a Graph<'a>,
    blocks: BTreeMap<Node, ir::Block>,
    /// The guest registers that are variables.
    x: [Option<Variable>; 32],
    /// Those of them that the region writes, which must be stored where it is left.
    written: Vec<Reg>,
    /// What the block at hand knows of the other registers.
    local: Locals,
    payments: BTreeMap<Node, Payment>,
    accesses: BTreeMap<Node, Accesses>,
    /// What the block at hand knows of values, and what others knew at their ends.
    facts: Facts,
    known: BTreeMap<Node, (Facts, Locals)>,
    /// Instructions that may still retire, as far as settled.
    left: Variable,
    /// The host's address of the register file.
    file: Value,
    segment: Value,
    /// Where indirect jumps with many targets go, with the target and the jump's address: those that return,
    /// and those that call. Made on demand.
    switches: [Option<ir::Block>; 2],
}

/// Registers that are no variables.
type Locals = [Option<Local>; 32];

/// A register that is no variable, within a block and those that only it leads to.
#[derive(Clone, Copy, Debug)]
struct Local {
    value: Value,
    /// Whether the register file does not have it yet.
    ahead: bool,
}

impl<'a> Emitter<'a> {
    fn new(mut b: FunctionBuilder<'a>, region: &'a Region, graph: &'a Graph<'a>) -> Self {
        let top = b.create_block();
        b.append_block_params_for_function_params(top);
        b.switch_to_block(top);
        let file = b.block_params(top)[0];
        let mut wide = |place: Wide| b.ins().load(I64, MemFlagsData::trusted(), file, place.offset());
        let (segment, budget) = (wide(Wide::Segment), wide(Wide::Left));
        let left = b.declare_var(I64);
        b.def_var(left, budget);
        let mut x = [None; 32];
        for reg in variables(region) {
            x[reg.index()] = Some(b.declare_var(I32));
        }
        let insns = region.blocks.values().flat_map(|block| &block.insns);
        let written: BTreeSet<Reg> = insns.map(|insn| insn.rd).filter(|rd| x[rd.index()].is_some()).collect();
        let written = written.into_iter().collect();
        let payments = payment::plan(graph);
        let blocks = payments.keys().map(|&node| (node, b.create_block())).collect();
        Emitter {
            b,
            region,
            graph,
            blocks,
            x,
            written,
            local: [None; 32],
            accesses: memory::plan(graph, &payments),
            payments,
            facts: Facts::default(),
            known: BTreeMap::new(),
            left,
            file,
            segment,
            switches: [None; 2],
        }
    }

    /// The top: loads the variables and goes to the entry asked for.
    fn enter(&mut self) {
        let top = self.b.current_block().expect("it was switched to");
        let number = self.b.block_params(top)[1];
        for reg in Reg::all() {
            if let Some(variable) = self.x[reg.index()] {
                let value = self.load_register(reg);
                self.b.def_var(variable, value);
            }
        }
        let targets: Vec<ir::Block> =
            self.region.entries.iter().map(|&at| self.blocks[&Node::first(at)]).collect();
        self.table(number, targets[0], &targets);
    }

    fn load_register(&mut self, reg: Reg) -> Value {
        self.load(I32, slot(reg))
    }

    fn store_register(&mut self, reg: Reg, value: Value) {
        self.store(value, slot(reg));
    }

    /// What lies at `offset` in the register file.
    fn load(&mut self, of: Type, offset: i32) -> Value {
        self.b.ins().load(of, MemFlagsData::trusted(), self.file, offset)
    }

    fn store(&mut self, value: Value, offset: i32) {
        self.b.ins().store(MemFlagsData::trusted(), value, self.file, offset);
    }

    /// Goes to the block of `targets` that `number` says, or to `default` behind the last.
    fn table(&mut self, number: Value, default: ir::Block, targets: &[ir::Block]) {
        let pool = &mut self.b.func.dfg.value_lists;
        let mut call = |block| ir::BlockCall::new(block, [], pool);
        let default = call(default);
        let calls: Vec<_> = targets.iter().map(|&block| call(block)).collect();
        let table = self.b.create_jump_table(JumpTableData::new(default, &calls));
        self.b.ins().br_table(number, table);
    }

    fn get(&mut self, reg: Reg) -> Value {
        if let Some(number) = self.constant_in(reg) {
            return self.constant(number);
        }
        if let Some(variable) = self.x[reg.index()] {
            return self.b.use_var(variable);
        }
        if let Some(local) = self.local[reg.index()] {
            return local.value;
        }
        let value = self.load_register(reg);
        self.local[reg.index()] = Some(Local { value, ahead: false });
        value
    }

    fn set(&mut self, reg: Reg, value: Value) {
        self.facts[reg.index()] = Fact::Nothing;
        if let Some(variable) = self.x[reg.index()] {
            self.b.def_var(variable, value);
        } else if reg != Reg::ZERO {
            self.local[reg.index()] = Some(Local { value, ahead: true });
        }
    }

    /// Stores the registers that the register file does not have yet and that are no variables.
    fn store_locals(&mut self) {
        for reg in Reg::all() {
            if let Some(Local { value, ahead: true }) = self.local[reg.index()] {
                self.store_register(reg, value);
            }
        }
    }

    /// The end of a block: what goes on elsewhere finds registers in the file or in variables.
    fn settle(&mut self) {
        self.store_locals();
        self.local = [None; 32];
    }

    fn constant(&mut self, value: u32) -> Value {
        self.b.ins().iconst(I32, i64::from(value))
    }

    fn base(&mut self) -> Value {
        self.load(I32, Narrow::Base.offset())
    }

    /// The virtual address of physical `at`.
    fn address(&mut self, at: u32) -> Value {
        let (at, base) = (self.constant(at), self.base());
        self.b.ins().isub(at, base)
    }

    /// Leaves the region from the current block: at virtual `pc`, with `owed` instructions retired that are not
    /// settled.
    fn leave(&mut self, pc: Value, owed: u64) {
        for reg in self.written.clone() {
            let value = self.get(reg);
            self.store_register(reg, value);
        }
        self.store_locals();
        let left = self.left_after(owed);
        self.store(left, Wide::Left.offset());
        self.store(pc, Narrow::Pc.offset());
        self.b.ins().return_(&[]);
    }

    fn leave_at(&mut self, at: u32, owed: u64) {
        let pc = self.address(at);
        self.leave(pc, owed);
    }

    /// Leaves at physical `at` if `condition` holds.
    fn leave_if(&mut self, condition: Value, at: u32, owed: u64) {
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.ins().brif(condition, out, &[], on, &[]);
        self.b.seal_block(out);
        self.b.seal_block(on);
        self.b.switch_to_block(out);
        self.leave_at(at, owed);
        self.b.switch_to_block(on);
    }

    /// What may still retire once `owed` instructions are settled.
    fn left_after(&mut self, owed: u64) -> Value {
        let left = self.b.use_var(self.left);
        if owed == 0 { left } else { self.b.ins().iadd_imm_s(left, -(owed as i64)) }
    }

    /// Settles `owed` instructions.
    fn settle_payment(&mut self, owed: u64) {
        let left = self.left_after(owed);
        self.b.def_var(self.left, left);
    }

    fn node(&mut self, node: Node) {
        self.b.switch_to_block(self.blocks[&node]);
        let payment = self.payments[&node];
        (self.facts, self.local) =
            payment.only_from.and_then(|from| self.known.get(&from)).copied().unwrap_or_default();
        if let Some(needed) = payment.gate {
            let left = self.b.use_var(self.left);
            let short = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, needed as i64);
            self.leave_if(short, node.at, 0);
        }
        let accesses = self.accesses.remove(&node).expect("every node has them");
        let block = self.graph.block(node);
        for (index, (&insn, access)) in (0..).zip(block.insns.iter().zip(&accesses)) {
            let at = block.at + 4 * index;
            // What has retired and is not settled if the instruction is left to the interpreter.
            let owed = payment.owed + u64::from(index);
            match (insn.op.format(), access) {
                (Format::Load, Some(known)) => self.load_storage(insn, at, owed, known),
                (Format::Store, Some(known)) => self.store_storage(insn, at, owed, known),
                (Format::Branch, _) => return self.branch(insn, at, node, owed),
                (Format::Jump, _) => {
                    self.link(insn.rd, at);
                    return self.go(node, at.wrapping_add_signed(insn.imm), owed + 1);
                }
                (Format::JumpReg, _) => return self.jump_reg(insn, at, owed),
                _ => self.compute(insn, at),
            }
        }
        self.go(node, block.end(), payment.owed + block.insns.len() as u64);
    }

    /// The tables of indirect targets, if anything goes there, and the end.
    fn finish(mut self, target: TargetFrontendConfig) {
        for kind in [Indirect::Returning, Indirect::Calling] {
            if let Some(switch) = self.switches[kind as usize] {
                self.switch(switch, kind);
            }
        }
        self.b.seal_all_blocks();
        self.b.finalize(target);
    }
}

/// The registers that are worth a variable: those named most often, loops counting for more.
fn variables(region: &Region) -> impl Iterator<Item = Reg> {
    let backward = |block: &Block| {
        let last = block.insns.last()?;
        let at = block.end() - 4;
        let loops = matches!(last.op.format(), Format::Branch | Format::Jump) && last.imm < 0;
        (loops && last.rd == Reg::ZERO).then(|| at.wrapping_add_signed(last.imm)..=at)
    };
    let loops: Vec<_> = region.blocks.values().filter_map(backward).collect();
    let mut weights = [0_u64; 32];
    for block in region.blocks.values() {
        let depth = loops.iter().filter(|extent| extent.contains(&block.at)).count();
        for insn in &block.insns {
            for reg in [insn.rd, insn.rs1, insn.rs2] {
                weights[reg.index()] += 1 << (3 * depth.min(6));
            }
        }
    }
    let mut order: Vec<Reg> =
        Reg::all().filter(|reg| *reg != Reg::ZERO && weights[reg.index()] > 0).collect();
    order.sort_by_key(|reg| std::cmp::Reverse(weights[reg.index()]));
    order.into_iter().take(VARIABLES)
}
