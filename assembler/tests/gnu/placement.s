# Alignments among code: without a fill they have no effect before data, and one before an instruction.
        .text
        .globl  initcode
initcode:
        .asciz  "/init"
        .byte   1
        .p2align 2
argv:   .long   initcode
        .long   argv
        .byte   1
        .align  2, 0
table:  .long   table
        .byte   1, 2
        .align  3
        nop
        .byte   1
        .balign 4, 0x12
        nop
        .option rvc
        .byte   1
        .align  2
        .option norvc
        .word   5
        .extern nobody
        .sect   .mine, "aw"
        .byte   3
        .align  2
        .word   .
        .text
        .ascii  "the end"
        .align  1
        .half   6
