# Every form of every instruction that GNU as knows for RV32IM.
        .text
        .globl _start
_start: lui a0, 0xfffff
        lui a0, %hi(data)
        auipc a0, 1
        addi a0, a0, -2048
        addi a0, a0, 0xffffffff
        addi a0, a0, %lo(data + 4)
        add a0, a1, 3
        and a0, a1, 0x7ff
        or a0, a1, -1
        xor a0, a1, 1
        sll a0, a1, 31
        srl a0, a1, 1
        sra a0, a1, 2
        slt a0, a1, 5
        sltu a0, a1, 5
        slti t0, t1, -3
        sltiu t0, t1, 3
        slli x5, x6, 4
        jal foo
        jal t0, foo
        jal x0, foo
        jalr a0
        jalr a0, a1
        jalr a0, a1, 4
        jalr a0, 4(a1)
        jalr 8(a1)
        jalr a0, (a1)
        jr a1
        jr 4(a1)
        jr a1, 4
        j foo
        ret
        call foo
        call t0, foo
        call foo + 8
        tail foo
        jump foo, t2
        beq a0, a1, foo
        beqz a0, foo
        bnez a0, foo
        blez a0, foo
        bgez a0, foo
        bltz a0, foo
        bgtz a0, foo
        bgt a0, a1, foo
        ble a0, a1, foo
        bgtu a0, a1, foo
        bleu a0, a1, foo
        bltu a0, a1, _start
        bgeu a0, a1, . + 8
        lb a0, (a1)
        lh a0, -4(a1)
        lw a0, 0xfffff800(a1)
        lbu a0, %lo(data)(a1)
        lhu a0, data
        lw a0, data + 4
        sb a0, (a1)
        sh a0, 2(a1)
        sw a0, %lo(data)(a1)
        sw a0, data, t0
        sb a0, data + 1, t0
        fence
        fence rw, w
        fence iorw, iorw
        fence.i
        fence.tso
        ecall
        ebreak
        scall
        sbreak
        nop
        unimp
        mv a0, a1
        move a0, a1
        not a0, a1
        neg a0, a1
        seqz a0, a1
        snez a0, a1
        sltz a0, a1
        sgtz a0, a1
        sgt a0, a1, a2
        sgtu a0, a1, a2
        zext.b a0, a1
        zext.h a0, a1
        sext.b a0, a1
        sext.h a0, a1
        mul a0, a1, a2
        mulh a0, a1, a2
        mulhsu a0, a1, a2
        mulhu a0, a1, a2
        div a0, a1, a2
        divu a0, a1, a2
        rem a0, a1, a2
        remu a0, a1, a2
foo:    li a0, 0
        li a0, -1
        li a0, 2047
        li a0, 2048
        li a0, -2048
        li a0, -2049
        li a0, 0x12345678
        li a0, 0x12345000
        li a0, 0x80000000
        li a0, 0xffffffff
        li a0, 0xfffff800
        li a0, (1 << 4) | 3 + 1
        la a0, data
        la a0, 16
        lla a0, data + 12
1:      auipc a0, %pcrel_hi(data)
        addi a0, a0, %pcrel_lo(1b)
2:      auipc a1, %pcrel_hi(data + 4)
        lw a0, %pcrel_lo(2b)(a1)
        sw a0, %pcrel_lo(2b)(a1)
        .insn r 0x33, 0, 0, a0, a1, a2
        .insn r CUSTOM_0, 2, 4, x0, a1, a2
        .insn i OP_IMM, 0, a0, a1, 5
        .insn i 0x13, 0, a0, a1, -5
        .insn i LOAD, 2, a0, 4(a1)
        .insn s STORE, 2, a0, 4(a1)
        .insn b BRANCH, 0, a0, a1, foo
        .insn sb BRANCH, 1, a0, a1, foo
        .insn u LUI, a0, 0x12345
        .insn j JAL, ra, foo
        .insn uj JAL, ra, foo
        .insn 0x00000013
        .insn 4, 0x00000013
        .data
data:   .word data, foo - _start, . - data, -1
        .dword 0x123456789abcdef0
