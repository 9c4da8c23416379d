# The physical store that lands outside the window.
#
# Some machines have instructions that bypass the mapping of addresses. On the `unmapped` profile `swp` and `lwp`
# execute in user mode. The kernel and its application have agreed on a mailbox at physical 0x60. What the
# application stores there under a monitor lands at 0x60 of the real machine: in the monitor's own storage, which
# no guest may change. The kernel's mailbox stays empty.
#
# `swp` is control-sensitive in user mode, since it changes a word outside the segment; `lwp` is location-
# sensitive. Both are user-sensitive, and neither a trapping nor a hybrid monitor is covered by its theorem.
#
#: memory = "4K"
#: profiles = ["unmapped"]
#: diverges = ["unmapped/trap-and-emulate", "unmapped/hybrid"]
#: exit = 0

        .include "pg32.inc"

        .equ    MAILBOX, 0x60
        .equ    LETTER, 42

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, trap, 0

        .text
        .globl  _start
_start:
        rdl     t0
        sw      t0, PSW_NEW+PSW_L(zero)
        lpsw    user(zero)

application:
        li      a0, LETTER
        swp     a0, MAILBOX(zero)
        ecall

trap:
        lw      a0, MAILBOX(zero)
        addi    a0, a0, -LETTER
        snez    a0, a0                  # 0: the letter has arrived
        halt

        .balign 4
user:
        .word   MODE_U, 0, end, application, 0
end:
