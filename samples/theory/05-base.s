# SIDT: the base register that betrays the host.
#
# On IA-32, SIDT tells anyone where the real machine keeps its interrupt table. Here `rdb` executes in user mode
# and tells where in real storage the program lies. The kernel knows where in *its* storage it has put the
# application: at 0x400. The application reads its base, and gets the sum of the two.
#
# `rdb` is location-sensitive at (u, u): it is user-sensitive. Not even a hybrid monitor helps, which runs
# applications directly; a monitor that translates does.
#
#: memory = "4K"
#: profiles = ["x86"]
#: diverges = ["x86/trap-and-emulate", "x86/hybrid"]
#: exit = 0

        .include "pg32.inc"

        .equ    BASE, 0x400

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, trap, 0

        .text
        .globl  _start
_start:
        rdl     t0
        sw      t0, PSW_NEW+PSW_L(zero)
        lw      t0, application(zero)   # puts the application's two words there
        lw      t1, application+4(zero)
        li      t2, BASE
        sw      t0, 0(t2)
        sw      t1, 4(t2)
        lpsw    user(zero)

trap:
        li      t2, BASE
        sub     a0, a0, t2              # what the application read, less what is true
        snez    a0, a0
        halt

        .balign 4
application:
        rdb     a0
        ecall
user:
        .word   MODE_U, BASE, 8, 0, 0
