# Sections that do not fit where they are.
        .section .trap
        .space  0x90
        .place  .table, 0x84
        .section .table, "a"
        .word   1, 2
        .text
        nop
        nop
        .org    4
        .balign 6
        .bss
        .word   1
        .popsection
        .section .mine, "rw"
