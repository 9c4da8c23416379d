# Data, alignment, sections and symbols.
        .text
_start: nop
        .align 3
        nop
        .balign 16
        .p2align 4,,15
        .p2align 5,,3
        # GNU as ignores `.align 2` in code, even behind odd bytes; here it aligns, and the sources agree on `.align 3`.
        .byte 1
        .align 3
        nop
        .section .rodata
text:   .ascii "a\tb\\\"\101\x41\n", "second"
        .asciz "zero", "two"
        .string "joined" " together"
        .byte 'a', '\n', 'b', -1, 255, ~0 & 0xff
        .half 0x1234, -2
        .2byte 1
        .4byte text
        .8byte -2
        .quad 0x1122334455667788
        .align 2
        .word 1 + 2 * 3, (1 + 2) * 3, 7 / 2, -7 / 2, 7 % 4, 1 << 3, 0x80 >> 3
        .word 1 | 2 + 4, 6 & 3, 6 ^ 3, ~5, !5, !0, 1 ! 2
        .word 1 == 1, 1 != 1, 2 < 3, 2 > 3, 2 <= 2, 3 >= 4, 1 <> 2
        .word 1 && 0, 1 || 0, 2 && 3, -1 < 0
        .word 0x10, 010, 0b101, 'x'
        .uleb128 0
        .uleb128 127
        .uleb128 128
        .uleb128 624485
        .sleb128 0
        .sleb128 -1
        .sleb128 63
        .sleb128 64
        .sleb128 -64
        .sleb128 -65
        .sleb128 -123456
        .fill 3, 2, 0x1234
        .fill 2
        .fill 2, 4
        .fill 1, 8, 0x11223344
        .space 5, 0xaa
        .zero 3
        .skip 2
        .balign 8, 0x55
        .balignw 8, 0x1234
        .p2alignl 4, 0x12345678
        .org 0x200
        .byte 7
        .org text + 0x220, 0xee
        .org . + 8
        .set x, 5
        .word x
        .set x, x + 1
        .word x
        .equ y, later
        .word y
y2 = later + 4
        .word y2
        .data
start:  .word 1
        .pushsection .rodata
        .byte 0xdd
        .popsection
        .word 2
end:
        .previous
        .byte 0xcc
        .previous
later:  .word later, end - start
        .section .data.more, "aw", @progbits
        .word 3
        .section .text.more, "ax", @progbits
        nop
        .byte 1
        .balign 8
        nop
        .section .sdata, "aw"
        .byte 9
        .bss
        .align 4
        .space 20
        .comm shared, 12, 8
        .lcomm mine, 4
        .local hidden
        .comm hidden, 4, 4
        .text
        la a0, shared
        la a0, mine
        la a0, hidden
        .weak nobody
        la a0, nobody
        call nobody
        lw a1, nobody
        .word nobody
