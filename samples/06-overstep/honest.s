# Prints the word that its segment begins with a few times, to show that nobody changed it.
        .text
        .globl  _start
_start:
        j       start
mine:
        .ascii  "ok. "
start:
        li      s1, 3
round:
        la      s0, mine
        addi    s2, s0, 4
letter:
        lbu     a0, 0(s0)
        li      a7, 1
        ecall
        addi    s0, s0, 1
        bltu    s0, s2, letter
        addi    s1, s1, -1
        bnez    s1, round
        li      a7, 0
        ecall
