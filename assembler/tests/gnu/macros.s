# Macros, repetitions and conditions.
        .macro load reg, value=5, more
        li \reg, \value
        .ifnb \more
        addi \reg, \reg, \more
        .endif
        .endm
        .macro many first, rest:vararg
        .word \first
        .ifnb \rest
        many \rest
        .endif
        .endm
        .macro unique
here\@: .word here\@
        .endm
        .macro name prefix, suffix
\prefix\()_\suffix: .word 1
        .endm
        .macro need a:req, b:req
        .word \a + \b
        .endm
        .macro store off, base
        sw a0, \off(\base)
        .endm
        .macro text string
        .ascii "\string"
        .asciz "\string!"
        .endm
        .macro outer
        .macro inner
        .word 77
        .endm
        inner
        .endm
        .macro leave n
        .word 1
        .if \n
        .exitm
        .endif
        .word 2
        .endm
        .text
_start: load a0
        load a1, 7
        load a2, 7, 1
        load more=3, reg=a3
        load a4 value=9
        store 4, sp
        store 4+4 , sp
        store (4 + 4), sp
        .data
        many 1, 2, 3, 4
        unique
        unique
        name foo, bar
        name foo, baz
        .word foo_bar, foo_baz
        need 1, 2
        need b=5, a=6
        text hello
        text "two words"
        .align 2
        outer
        leave 0
        leave 1
        .rept 3
        .word 9
        .rept 2
        .byte 1
        .endr
        .endr
        .align 2
        .irp x, 1, 2, 3
        .word \x
        .endr
        .irpc c, 123
        .byte \c
        .endr
        .irp r, a0, a1
        .pushsection .text
        mv \r, zero
        .popsection
        .endr
        .align 2
        .set flag, 1
        .if flag == 1
        .word 11
        .else
        .word 12
        .endif
        .if flag - 1
        .word 13
        .elseif flag
        .word 14
        .else
        .word 15
        .endif
        .ifdef flag
        .word 16
        .endif
        .ifndef nothing
        .word 17
        .endif
        .ifc a b, a b
        .word 18
        .endif
        .ifnc one, two
        .word 19
        .endif
        .ifeqs "x", "x"
        .word 20
        .endif
        .ifgt 1
        .word 21
        .endif
        .ifle 1
        .word 22
        .endif
        .if 0
        .if 1
        .word 23
        .else
        .word 24
        .endif
        garbage here ! @ $ %
        .endif
1:      .word 1b, 1f
1:      .word 1b, 1f - 1b
1:
