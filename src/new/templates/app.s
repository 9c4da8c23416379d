# An application: it runs in user mode, its addresses start at 0, and there is no storage but its own.
# A call is an ecall with a byte to print in a0; a byte of 0 ends the program.

        .text
        .globl  _start
_start:
        la      s0, text
next:
        lbu     a0, 0(s0)
        ecall
        addi    s0, s0, 1
        j       next

        .section .rodata
text:
        .asciz  "Hello from an application.\n"
