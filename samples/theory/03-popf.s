# POPF: an instruction that should drop a privilege, and in silence does nothing.
#
# On IA-32, POPF in user mode leaves the flags that matter as they are, and says nothing; on ARMv7, so do CPS and
# MSR. Here `setm` is ignored in user mode. A kernel under trap-and-emulate is really in user mode: its `setm`
# neither executes nor traps. From then on the machine that the kernel believes in is in user mode, and the one
# that the monitor keeps for it is not.
#
# `setm` is control-sensitive in supervisor mode, and not privileged. In user mode it does nothing, on any
# machine alike, so it is not user-sensitive: a hybrid monitor, which interprets the kernel, carries it out.
#
#: memory = "4K"
#: profiles = ["arm", "x86"]
#: diverges = ["*/trap-and-emulate"]
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
        li      t0, MODE_U
        setm    t0                      # drops the privilege to do what follows
        li      a0, 1
        halt                            # traps

trap:
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        srli    t0, t0, 8
        addi    a0, t0, -CAUSE_PRIVILEGED
        halt                            # a0 = 0: a privileged operation, in user mode
