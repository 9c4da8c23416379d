# Segments that lie partly or wholly outside storage, or would reach what is before it, where a monitor may be.
#: memory = "24K"
        .include "probe.inc"

# With B = 0x40 and L = s8, looks at its registers and touches the last words of storage. User mode follows: the
# same, until something traps.
        .macro  shifted
        la      t1, 3f-0x40
        la      t0, moved
        sw      s8, 8(t0)
        sw      t1, 12(t0)
        lpsw    0(t0)
3:      rdb     a1
        rdl     a2
        rdm     a4
        spsw    0x20(zero)             # physical 0x60
        spsw    -84(s9)
        spsw    -83(s9)
        lpsw    -82(s9)
        li      t0, 1
        setm    t0
        lw      a3, -68(s9)
        sb      a3, -65(s9)
        lh      a3, -65(s9)
        .endm

        .macro  odd
        la      t1, 4f-0x40
        la      t0, moved
        sw      t1, 12(t0)
        lpsw    0(t0)
4:      rdb     a1
        spsw    0x20(zero)
        .endm

        # Bases that lead around the end of the address space: B' = k + vB wraps to the monitor's own storage.
        li      s8, -8192
        li      s7, -1
around:
        probe   setr s8, s7
        la      s11, 1f
        la      t0, wrapped
        sw      s8, 4(t0)
        lpsw    0(t0)
1:      addi    s8, s8, 52
        bltz    s8, around

        # Bases at and behind the end of storage.
        .irp    offset, -8, -4, 0, 3, 4, 8, 2047
        addi    s8, s9, \offset
        probe   setr s8, s7
        probe   setr s8, zero
        probe   setr s8, s9
        .endr
        li      s8, 0x80000000
        probe   setr s8, s7
        probe   setr s7, s7

        # Limits around the end of storage, from a segment that begins within it. The code moves with the base.
        .irp    offset, -65, -64, -63, -61, -60, -59, -1, 0, 4
        addi    s8, s9, \offset
        probe   shifted
        .endr
        li      s8, -1
        probe   shifted
        li      s8, 0x7fffffff
        probe   shifted
        li      s8, 0x80000000
        probe   shifted
        # The base's low bits are dropped by whatever loads it.
        li      s8, 67
        probe   setr s8, s9
        probe   odd
        finish

        .data
        .balign 4
wrapped:                                # to be loaded with bases that wrap
        .word   0xfffffffe, 0, -1, 0x100, 0     # bit 0 is M = s
moved:                                  # to be loaded with limits; its base is 0x40
        .word   MODE_S, 0x43, 0x1000, 0, 0
