# A kernel: it runs a program in user mode, and answers its system calls.
#
#   pg32 run kernel.s          on the bare machine
#   pg32 compare kernel.s      bare and under every monitor, to the bit
#   pg32 test                  every cell of the matrix; --accept takes a new state as the snapshot
#: memory = "64K"
#: exit = 0

        .include "pg32.inc"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0x10000, trap, 0

        .text
        .globl  _start
_start:
        lpsw    user(zero)              # off into user mode

# Every trap arrives here, with the user's registers.
trap:
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        srli    t0, t0, 8
        li      t1, CAUSE_CALL
        bne     t0, t1, failed
        beqz    a0, done                # system call 0: the end
        out     a0, PORT_CONSOLE(zero)  # any other: print the byte
        lw      t0, PSW_OLD+PSW_PC(zero)
        addi    t0, t0, 4               # the saved PC is the ecall itself
        sw      t0, PSW_OLD+PSW_PC(zero)
        lpsw    PSW_OLD(zero)
failed:
        li      a0, 1
        halt
done:
        li      a0, 0                   # by convention a0 is the exit status
        halt

# The program. It shares the kernel's addresses; give it a segment of its own with B and L below.
program:
        la      s0, text
next:
        lbu     a0, 0(s0)
        ecall
        addi    s0, s0, 1
        j       next

        .data
        .balign 4
user:
        .word   MODE_U, 0, 0x10000, program, 0
text:
        .asciz  "Hello.\n"
