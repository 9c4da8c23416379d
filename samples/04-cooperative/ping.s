# Prints `p` four times and yields after each.
        .text
        .globl  _start
_start:
        li      s0, 4
again:
        li      a0, 'p'
        li      a7, 1
        ecall
        li      a7, 2
        ecall
        addi    s0, s0, -1
        bnez    s0, again
        li      a7, 0
        ecall
