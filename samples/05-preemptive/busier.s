# Works more and prints less. Its sum depends on every instruction, so that a lost one would show.
        .text
        .globl  _start
_start:
        li      s0, 0
        li      s1, 200
work:
        mul     t0, s1, s1
        add     s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, work
        li      s2, 28                  # the sum, as hexadecimal digits
digit:
        srl     a0, s0, s2
        andi    a0, a0, 15
        li      t0, 10
        bltu    a0, t0, decimal
        addi    a0, a0, 'A'-'0'-10
decimal:
        addi    a0, a0, '0'
        li      a7, 1
        ecall
        addi    s2, s2, -4
        bgez    s2, digit
        li      a7, 0
        ecall
