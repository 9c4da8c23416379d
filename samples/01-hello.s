# Console output: the smallest guest that does something one can see.
#
# A machine starts at _start in supervisor mode, with B = 0 and L = the size of storage, so that virtual and
# physical addresses are the same. Nothing here has to trap, and on the bare machine nothing does. Under a
# monitor every `out` and the `halt` trap, because the guest is really in user mode; it cannot tell.

        .include "pg32.inc"             # names for slots, causes and ports

        .text
        .globl  _start
_start:
        la      s0, message
next:
        lbu     a1, 0(s0)
        beqz    a1, done                # the text ends with a zero byte
        out     a1, PORT_CONSOLE(zero)
        addi    s0, s0, 1
        j       next
done:
        li      a0, 0                   # by convention a0 is the exit status
        halt

        .section .rodata
message:
        .asciz  "Hello from the real machine, or so I believe.\n"
