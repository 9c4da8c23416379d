# The limit that tells how much is left: a read that the paper's own definition calls harmless.
#
# A kernel may give an application a limit beyond the end of storage; accesses are checked against both. The map
# f cannot leave such a limit as it is, because behind the virtual machine's storage there is somebody else's: it
# cuts the limit to fit. On the `x86` profile `rdl` executes in user mode, and reads what is left.
#
# The 1974 text moves the base and leaves the limit alone, so that to the letter `rdl` is innocuous. It is
# location-sensitive at (u, u) as soon as the cut is part of the map.
#
#: memory = "4K"
#: profiles = ["x86"]
#: diverges = ["x86/trap-and-emulate", "x86/hybrid"]
#: exit = 0

        .include "pg32.inc"

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
        rdl     a0
        ecall

trap:
        addi    a0, a0, 1               # the limit was -1
        snez    a0, a0
        halt

        .balign 4
user:
        .word   MODE_U, 0, -1, application, 0
