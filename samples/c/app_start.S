# Start-up of a C application. Its kernel enters it at 0 with sp at the end of its segment, and takes an ecall
# with a7 = 0 as the end of it, with the exit status in a0.

        .section .start, "ax"
        .globl  _start
_start: .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        call    main
        li      a7, 0
        ecall
