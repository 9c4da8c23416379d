# A trap taken and returned from: ecall, a handler of three instructions, lpsw.
        .set    COUNT, 10000000
        .org    0x20
        .word   0, 0, 0xffffffff, handler, 0
        .org    0x80
        li      t0, COUNT
again:  ecall
        addi    t0, t0, -1
        bnez    t0, again
        li      a0, 0
        .insn r CUSTOM_0, 2, 0, x0, x0, x0      # halt
handler:
        lw      t1, 12(x0)
        addi    t1, t1, 4
        sw      t1, 12(x0)
        .insn i CUSTOM_0, 0, x0, x0, 0          # lpsw 0(x0)
