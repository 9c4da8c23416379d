# Fills its segment of 256 bytes from the end of its code on, and does not stop at the limit.
        .text
        .globl  _start
_start:
        la      s0, end
        li      t0, 0x5a
fill:
        sb      t0, 0(s0)
        addi    s0, s0, 1
        j       fill
end:
