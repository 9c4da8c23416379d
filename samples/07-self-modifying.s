# Self-modifying code: storage is uniform, so that a store is seen by the very next fetch.
#
# The loop writes a new instruction over the one right behind the store, sixteen times, and each time the new one
# is executed. There is no instruction cache to flush.

        .include "pg32.inc"

        .text
        .globl  _start
_start:
        li      s0, 16                  # rounds left
        li      s1, 0                   # what the patched instruction adds up
        la      s2, patched
        lw      s3, template
round:
        slli    t0, s0, 20              # the immediate of `addi` lies in bits 31..20
        or      t0, t0, s3
        sw      t0, 0(s2)
patched:
        ebreak                          # never executed: it is overwritten just before
        addi    s0, s0, -1
        bnez    s0, round
        addi    a0, s1, -136            # 16 + 15 + … + 1 = 136
        halt

        .data
template:
        addi    s1, s1, 0
