# A system call in every thousand instructions or so: ecall, a handler of three instructions, lpsw.
        .set    COUNT, 1000000
        .org    0x20
        .word   0, 0, 0xffffffff, handler, 0
        .org    0x80
        li      s0, COUNT
        li      s5, 0x10000
        li      s6, 0x20000
again:  li      t2, 90
        mv      s2, s5
1:      lbu     a1, 0(s2)
        xor     a2, a1, a0
        andi    a2, a2, 255
        slli    a2, a2, 2
        add     a2, a2, s6
        lw      a3, 0(a2)
        srli    a0, a0, 8
        xor     a0, a0, a3
        addi    s2, s2, 1
        addi    t2, t2, -1
        bnez    t2, 1b
        ecall
        addi    s0, s0, -1
        bnez    s0, again
        li      a0, 0
        .insn r CUSTOM_0, 2, 0, x0, x0, x0      # halt
handler:
        lw      t1, 12(x0)
        addi    t1, t1, 4
        sw      t1, 12(x0)
        .insn i CUSTOM_0, 0, x0, x0, 0          # lpsw 0(x0)
