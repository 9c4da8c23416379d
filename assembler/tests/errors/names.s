# Names that are not there, and what was probably meant.
        addd    a0, a0, a1
        mov     a0, a1
        csrr    a0, mstatus
        .algin  2
        add     a0, a1, a9
        addi    r1, r2, 1
loop    addi    a0, a0, 1
        j       lopo
loop_:  lui     a0, %high(loop_)
        j       loop_
        call    hanlder
handler:
        jr      1b
        beqz    a0, 2f
