# Operands that do not fit.
        addi    a0, a1
        add     a0, a1, a2, a3
        addi    a0, a0, 5000
        slli    a0, a0, 32
        lui     a0, 0x12345678
        lw      a0, 4[sp]
        lw      a0, sp
        lw      a0, 8
        sw      4(sp), a0
        sw      a0, value
        li      a0, #5
        li      a0, (1 + 2
        li      a0, 12h
        add     a0 a1, a2
        mul     a0, a1, 3
        addi    a0, a1, %hi(value)
        .data
value:  .word   1 / 0
        .byte   300
        .asciz  hello
        .asciz  "open
