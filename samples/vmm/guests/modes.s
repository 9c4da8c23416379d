# Modes: everything that virtual user mode must not do, and every way into it and out of it.
#: memory = "64K"
        .include "probe.inc"

        .macro  reload status, base=0
        la      t0, word
        li      t1, \status
        sw      t1, 0(t0)
        li      t1, \base
        sw      t1, 4(t0)
        sw      s9, 8(t0)
        la      t1, reloaded\@
        sw      t1, 12(t0)
        lpsw    0(t0)
reloaded\@:
        spsw    0x64(zero)
        rdm     a1
        rdb     a2
        .endm

        # What traps take from slot 1; then slot 1 is as it was.
        .macro  slot status, base=0
        li      t1, \status
        sw      t1, PSW_NEW+PSW_STATUS(zero)
        li      t1, \base
        sw      t1, PSW_NEW+PSW_B(zero)
        la      t1, arrived\@
        sw      t1, PSW_NEW+PSW_PC(zero)
        ebreak
arrived\@:
        sw      zero, PSW_NEW+PSW_STATUS(zero)
        sw      zero, PSW_NEW+PSW_B(zero)
        la      t1, trapped
        sw      t1, PSW_NEW+PSW_PC(zero)
        rdm     a1
        rdb     a2
        spsw    0x64(zero)
        .endm

        .macro  again
        la      t1, here\@
        sw      t1, PSW_NEW+PSW_PC(zero)
        li      t1, 1
        setm    t1
        ecall
        ebreak                          # in mode u again, with cause and info left over in slot 0
here\@:
        la      t1, trapped
        sw      t1, PSW_NEW+PSW_PC(zero)
        lw      t1, PSW_OLD+PSW_PC(zero)
        addi    t1, t1, 4
        sw      t1, PSW_OLD+PSW_PC(zero)
        lpsw    PSW_OLD(zero)
        .endm

        # Each system instruction in virtual user mode; what is no instruction, in both modes.
        .macro  in_user insn:vararg
        la      s11, in_user\@
        li      t0, 1
        setm    t0
        \insn
        ecall
in_user\@:
        .endm

        .irp    insn, "lpsw 0(zero)", "spsw 0x60(zero)", "halt", "rdm a1", "rdb a1", "rdl a1"
        in_user \insn
        .endr
        .irp    insn, "setr zero, zero", "setm zero", "retu s11", "lwp a1, 0(zero)", "swp a1, 0x60(zero)"
        in_user \insn
        .endr
        .irp    insn, "in a1, 0(zero)", "out a1, 0(zero)", "ecall", "ebreak", "fence", "fence.i"
        in_user \insn
        probe   \insn
        .endr
        .irp    word, 0, -1, 0x30200073, 0x10500073, 0xc0002573, 0x0000700b, 0x0000008b, 0x0000210b, 0x0e00200b
        in_user .word \word
        probe   .word \word
        .endr

        # Jumps that are not aligned, in both modes; `retu` is no jump, and clears bit 0 only.
        la      s8, landing+2
        in_user jr (s8)
        probe   jr (s8)
        probe   retu s8
        addi    s8, s8, -1              # bit 0 is cleared: arrives, in mode u
        probe   retu s8
        li      s8, -1
        probe   retu s8
        probe   jr (s8)

        # Mode from words with every other bit set; a base with its low bits set; from storage and from slot 1.
        li      s8, -1
        probe   setm s8
        li      s8, -2
        probe   setm s8
        probe   reload status=0xfffffffe
        probe   reload status=0xffffffff
        probe   reload status=0x12345600, base=3
        probe   reload status=0x12345601, base=2
        probe   slot status=0xfffffffe
        probe   slot status=0xffffffff
        probe   slot status=0xff00, base=3
        probe   slot status=0xff01, base=1
        # The PSW that a trap leaves can be loaded again from slot 0, cause and all.
        probe   again
        finish
landing:
        ecall

        .bss
        .balign 4
word:   .space  20
