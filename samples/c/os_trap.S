# The trap path of os.c, and the application's image. Nothing is saved by a trap but the PSW, so that registers
# go to `registers` first, through sp, whose own value waits in software's part of the trap area.

        .set    SPARE, 0x40

        .text
        .option norelax                 # gp is the application's until it is loaded
        .globl  __trap
__trap: sw      sp, SPARE(x0)
        la      sp, registers
        .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sw      x\n, 4*\n(sp)
        .endr
        lw      t0, SPARE(x0)
        sw      t0, 8(sp)
        la      sp, stack_end
        la      gp, __global_pointer$
        call    trap

# void resume(void): loads the registers and goes on with the PSW in slot 0.
        .globl  resume
resume: la      sp, registers
        .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        lw      x\n, 4*\n(sp)
        .endr
        lw      sp, 8(sp)
        .insn i CUSTOM_0, 0, x0, x0, 0          # lpsw 0(x0)

        .bss
        .balign 16
        .globl  registers
registers: .zero 128
stack:  .zero   1024
stack_end:

        .section .rodata
        .balign 4
        .globl  app, app_end
app:    .incbin "app.bin"
app_end:
