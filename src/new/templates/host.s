# The kernel that runs the application: a segment of its own, a byte to print, an end.
#: memory = "64K"
#: exit = 0

        .include "pg32.inc"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0x10000, trap, 0

        .text
        .globl  _start
_start:
        lpsw    first(zero)
trap:
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        srli    t0, t0, 8
        li      t1, CAUSE_CALL
        bne     t0, t1, failed
        beqz    a0, done
        out     a0, PORT_CONSOLE(zero)
        lw      t0, PSW_OLD+PSW_PC(zero)
        addi    t0, t0, 4
        sw      t0, PSW_OLD+PSW_PC(zero)
        lpsw    PSW_OLD(zero)
failed:
        li      a0, 1
        halt
done:
        li      a0, 0
        halt

        .data
        .balign 4
first:
        .word   MODE_U, app.base, app.length, app.entry, 0

        .application app, "app.s"
