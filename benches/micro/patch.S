# A loop that writes an instruction of its own before each execution of it.
        .set    COUNT, 10000000
        .org    0x80
        li      t0, COUNT
        la      t1, patched
        lw      t2, 0(t1)
again:  sw      t2, 0(t1)
        addi    t0, t0, -1
patched: addi   t3, t3, 1
        bnez    t0, again
        li      a0, 0
        .insn r CUSTOM_0, 2, 0, x0, x0, x0
