# A trap storm: the new PSW cannot be fetched from, so that the trap traps again, step after step.
#
# There is no double fault in this machine. Nothing ever retires again, and only the step budget ends it. Tools
# report it by name.
#: expect = "trap-storm"
#: steps = 100000

        .include "pg32.inc"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, 0x100, 0  # L = 0: no address is within the segment

        .text
        .globl  _start
_start:
        ecall
