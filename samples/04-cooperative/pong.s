# Prints `q` twice and yields after each.
        .text
        .globl  _start
_start:
        li      s0, 2
again:
        li      a0, 'q'
        li      a7, 1
        ecall
        li      a7, 2
        ecall
        addi    s0, s0, -1
        bnez    s0, again
        li      a7, 0
        ecall
