# Reading storage size: a kernel learns SZ from L, before it changes it, and then checks by touching the edge.
#
# A virtual machine of w bytes must say w here, although the real machine under it is larger. The access behind
# the edge takes a memory trap, which swaps the PSW: the old one goes to slot 0, the new one comes from slot 1.
#: memory = "64K"

        .include "pg32.inc"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, trapped, 0        # status, B, L (filled in below), PC, T

        .text
        .globl  _start
_start:
        rdl     s0                      # s0 = SZ
        sw      s0, PSW_NEW+PSW_L(zero) # the handler may use all of storage
        lui     t0, 0x12345
        sw      t0, -4(s0)              # the last word is there
        lw      s1, -4(s0)
        lw      s2, -3(s0)              # one byte too far: never retires
        j       wrong                   # not reached

trapped:
        lw      a1, PSW_OLD+PSW_STATUS(zero)
        srli    a1, a1, 8               # the cause
        lw      a2, PSW_OLD+PSW_INFO(zero)
        li      t0, CAUSE_MEMORY
        bne     a1, t0, wrong
        addi    t0, s0, -3              # the info is the address of the access
        bne     a2, t0, wrong

        mv      a0, s0
        call    print_hex
        li      t0, '\n'
        out     t0, PORT_CONSOLE(zero)
        li      a0, 0
        halt
wrong:
        li      a0, 1
        halt

# Prints a0 as eight hexadecimal digits. Clobbers t0 to t2.
print_hex:
        li      t0, 28                  # bits to shift the next digit down by
digit:
        srl     t1, a0, t0
        andi    t1, t1, 15
        li      t2, 10
        bltu    t1, t2, decimal
        addi    t1, t1, 'a'-'0'-10
decimal:
        addi    t1, t1, '0'
        out     t1, PORT_CONSOLE(zero)
        addi    t0, t0, -4
        bgez    t0, digit
        ret
