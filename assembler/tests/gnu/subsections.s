# Numbered parts of sections, joined in their order; branches between them; `.struct`; names of sections as symbols.
        .text 1
nop
.text 0
addi a0,a0,1
.text 2
addi a0,a0,2
.subsection 1
addi a0,a0,3
.data 1
.word 1
.data
.word 2
.section .rodata
.word 5
.subsection 3
.word 6
.previous
.word 7
.subsection 0
.word 8
        .text
near:   beq     a0, a1, later
        .subsection 1
later:  nop
        .space  3000
        .text
        .space  2000
        beq     a0, a1, later
        .pushsection .text, 2
        addi    a0, a0, 9
        .popsection
        .section .mine, "ax"
        nop
        .subsection 1
        addi    x1, x1, 1
        .section .mine
        addi    x2, x2, 2
        .pushsection .mine, 1, "ax"
        addi    x3, x3, 3
        .popsection
        .struct 0
first:  .struct first + 4
second: .space  3
        .align  2
third:
        .text
        .word   first, second, third
        .word   .text, .data, .mine
        .data   1
        .byte   1
        .align  2
        .word   2
