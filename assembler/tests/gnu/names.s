# Names: in quotes, of registers, with dollars, beyond ASCII; labels that live between two others; the case of mnemonics.
        .globl  a0
a0:     .word   a0
        call    a0
        j       sp
        beq     a0, a1, a0
        la      t0, sp
        lui     t1, %hi(a0)
        lw      t1, %lo(a0)(t1)
        sw      t1, %lo(sp)(t1)
sp:     nop
"my sym": nop
        .word   "my sym"
        .globl  "my sym"
        j       "my sym"
        la      a0, "my sym"
        .set    "other one", 5
        .word   "other one"
$x:     nop
a$b:    nop
        .word   $x, a$b
1$:     nop
        j       1$
next:
        j       1$
1$:     nop
        bnez    a0, 1$
héllo:  .word   héllo
        .set    变量, 4
        .word   变量
        NOP
        Li      a0, 5
        .WORD   7
        .macro  Twice a
        .word   \a, \a
        .endm
        twice   1
        TWICE   2
        .weakref alias, here
        call    alias
here:   ret
        .weakref nobody, nothing
        call    nobody
        .eqv    eqv, here + 4
        .word   eqv
