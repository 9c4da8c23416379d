/* The environment of riscv-tests (github.com/riscv-software-src/riscv-tests) for PG32: what its tests call
 * RVTEST_…, in place of env/p/riscv_test.h.
 *
 * A test runs in mode u, in a segment that is all of storage, and ends with an ecall, as it does in env/p. The
 * machine then halts with a0 = 0 if it passed, with the number of the test that failed if one did, and with
 * 256 times the cause plus that number if it trapped without having asked for it.
 *
 *   cd isa/rv32ui && riscv64-unknown-elf-gcc -E -march=rv32im -mabi=ilp32 \
 *       -I samples/riscv-tests -I ../macros/scalar add.S | pg32 run -
 *
 * or with GNU as and ld:
 *
 *   riscv64-unknown-elf-gcc -march=rv32im_zifencei -mabi=ilp32 -nostdlib -T samples/c/kernel.ld \
 *       -I samples/riscv-tests -I ../macros/scalar add.S -o add.elf && pg32 run add.elf
 */
#ifndef PG32_RISCV_TEST_H
#define PG32_RISCV_TEST_H

/* What a test needs: the base set, and M. Other extensions and supervisor tests do not apply to this machine. */
#define RVTEST_RV32U
#define RVTEST_RV32M

/* The number of the test at hand. */
#define TESTNUM gp

/* Slot 1 leads to trap_vector; slot 0, filled here, to the test in mode u. */
#define RVTEST_CODE_BEGIN                                                    \
        .section .trap, "aw";                                                \
        .word   1, 0, 0xffffffff, test_begin, 0;                             \
        .zero   12;                                                          \
        .word   0, 0, 0xffffffff, trap_vector, 0;                            \
        .text;                                                               \
        .globl  _start;                                                      \
_start: li      TESTNUM, 0;                                                  \
        .insn   i CUSTOM_0, 0, x0, x0, 0; /* lpsw 0(x0) */                   \
trap_vector:                                                                 \
        lw      t0, 0(x0);                                                   \
        srli    t0, t0, 8;                                                   \
        addi    t1, t0, -1;               /* the cause of an ecall is 1 */   \
        beqz    t1, test_end;                                                \
        slli    t0, t0, 8;                                                   \
        add     a0, t0, TESTNUM;                                             \
test_end:                                                                    \
        .insn   r CUSTOM_0, 2, 0, x0, x0, x0; /* halt */                     \
test_begin:

/* Not to be reached: an illegal instruction. */
#define RVTEST_CODE_END                                                      \
        .word   0

#define RVTEST_PASS                                                          \
        fence;                                                               \
        li      a0, 0;                                                       \
        ecall

#define RVTEST_FAIL                                                          \
        fence;                                                               \
        mv      a0, TESTNUM;                                                 \
        ecall

/* A test's own additions to the data. */
#define EXTRA_DATA

#define RVTEST_DATA_BEGIN                                                    \
        EXTRA_DATA                                                           \
        .balign 16;                                                          \
        .globl  begin_signature;                                             \
begin_signature:

#define RVTEST_DATA_END                                                      \
        .balign 16;                                                          \
        .globl  end_signature;                                               \
end_signature:

#endif
