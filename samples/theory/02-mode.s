# MOVE from SR: a kernel reads its mode, and concludes that it is in user mode.
#
# On the Motorola 68000 the status register, mode bit included, could be read in either mode; on IA-32, SMSW told
# as much. Here `rdm` executes in user mode. A kernel under trap-and-emulate is really in user mode, and this is
# where it finds out.
#
# `rdm` is mode-sensitive: at (s, u) it behaves differently. With both states in user mode it does not, so it is
# not user-sensitive: under a hybrid monitor an application reads u, which is the truth, and the kernel, which is
# interpreted, reads s.
#
#: memory = "4K"
#: profiles = ["m68k", "x86"]
#: diverges = ["*/trap-and-emulate"]
#: exit = 0

        .include "pg32.inc"

        .text
        .globl  _start
_start:
        rdm     a0                      # a kernel that has just been booted is in supervisor mode
        la      t0, letters
        add     t0, t0, a0
        lbu     t0, 0(t0)
        out     t0, PORT_CONSOLE(zero)  # says which
        halt                            # a0 = M

        .section .rodata
letters:
        .ascii  "su"
