# Echo of the input tape: `in` from port 0 yields the next byte, or -1 at the end of the tape.
#
# Port 1 says how many bytes are left; the guest checks that it goes down with every byte read.
#: input = "What goes in\nmust come out.\n"

        .include "pg32.inc"

        .text
        .globl  _start
_start:
        in      s0, PORT_STATUS(zero)   # bytes on the tape
        li      s1, 0                   # bytes read
next:
        in      a1, PORT_CONSOLE(zero)
        bltz    a1, end
        out     a1, PORT_CONSOLE(zero)
        addi    s1, s1, 1
        in      t0, PORT_STATUS(zero)
        add     t0, t0, s1
        beq     t0, s0, next
        li      a0, 1                   # the count is wrong
        halt
end:
        li      a0, 0
        halt
