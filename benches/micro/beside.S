# A variable in the middle of the loop that writes it: no code changes, but nearly.
        .set    COUNT, 100000000
        .org    0x80
        li      t0, COUNT
        la      t1, counter
        j       again
counter: .word  0
again:  sw      t0, 0(t1)
        addi    t0, t0, -1
        bnez    t0, again
        li      a0, 0
        .insn r CUSTOM_0, 2, 0, x0, x0, x0
