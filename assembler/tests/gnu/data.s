# The less usual directives for data.
        .data
        .octa   0x0123456789abcdef0123456789abcdef, 5, -1
        .string8 "abc"
        .string16 "abc", "d"
        .string32 "ab"
        .string64 "a"
        .dc     1, 2
        .dc.b   1, 2, 3
        .dc.w   0x1234
        .dc.l   0x12345678
        .dc.a   x
x:
        .dc.s   1.5
        .dc.d   2.5
        .dcb    3, 5
        .dcb.b  2, 6
        .dcb.w  2, 7
        .dcb.l  2, 0x01020304
        .ds     3
        .ds.b   3
        .ds.w   2, 0x1234
        .ds.l   2, 7
        .ds.s   2
        .ds.d   1
        .ds.p   1
        .ds.x   1
        .byte   1
        .comm   b, 4
        .comm   a, 8, 32
        .comm   c, 10
        .lcomm  q, 3
        .lcomm  r, 9
        .local  z
        .comm   z, 33
        .local  y
        .comm   y, 2, 16
        .bss
        .byte   0
        .data
        .word   a, b, c, q, r, z, y
        .text
        .insn   r4 MADD, 0, 0, a0, a1, a2, a3
        .insn   r CUSTOM_3, 1, 2, a0, a1, a2
        jalr    a0, 4
