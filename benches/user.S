# Start-up of a kernel under QEMU's user mode: the same program, ended by the system call `exit`.
        .globl  _start
_start: .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        call    main
        li      a7, 93
        ecall
