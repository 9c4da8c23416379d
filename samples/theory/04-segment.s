# A segment that is never set: the other half of ARMv7's MSR.
#
# On the `arm` profile `setr` is ignored in user mode. The kernel shortens its own segment, to catch a wild load
# that is to come; under trap-and-emulate the segment stays as it was, and the load goes through.
#
# `setr` is control-sensitive in supervisor mode and not privileged. Interpreted, it does what it should: a hybrid
# monitor is enough.
#
#: memory = "4K"
#: profiles = ["arm"]
#: diverges = ["arm/trap-and-emulate"]
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
        la      t1, end
        setr    zero, t1                # B = 0, L = end
        li      a0, 1
        lw      t2, 0(t1)               # the first word behind the segment: traps
        halt

trap:
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        srli    t0, t0, 8
        addi    a0, t0, -CAUSE_MEMORY
        halt                            # a0 = 0: a memory trap
end:
