# Keeps a counter in its own storage, where nobody else can reach it, and prints its digits.
        .text
        .globl  _start
_start:
        la      s0, counter
again:
        lw      a0, 0(s0)
        addi    a0, a0, 1
        sw      a0, 0(s0)
        addi    a0, a0, '0'
        li      a7, 1
        ecall
        li      a7, 2
        ecall
        lw      a0, 0(s0)
        li      t0, 5
        blt     a0, t0, again
        li      a7, 0
        ecall

        .data
counter:
        .word   0
