# Operands of lwp, swp, lpsw and spsw at every edge: of storage, of the segment, of the address space.
#: memory = "24K"
        .include "probe.inc"

# A segment that is hardly more than the instruction in it.
        .macro  tiny code, length
        la      t0, psw
        la      t1, \code
        li      t2, \length
        sw      t1, PSW_B(t0)
        sw      t2, PSW_L(t0)
        lpsw    0(t0)
        .endm

# The segment ends at s8; so does, or nearly, the operand.
        .macro  narrow_store offset
        setr    zero, s8
        spsw    \offset(s8)
        .endm

        .macro  narrow_load offset
        sw      zero, \offset+PSW_STATUS(s8)
        sw      zero, \offset+PSW_B(s8)
        sw      s9, \offset+PSW_L(s8)
        sw      s11, \offset+PSW_PC(s8)
        sw      zero, \offset+PSW_T(s8)
        setr    zero, s8
        lpsw    \offset(s8)
        .endm

        # Physical operands: the last word, and every byte further.
        .irp    offset, -8, -5, -4, -3, -2, -1, 0, 1, 4
        probe   lwp a1, \offset(s9)
        probe   swp s9, \offset(s9)
        probe   lwp a1, \offset(zero)
        .endr
        li      s8, 0x80000000
        probe   lwp a2, 0(s8)
        probe   swp a2, -4(s8)
        probe   lwp zero, -4(zero)      # 2^32 - 4
        probe   swp zero, -1(zero)
        lwp     zero, 0(zero)           # x0 stays 0
        mv      a3, zero

        # PSW operands against storage, aligned and not.
        .irp    offset, -24, -21, -20, -19, -18, -17, -16, -4, -1, 0
        probe   spsw \offset(s9)
        probe   lpsw \offset(s9)
        .endr
        probe   spsw -20(zero)
        probe   lpsw -4(zero)
        probe   spsw -1(zero)

        # PSW operands in segments that are shorter than a PSW.
        probe   tiny tiny_load, 16
        probe   tiny tiny_store, 16
        probe   tiny tiny_load, 19
        probe   tiny tiny_store, 19
        probe   tiny tiny_load, 20
        probe   tiny tiny_store, 20

        # PSW operands against a limit: the segment is all of storage but its last part.
        .irp    cut, 0x100, 0x101, 0x102, 0x103
        .irp    offset, -24, -20, -19, -18, -17, -16, -8
        li      s8, -\cut
        add     s8, s8, s9
        probe   narrow_store \offset
        probe   narrow_load \offset
        .endr
        .endr
        finish

        .balign 4
tiny_load:
        lpsw    0(zero)
        ecall
        .word   0, 0, 0
tiny_store:
        spsw    0(zero)
        ecall
        .word   0, 0, 0

        .bss
        .balign 4
psw:    .space  20
