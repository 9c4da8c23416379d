# Every register as each operand of an interpreted instruction, and every register afterwards: what a monitor
# borrows it must give back.
#: memory = "64K"
        .include "probe.inc"

        .macro  fill
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 28, 29, 30, 31
        li      x\n, 0x01010000*\n + 0x840
        .endr
        .endm

        fill
        # x0 as a destination takes nothing, and is 0 for the next.
        in      x0, PORT_CONSOLE(x0)
        rdl     x0
        out     x0, PORT_CONSOLE(x0)
        lwp     x0, PSW_NEW+PSW_PC(x0)
        swp     x0, 0x60(x0)
        setr    x0, s9
        setm    x0
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 28, 29, 30, 31
        out     x\n, PORT_CONSOLE(zero)
        swp     x\n, 0x60(zero)
        in      a0, 0x77(x\n)
        lwp     x\n, 0x60(zero)
        rdl     x\n
        out     x\n, 0(zero)
        rdm     x\n
        lwp     a0, 0x40(x\n)
        swp     x\n, 0x44(x\n)
        spsw    0x60(x\n)
        li      x\n, 0x800
        spsw    -1952(x\n)
        setr    x0, s9
        li      x\n, 2
        setm    x\n
        .endr
        # The registers that this kernel keeps for itself.
        li      s11, 0x1b1b
        .irp    n, 25, 26, 27
        mv      s8, x\n
        swp     x\n, 0x60(zero)
        in      x\n, 0x77(x\n)
        swp     x\n, 0x64(zero)
        mv      x\n, s8
        .endr
        # Each register as the base of `lpsw`, and in the PSW that it loads, where it goes on.
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 28, 29, 30, 31
        la      x\n, 1f
        sw      x\n, HOME+PSW_PC(zero)
        la      x\n, HOME-1
        lpsw    1(x\n)
1:      mv      x\n, s9
        setr    x0, x\n
        .endr
        la      s11, last
        la      ra, user
        retu    ra
user:   ecall
last:
        finish
