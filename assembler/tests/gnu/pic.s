# Position-independent and thread-local code: the table of addresses, and offsets in a thread's block.
.option pic
la a0, x
lla a1, x
la a2, y
la a0, x
.option nopic
la a0, x
call foo@plt
1: auipc a0, %got_pcrel_hi(x)
lw a0, %pcrel_lo(1b)(a0)
lw a0, x
.option push
.option pic
la a4, y
.option pop
la a4, y
foo: ret
.data
x: .word 1
.globl y
y: .word 2

        .text
        lui     a0, %tprel_hi(mine)
        add     a0, a0, tp, %tprel_add(mine)
        lw      a0, %tprel_lo(mine)(a0)
        lui     a0, %tprel_hi(zeroed)
        addi    a0, a0, %tprel_lo(zeroed)
        sw      a0, %tprel_lo(zeroed)(a0)
        .section .tdata, "awT"
        .word   1
mine:   .word   2
        .section .tbss, "awT", @nobits
zeroed: .zero   4
        .text
        .hidden hidden
        .protected protected
        .internal internal
        .symver hidden, hidden@@VERSION_1
        .gnu_attribute 4, 1
        .variant_cc hidden
hidden: nop
protected: nop
internal: nop
        .word   hidden, protected, internal
