# Start-up of a C kernel: slot 1 leads to a handler that stops, the stack grows down from the end of storage.
# Defined by the program: main. May be defined by the program: __trap, entered by every trap with T = 0.

        .section .trap, "aw"
        .zero   0x20                    # slot 0: a trap stores the old PSW here
        .word   0, 0, 0xffffffff        # slot 1: mode s, B, L
        .word   __trap, 0               #         PC, T

        .section .start, "ax"
        .globl  _start
_start: .insn r CUSTOM_0, 2, 3, sp, x0, x0      # rdl sp: L is the size of storage
        andi    sp, sp, -16
        .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        .weak   __tls_base              # where kernel.ld puts what is a thread's own
        la      tp, __tls_base
        call    main
        .insn r CUSTOM_0, 2, 0, x0, x0, x0      # halt: a0 is the exit status

        .weak   __trap
__trap: lw      a0, 0(x0)               # a trap nobody asked for: stop with 128 + its cause
        srli    a0, a0, 8
        addi    a0, a0, 128
        .insn r CUSTOM_0, 2, 0, x0, x0, x0
