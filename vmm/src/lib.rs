//! The paper's control program: a virtual machine monitor over any [`Machine`](pg32_vm::Machine).
//!
//! Popek and Goldberg's three parts are three modules: the [`dispatcher`] decides what each trap asks for, the
//! [`allocator`] hands out windows of storage, and the [`interpreter`] holds one routine per privileged
//! instruction. [`map`] is their map f from the virtual machine to the real one, and its left inverse.
//!
//! A monitor uses its machine as a supervisor program could: it puts its own new PSW into slot 1, lets the
//! processor run, and finds the old PSW in slot 0 when a trap has brought control back. The machine has no
//! other entry for it. A virtual machine is a machine again, so that monitors stack.

#![forbid(unsafe_code)]

pub mod allocator;
pub mod dispatcher;
mod guest;
pub mod interpreter;
pub mod map;
mod policy;
mod stats;
mod virtual_machine;
mod virtual_processor;
mod vmm;

pub use guest::{Guest, GuestId, GuestSpec};
pub use policy::{Monitor, Policy, Way};
pub use stats::Stats;
pub use virtual_machine::VirtualMachine;
pub use virtual_processor::VirtualProcessor;
pub use vmm::{Host, NoRoom, Vmm};
