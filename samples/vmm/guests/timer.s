# The interval timer runs out at every place of a walk over all system instructions, in both modes.
#: memory = "64K"
#: input = "abcdefghijklmnopqrstuvwxyz"
        .include "probe.inc"

        li      s8, 1
again:
        la      s11, 1f
        la      t0, walk
        sw      s8, 16(t0)
        lpsw    0(t0)
1:      la      s11, 2f
        la      t0, user_walk
        sw      s8, 16(t0)
        lpsw    0(t0)
2:      addi    s8, s8, 1
        li      t0, 22
        bltu    s8, t0, again

        # A timer that an instruction starts, stops or replaces.
        la      s11, 3f
        la      t0, one                 # T = 1, and `lpsw` of T = 0: what is replaced is discarded
        lpsw    0(t0)
3:      la      s11, 4f
        la      t0, two                 # T = 2, and `lpsw` of T = 1, which is not counted: the next one is
        lpsw    0(t0)
reload:
        lpsw    20(t0)
then:
        addi    a1, a1, 1
        addi    a1, a1, 1
        ecall
4:      # A trap on the instruction at which T would have run out does not count it.
        la      s11, 5f
        la      t0, five
        lpsw    0(t0)
traps:
        ecall
5:      # A handler that has a timer itself, and is done before it runs out.
        li      t0, 20
        sw      t0, PSW_NEW+PSW_T(zero)
        la      s11, 6f
        ecall
6:      sw      zero, PSW_NEW+PSW_T(zero)
        # The last instruction of all: `halt` with T = 1, behind which no trap comes.
        li      a0, 0
        la      t0, last
        lpsw    0(t0)

walk_code:
        rdm     a1
        rdb     a2
        rdl     a3
        setm    zero
        setr    zero, s9
        lwp     a4, 0(t0)
        swp     a4, 0x60(zero)
        spsw    0x64(zero)
        in      a5, PORT_CONSOLE(zero)
        in      a5, PORT_STATUS(zero)
        out     a5, PORT_CONSOLE(zero)
        out     a5, 7(zero)
        addi    a6, a6, 1
        fence
        la      t1, behind
        retu    t1
        nop
behind:
        j       on
        nop
on:     lw      a7, 0(t0)
        sw      a7, 0x60(zero)
        ecall

        .data
        .balign 4
walk:   .word   MODE_S, 0, 0x10000, walk_code, 0
user_walk:
        .word   MODE_U, 0, 0x10000, behind, 0
one:    .word   MODE_S, 0, 0x10000, reload, 1
        .word   MODE_S, 0, 0x10000, then, 0
two:    .word   MODE_S, 0, 0x10000, reload, 2
        .word   MODE_S, 0, 0x10000, then, 1
five:   .word   MODE_S, 0, 0x10000, traps, 1
last:   .word   MODE_S, 0, 0x10000, end, 1

        .text
end:    halt
