# JRST 1: a kernel leaves supervisor mode, and its monitor never sees it go.
#
# On the PDP-10, JRST 1 ("return to user") did in user mode what it did in supervisor mode: it executed. Here
# `retu` does. A kernel under trap-and-emulate is really in user mode, so its `retu` executes without a trap, and
# the monitor goes on believing that the virtual machine is in supervisor mode. The application's `halt` then
# traps, as it should; but the monitor takes it for the kernel's own and carries it out, instead of reflecting
# the trap to the kernel.
#
# `retu` changes M: it is control-sensitive in supervisor mode, and not privileged. In user mode it changes
# nothing that counts, so it is not user-sensitive: a hybrid monitor, which interprets the kernel, sees it go.
#
#: memory = "4K"
#: profiles = ["pdp10"]
#: diverges = ["pdp10/trap-and-emulate"]
#: exit = 0

        .include "pg32.inc"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, trap, 0

        .text
        .globl  _start
_start:
        rdl     t0
        sw      t0, PSW_NEW+PSW_L(zero)
        la      t0, application
        retu    t0                      # off into user mode

application:
        li      a0, 1
        halt                            # not an application's to say: traps

trap:
        li      a0, 0                   # it did
        halt
