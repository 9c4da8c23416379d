# What other machines and other RISC-Vs have, and slips that a first glance does not see.
        fadd.s  fa0, fa1, fa2
        lr.w    a0, (a1)
        amoswap.w a0, a1, (a2)
        c.addi  a0, 1
        sfence.vma
        addi    a0, a0, #5
        sw      a0, 4(sp
        bgt     a0, 5, again
        .if     FOO
        .endif
        .macro  twice reg
        add     \reg, \reg, \rag
        .endm
        twice   a0
        lui     a0, a1
        call    a7
        .byte   "abc"
        beq     a0, a1, agian
        .reloc  0, R_RISCV_32, again
        .globl  _strat
again:  nop
        .asciz  "text"
        .align  16
        .section .vectors
        .word   1
        .option rvc
