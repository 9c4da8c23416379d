# System calls: one application in user mode, in a segment of its own, that asks the kernel for everything.
#
# The application is a source of its own with addresses from 0. `.application` assembles it and puts it here;
# the kernel finds it through greeter.base, greeter.length and greeter.entry. An `ecall` traps; the kernel looks
# at a7, does what was asked, and resumes behind the `ecall` by loading the PSW that the trap saved.

        .include "pg32.inc"
        .include "calls.inc"

# The words behind slot 1 are software's own. With x0 as the base they can be reached before any register is
# free, which is what a trap handler needs.
        .equ    SAVE_T0, 0x40
        .equ    SAVE_T1, 0x44

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, trap, 0

        .text
        .globl  _start
_start:
        rdl     t0
        sw      t0, PSW_NEW+PSW_L(zero)
        lpsw    first(zero)             # off into user mode

# In supervisor mode, with the application's registers, all but t0 and t1 to be left alone.
trap:
        sw      t0, SAVE_T0(zero)
        sw      t1, SAVE_T1(zero)
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        srli    t0, t0, 8
        li      t1, CAUSE_CALL
        bne     t0, t1, fault
        li      t1, CALL_PUT
        beq     a7, t1, put
        li      t1, CALL_ADD
        beq     a7, t1, sum
        li      t1, CALL_EXIT
        bne     a7, t1, fault
        halt                            # a0 is the application's exit status, and so the machine's
put:
        out     a0, PORT_CONSOLE(zero)
        j       resume
sum:
        add     a0, a0, a1
resume:
        lw      t0, PSW_OLD+PSW_PC(zero)
        addi    t0, t0, 4               # the saved PC is the ecall itself
        sw      t0, PSW_OLD+PSW_PC(zero)
        lw      t0, SAVE_T0(zero)
        lw      t1, SAVE_T1(zero)
        lpsw    PSW_OLD(zero)
fault:
        mv      a1, t0                  # the cause, for whoever looks at the final state
        li      a0, 1
        halt

        .data
        .balign 4
first:
        .word   MODE_U, greeter.base, greeter.length, greeter.entry, 0

        .application greeter, "greeter.s"
