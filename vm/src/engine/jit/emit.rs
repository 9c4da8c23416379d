//! From a region to Cranelift's intermediate language: one line per instruction, and what exactness asks for
//! around them.
//!
//! The guest registers that matter most where control is are variables of one function, loaded where it gets there
//! and stored where it goes on elsewhere; the others stay on the stack between blocks. Whatever may trap, or
//! write what something was derived from, goes back to the interpreter *before* it has any effect; so does what
//! there may not be enough left for.

mod arithmetic;
mod division;
mod facts;
mod graph;
mod leave;
mod loops;
pub(super) mod marks;
mod memory;
mod payment;
mod product;
mod scopes;
mod stack;
mod transfer;

use super::frame::Exit;
use super::region::Region;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{self, AbiParam, InstBuilder, JumpTableData, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use division::Division;
use facts::{Fact, Facts};
use graph::{Graph, Node};
use leave::Ways;
use memory::Accesses;
use payment::Payment;
use pg32_isa::{Format, Insn, Reg};
use product::Product;
use scopes::{Regs, Scopes};
use stack::Kept;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use transfer::Indirect;
pub(super) use transfer::numbers_of_targets;

/// Makes `function` the translation of `region`, with these exits; see [`super::code::Compiler::call`] for its parameters.
pub(super) fn function(
    target: TargetFrontendConfig,
    function: &mut ir::Function,
    context: &mut FunctionBuilderContext,
    region: &Region,
    outside: Outside<'_>,
) -> Box<[Exit]> {
    function.signature.call_conv = target.default_call_conv;
    for parameter in [I64, I32] {
        function.signature.params.push(AbiParam::new(parameter));
    }
    let builder = FunctionBuilder::new(function, context);
    let graph = Graph::of(region);
    let mut emitter = Emitter::new(builder, region, &graph, &outside);
    emitter.enter(outside.at_hand);
    for node in graph.nodes() {
        emitter.node(node);
    }
    emitter.finish(target)
}

/// What a translation finds outside of itself.
pub(super) struct Outside<'a> {
    /// The closer look at a store: see [`marks`].
    pub(super) look: ir::FuncRef,
    /// What [`numbers_of_targets`] says, in memory.
    pub(super) numbers: Option<ir::GlobalValue>,
    /// Where to say where what it keeps on the stack is.
    pub(super) at_hand: &'a AtomicU64,
}

struct Emitter<'a> {
    b: FunctionBuilder<'a>,
    region: &'a Region,
    graph: &'a Graph<'a>,
    blocks: BTreeMap<Node, ir::Block>,
    /// The guest registers, where they are variables.
    x: [Variable; 32],
    scopes: Scopes,
    /// The scope of the block at hand.
    scope: usize,
    /// What the block at hand knows of the other registers.
    local: Locals,
    payments: BTreeMap<Node, Payment>,
    accesses: BTreeMap<Node, Accesses>,
    /// What the block at hand knows of values, and what others knew at their ends.
    facts: Facts,
    known: BTreeMap<Node, (Facts, Locals, Option<Value>)>,
    /// The products that were computed as a whole in the block at hand.
    products: Vec<Product>,
    /// The last dividend and divisor in the block at hand whose quotient was computed, and that.
    quotient: Option<(Division, Value)>,
    /// The instructions behind the one at hand in its block.
    behind: &'a [Insn],
    /// The node at hand.
    at_hand: Option<Node>,
    ways: Ways,
    /// Whether what it retires is settled already: what is left then differs from where others leave it, and a way out of
    /// its own costs less than to have both.
    settled: bool,
    exits: Vec<Exit>,
    /// By node: see [`scopes::rewritten`].
    rewritten: BTreeMap<Node, Regs>,
    /// Registers that are written again before what the instruction at hand writes to them need be stored.
    again: Regs,
    /// The register that it writes.
    writes: Reg,
    /// Instructions that may still retire, as far as settled.
    left: Variable,
    /// What is kept on the host's stack: see [`stack`].
    slot: ir::StackSlot,
    /// Where everything goes that leaves: see [`leave`].
    out: ir::Block,
    /// The host's address of the segment, in loops that are scopes.
    near_segment: Variable,
    /// The closer look at a store: see [`marks`].
    look: ir::FuncRef,
    /// See [`Outside::numbers`].
    numbers: Option<ir::GlobalValue>,
    /// The segment's elsewhere, once asked for: it keeps no register busy from there to where paths meet.
    address: Option<Value>,
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
    /// Whether the stack does not have it yet.
    ahead: bool,
}

impl<'a> Emitter<'a> {
    fn new(
        mut b: FunctionBuilder<'a>,
        region: &'a Region,
        graph: &'a Graph<'a>,
        outside: &Outside<'_>,
    ) -> Self {
        let top = b.create_block();
        b.append_block_params_for_function_params(top);
        b.switch_to_block(top);
        let out = b.create_block();
        b.set_cold_block(out);
        let slot = b.create_sized_stack_slot(stack::slot_data());
        let (left, near_segment) = (b.declare_var(I64), b.declare_var(I64));
        let x = std::array::from_fn(|_| b.declare_var(I32));
        let payments = payment::plan(graph);
        let blocks = payments.keys().map(|&node| (node, b.create_block())).collect();
        let scopes = Scopes::choose(region);
        let rewritten = scopes::rewritten(graph, &payments);
        Emitter {
            b,
            region,
            graph,
            blocks,
            x,
            ways: Ways::plan(graph, &scopes, &payments, &rewritten),
            at_hand: None,
            settled: false,
            exits: Vec::new(),
            scopes,
            scope: Scopes::OUTSIDE,
            local: [None; 32],
            accesses: memory::plan(graph, &payments),
            rewritten,
            payments,
            facts: Facts::default(),
            known: BTreeMap::new(),
            left,
            slot,
            out,
            look: outside.look,
            numbers: outside.numbers,
            near_segment,
            address: None,
            products: Vec::new(),
            quotient: None,
            behind: &[],
            again: Regs::default(),
            writes: Reg::ZERO,
            switches: [None; 2],
        }
    }

    /// The top: goes to the entry asked for, with its variables loaded.
    fn enter(&mut self, at_hand: &AtomicU64) {
        let top = self.b.current_block().expect("it was switched to");
        let (file, number) = (self.b.block_params(top)[0], self.b.block_params(top)[1]);
        self.fetch(file, at_hand);
        let entries = self.region.entries.iter();
        let targets: Vec<_> = entries.map(|&at| self.stub_into(Node::first(at))).collect();
        let blocks: Vec<ir::Block> = targets.iter().map(|&(block, _)| block).collect();
        self.table(number, blocks[0], &blocks);
        for target in targets {
            self.fill(target, 0);
        }
    }

    /// Whether `reg` is a variable in the block at hand.
    fn is_variable(&self, reg: Reg) -> bool {
        self.scopes.scope(self.scope).variables.has(reg)
    }

    /// Goes over to the scope numbered `to`: what is no variable there is stored, and what is none here is loaded.
    ///
    /// The register allocator judges by whole webs of values that flow into each other, and gives up on those that
    /// have been split twice. So nothing flows from scope to scope, not even what is a variable in both.
    fn change_scope(&mut self, to: usize) {
        if to == self.scope {
            return;
        }
        let (from, to) = (self.scopes.scope(self.scope), self.scopes.scope(to));
        for reg in (from.ahead & !to.variables).iter() {
            let value = self.b.use_var(self.x[reg.index()]);
            self.store_register(reg, value);
        }
        for reg in to.variables.iter() {
            let value = if from.variables.has(reg) {
                let value = self.b.use_var(self.x[reg.index()]);
                self.b.ins().iadd_imm_s(value, 0)
            } else {
                self.load_register(reg)
            };
            self.b.def_var(self.x[reg.index()], value);
        }
        let segment = self.kept(I64, Kept::SEGMENT);
        self.b.def_var(self.near_segment, segment);
        let left = self.b.use_var(self.left);
        let left = self.b.ins().iadd_imm_s(left, 0);
        self.b.def_var(self.left, left);
    }

    fn load_register(&mut self, reg: Reg) -> Value {
        self.kept(I32, Kept::register(reg))
    }

    fn store_register(&mut self, reg: Reg, value: Value) {
        self.keep(value, Kept::register(reg));
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
        if self.is_variable(reg) {
            return self.b.use_var(self.x[reg.index()]);
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
        if self.is_variable(reg) {
            self.b.def_var(self.x[reg.index()], value);
        } else if reg != Reg::ZERO {
            // If it must be stored anyhow, then now: nobody has to keep it for that.
            let ahead = self.again.has(reg);
            if !ahead {
                self.store_register(reg, value);
            }
            self.local[reg.index()] = Some(Local { value, ahead });
        }
    }

    /// Stores the registers that the stack does not have yet and that are no variables.
    fn store_locals(&mut self) {
        for reg in Reg::all() {
            if let Some(Local { value, ahead: true }) = self.local[reg.index()] {
                self.store_register(reg, value);
            }
        }
    }

    /// The end of a block: what goes on elsewhere finds registers on the stack or in variables.
    fn settle(&mut self) {
        self.store_locals();
        self.local = [None; 32];
    }

    /// The host's address of the segment.
    fn segment(&mut self) -> Value {
        if self.scope != Scopes::OUTSIDE {
            return self.b.use_var(self.near_segment);
        }
        match self.address {
            Some(address) => address,
            None => {
                let address = self.kept(I64, Kept::SEGMENT);
                *self.address.insert(address)
            }
        }
    }

    fn constant(&mut self, value: u32) -> Value {
        self.b.ins().iconst(I32, i64::from(value))
    }

    /// `B`, if it is known.
    fn known_base(&self) -> Option<u32> {
        self.region.bounds.map(|bounds| bounds.base)
    }

    fn base(&mut self) -> Value {
        match self.known_base() {
            Some(base) => self.constant(base),
            None => self.kept(I32, Kept::BASE),
        }
    }

    /// The physical address of virtual `address`.
    fn physical(&mut self, address: Value) -> Value {
        match self.known_base() {
            Some(base) => self.plus(address, base as i32),
            None => {
                let base = self.base();
                self.b.ins().iadd(address, base)
            }
        }
    }

    /// Makes what `reg` holds the virtual address of physical `at`.
    fn set_address(&mut self, reg: Reg, at: u32) {
        match self.known_base() {
            Some(base) => self.set_number(reg, at.wrapping_sub(base)),
            None => {
                let (at, base) = (self.constant(at), self.base());
                let address = self.b.ins().isub(at, base);
                self.set(reg, address);
            }
        }
    }

    /// Makes what `reg` holds `number`, which is then known.
    fn set_number(&mut self, reg: Reg, number: u32) {
        let value = self.constant(number);
        self.set(reg, value);
        self.facts[reg.index()] = Fact::Constant(number);
    }

    /// What may still retire once `owed` instructions are settled.
    fn left_after(&mut self, owed: u64) -> Value {
        let left = self.b.use_var(self.left);
        if owed == 0 {
            return left;
        }
        // Were it a sum, the compiler would make one of it and the next, and keep the first term for that.
        let owed = self.b.ins().iconst(I64, owed as i64);
        self.b.ins().isub(left, owed)
    }

    /// Settles `owed` instructions.
    fn settle_payment(&mut self, owed: u64) {
        self.settled = true;
        let left = self.left_after(owed);
        self.b.def_var(self.left, left);
    }

    fn node(&mut self, node: Node) {
        self.b.switch_to_block(self.blocks[&node]);
        let payment = self.payments[&node];
        (self.facts, self.local, self.address) =
            payment.only_from.and_then(|from| self.known.get(&from)).copied().unwrap_or_default();
        self.products.clear();
        self.quotient = None;
        self.scope = self.scopes.of(payment.only_from.unwrap_or(node).at);
        let scope = self.scopes.of(node.at);
        if scope != self.scope {
            self.settle();
            self.change_scope(scope);
            self.facts = facts::constants(&self.facts);
            self.address = None;
            self.scope = scope;
        }
        (self.at_hand, self.settled) = (Some(node), false);
        if let Some(needed) = payment.gate {
            let left = self.b.use_var(self.left);
            let short = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, needed as i64);
            self.leave_if(short, node.at, 0);
        }
        let accesses = self.accesses.remove(&node).expect("every node has them");
        let block = self.graph.block(node);
        for (index, (&insn, access)) in (0..).zip(block.insns.iter().zip(&accesses)) {
            let at = block.at + 4 * index;
            self.behind = &block.insns[index as usize + 1..];
            self.again = scopes::written(self.behind) | self.rewritten[&node];
            self.writes = insn.rd;
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

    /// The tables of indirect targets, if anything goes there, the way out, and the end; all exits.
    fn finish(mut self, target: TargetFrontendConfig) -> Box<[Exit]> {
        self.at_hand = None;
        for kind in [Indirect::Returning, Indirect::Calling] {
            if let Some(switch) = self.switches[kind as usize] {
                self.switch(switch, kind);
            }
        }
        self.fill_ways();
        self.put_back();
        self.b.seal_all_blocks();
        self.b.finalize(target);
        self.exits.into()
    }
}
