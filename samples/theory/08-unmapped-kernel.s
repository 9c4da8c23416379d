# The MIPS story: equivalent on every monitor, and slow on those that trap.
#
# A MIPS kernel is linked into segments that bypass the mapping of addresses, so that in user mode each of its
# loads, stores and fetches traps. Nothing is wrong with that: every sensitive instruction is privileged, and the
# condition of Theorem 1 holds. What suffers is the paper's third property, efficiency. This kernel of `pg` does
# all its work through `lwp` and `swp`; of its steps, more than half trap and are emulated.
#
#: memory = "4K"
#: exit = 0

        .include "pg32.inc"

        .equ    WORDS, 64               # a multiple of 4

        .text
        .globl  _start
_start:
        la      s0, source
        li      t0, WORDS
        li      t1, 0x1234
fill:
        swp     t1, 0(s0)
        addi    t1, t1, 0x77
        swp     t1, 4(s0)
        addi    t1, t1, 0x77
        addi    s0, s0, 8
        addi    t0, t0, -2
        bnez    t0, fill

# Copies four words at a time, again and again: twelve instructions, of which eight are privileged.
        li      s2, 50
again:
        la      s0, source
        la      s1, copy
        li      s3, WORDS/4
four:
        lwp     t0, 0(s0)
        swp     t0, 0(s1)
        lwp     t0, 4(s0)
        swp     t0, 4(s1)
        lwp     t0, 8(s0)
        swp     t0, 8(s1)
        lwp     t0, 12(s0)
        swp     t0, 12(s1)
        addi    s0, s0, 16
        addi    s1, s1, 16
        addi    s3, s3, -1
        bnez    s3, four
        addi    s2, s2, -1
        bnez    s2, again

# a0 = 0 if the copy is one.
        li      a0, 0
        la      s0, source
        la      s1, copy
        li      s3, WORDS
check:
        lwp     t0, 0(s0)
        lwp     t1, 0(s1)
        xor     t0, t0, t1
        or      a0, a0, t0
        addi    s0, s0, 4
        addi    s1, s1, 4
        addi    s3, s3, -1
        bnez    s3, check
        snez    a0, a0
        halt

        .bss
        .balign 4
source:
        .space  4*WORDS
copy:
        .space  4*WORDS
