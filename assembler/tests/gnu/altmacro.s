# The alternate macro syntax.
        .altmacro
.macro alt1m a, b=3
LOCAL x, y
x: .word \a, b
y: .word x, y
.endm
alt1m 1
alt1m 2, %(3+4)
alt1m %3*4

.macro alt2s t
.ascii "&t"
.endm
alt2s <hi there>
alt2s <a!>b>
alt2s x

.macro alt3s t
.ascii "t x"
.endm
alt3s x

.macro alt4m v
.irp x, <1>, <2>, %1+2
.word x + v
.endr
.endm
alt4m 6

.macro gen n
LOCAL l
l: .word n
lab&n&x: .word l
.if n
gen %n-1
.endif
.endm
gen 3

.macro alt6m a
 .word a+1
 addi a0, a0, a
.endm
alt6m 5
        .noaltmacro
        .macro  plain a
        .ascii  "a \a"
        .endm
        plain   b
        .rept   3
        nop
        .exitm
        .endr
        .macro  leave a
        .if     \a
        .exitm
        .endif
        nop
        .endm
        leave   1
        leave   0
