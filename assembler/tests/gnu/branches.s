# Branches at and beyond their reach, to every kind of target.
        .text
_start: beq a0, a1, near
        beq a0, a1, edge
        bne a0, a1, beyond
        blt a0, a1, other
        bge a0, a1, weak
        beqz a0, _start
        bnez a0, 1f
        j 1f
1:      .space 2036
near:   nop
back:   .space 2032
edge:   nop
beyond: nop
        bltu a0, a1, back
        bgeu a0, a1, _start
        .space 2100
        bgeu a0, a1, back
        bnez a0, back
        .align 6
        beq a0, a1, after
        .space 4084
        .align 3
after:  beq a0, a1, 2f
        .rept 511
        beq a0, a1, 2f
        .endr
        .rept 520
        beq a0, a1, 2f
        .endr
2:      nop
        .weak weak
weak:   nop
        beq a0, a1, weak
        bne a0, a1, 8
        jal 16
        .section .text.other, "ax"
other:  nop
        beqz a0, _start
