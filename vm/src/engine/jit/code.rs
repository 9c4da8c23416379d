//! Compiled code: Cranelift's module that holds it, and the one call into it.
//!
//! This is the only place with `unsafe`: executing memory that a compiler filled.

use super::emit;
use super::frame::{self, Exit, Outcome, Surroundings};
use super::region::Region;
use crate::Registers;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context as FunctionContext, isa::TargetIsa};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{DataDescription, FuncId, Module, default_libcall_names};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Generated code: the registers with what [`super::frame`] put beside them, and the number of the entry.
type Function = unsafe extern "C" fn(*mut Registers, u32);

/// A translation: to be called through [`Compiler::call`] of the compiler that made it.
pub(super) struct Code {
    function: Function,
    exits: Box<[Exit]>,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// The compiler, and the memory that all of its code lies in.
pub(super) struct Compiler {
    /// `None` once dropped.
    module: Option<JITModule>,
    context: FunctionContext,
    builder: FunctionBuilderContext,
    /// What all translations call: see [`emit::marks`].
    look: FuncId,
    /// The host's address of what the translation at hand keeps on the stack, for it to find.
    at_hand: Box<AtomicU64>,
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiler")
    }
}

fn host() -> Option<Arc<dyn TargetIsa>> {
    let mut flags = settings::builder();
    for (name, value) in [
        // Its mid-end moves computations to where they are used, and keeps alive what they are computed from.
        ("opt_level", "none"),
        ("regalloc_algorithm", "backtracking"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ("unwind_info", "false"),
    ] {
        flags.set(name, value).ok()?;
    }
    cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()
}

impl Compiler {
    /// A compiler for this host; `None` if Cranelift does not know it.
    pub(super) fn new() -> Option<Self> {
        // Generated code addresses storage and registers with 64-bit little-endian pointers.
        if cfg!(not(all(target_pointer_width = "64", target_endian = "little"))) {
            return None;
        }
        let mut module = JITModule::new(JITBuilder::with_isa(host()?, default_libcall_names()));
        let (mut context, mut builder) = (module.make_context(), FunctionBuilderContext::new());
        let look = module.declare_anonymous_function(&emit::marks::signature()).ok()?;
        let at_hand = Box::new(AtomicU64::new(0));
        emit::marks::look(module.target_config(), &mut context.func, &mut builder, &at_hand);
        module.define_function(look, &mut context).ok()?;
        Some(Compiler { context, module: Some(module), builder, look, at_hand })
    }

    /// Compiles `region`; `None` if the compiler refuses.
    pub(super) fn compile(&mut self, region: &Region) -> Option<Code> {
        let module = self.module.as_mut()?;
        module.clear_context(&mut self.context);
        let look = module.declare_func_in_func(self.look, &mut self.context.func);
        // Code may lie too far from it for a short call.
        self.context.func.dfg.ext_funcs[look].colocated = false;
        let numbers = match emit::numbers_of_targets(region) {
            Some(bytes) => {
                let mut data = DataDescription::new();
                data.define(bytes.into_boxed_slice());
                let id = module.declare_anonymous_data(false, false).ok()?;
                module.define_data(id, &data).ok()?;
                Some(module.declare_data_in_func(id, &mut self.context.func))
            }
            None => None,
        };
        let exits = emit::function(
            module.target_config(),
            &mut self.context.func,
            &mut self.builder,
            region,
            emit::Outside { look, numbers, at_hand: &self.at_hand },
        );
        let id = module.declare_anonymous_function(&self.context.func.signature).ok()?;
        if let Err(error) = module.define_function(id, &mut self.context) {
            debug_assert!(false, "{error:?}");
            return None;
        }
        module.finalize_definitions().ok()?;
        let address = module.get_finalized_function(id);
        // SAFETY: the address is that of a finalized function whose signature `emit` has built: a pointer and
        // a 32-bit number in, nothing out, the host's C convention.
        let function = unsafe { std::mem::transmute::<*const u8, Function>(address) };
        Some(Code { function, exits })
    }

    /// Executes `code`, which this compiler made, from its entry number `entry` on.
    pub(super) fn call(
        &self,
        code: &Code,
        entry: u32,
        registers: &mut Registers,
        around: Surroundings<'_>,
    ) -> Outcome {
        frame::enter(registers, around);
        // SAFETY: `code` lies in `self.module`, which is alive. It accesses `registers` and its own frame, and so does what it
        // calls, by way of `self.at_hand`; the segment within its length, which it checks on every access; and the marks of
        // physical addresses that lie in the segment.
        // `around` borrowed the segment exclusively and the marks until just now, the caller holds them until
        // this returns, and nothing else runs meanwhile.
        unsafe { (code.function)(registers, entry) }
        frame::leave(registers, &code.exits)
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: `Code` is only ever called through `call` of a live compiler, so that nothing executes
            // or will execute what is freed here.
            unsafe { module.free_memory() }
        }
    }
}
