# Works, and prints a letter now and then. It never yields.
        .text
        .globl  _start
_start:
        li      s0, 'a'
next_letter:
        li      s1, 40
work:
        addi    s1, s1, -1
        bnez    s1, work
        mv      a0, s0
        li      a7, 1
        ecall
        addi    s0, s0, 1
        li      t0, 'h'
        bne     s0, t0, next_letter
        li      a7, 0
        ecall
