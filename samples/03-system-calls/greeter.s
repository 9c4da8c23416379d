# An application: it runs in user mode, its addresses start at 0, and there is no storage but its own.

        .include "calls.inc"

        .text
        .globl  _start
_start:
        la      s0, text
again:
        lbu     a0, 0(s0)
        beqz    a0, count
        li      a7, CALL_PUT
        ecall
        addi    s0, s0, 1
        j       again
count:
        li      a0, 40
        li      a1, 2
        li      a7, CALL_ADD
        ecall                           # a0 = 42
        addi    a0, a0, -42             # so this is 0
        li      a7, CALL_EXIT
        ecall

        .section .rodata
text:
        .asciz  "Hello, kernel.\n"
