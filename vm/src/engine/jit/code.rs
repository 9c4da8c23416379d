//! Compiled code: Cranelift's module that holds it, and the one call into it.
//!
//! This is the only place with `unsafe`: executing memory that a compiler filled.

use super::emit;
use super::region::Region;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context as FunctionContext, isa::TargetIsa};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Module, default_libcall_names};
use std::fmt;
use std::sync::Arc;

/// What translated code is called with: where things are, and where it leaves what it found out. Its fields
/// are read and written by generated code, by their offsets.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Frame {
    /// The registers; in and out.
    pub(super) x: [u32; 32],
    /// The host's address of the segment.
    pub(super) segment: *mut u8,
    /// Bytes in the segment.
    pub(super) length: u64,
    /// The host's address of the marks of [`crate::engine::interpreter::Cache`].
    pub(super) marks: *const u32,
    /// Instructions that may still retire; in and out.
    pub(super) left: u64,
    /// `B`.
    pub(super) base: u32,
    /// The PC, out.
    pub(super) pc: u32,
    /// Physical address of the indirect jump that led out of the region, plus 1; 0 if none did.
    pub(super) left_by: u32,
}

/// Generated code: a frame, and the number of the entry.
type Function = unsafe extern "C" fn(*mut Frame, u32);

/// A translation: to be called through [`Compiler::call`] of the compiler that made it.
#[derive(Clone, Copy)]
pub(super) struct Code(Function);

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
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiler")
    }
}

fn host() -> Option<Arc<dyn TargetIsa>> {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "speed"),
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
        let module = JITModule::new(JITBuilder::with_isa(host()?, default_libcall_names()));
        Some(Compiler {
            context: module.make_context(),
            module: Some(module),
            builder: FunctionBuilderContext::new(),
        })
    }

    /// Compiles `region`; `None` if the compiler refuses.
    pub(super) fn compile(&mut self, region: &Region) -> Option<Code> {
        let module = self.module.as_mut()?;
        module.clear_context(&mut self.context);
        emit::function(module.target_config(), &mut self.context.func, &mut self.builder, region);
        let id = module.declare_anonymous_function(&self.context.func.signature).ok()?;
        if let Err(error) = module.define_function(id, &mut self.context) {
            debug_assert!(false, "{error:?}");
            return None;
        }
        module.finalize_definitions().ok()?;
        let address = module.get_finalized_function(id);
        // SAFETY: the address is that of a finalized function whose signature `emit` has built: a pointer and
        // a 32-bit number in, nothing out, the host's C convention.
        Some(Code(unsafe { std::mem::transmute::<*const u8, Function>(address) }))
    }

    /// Executes `code`, which this compiler made, from its entry number `entry` on.
    pub(super) fn call(&self, code: Code, frame: &mut Frame, entry: u32) {
        // SAFETY: `code` lies in `self.module`, which is alive. It accesses the frame;
        // the segment within `frame.length`, which it checks on every access; and the marks of
        // physical addresses that lie in the segment. The caller made the frame from slices that it holds
        // exclusively until this returns (`Frame`'s `segment` and `marks`).
        unsafe { (code.0)(frame, entry) }
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
