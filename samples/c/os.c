/* A kernel in C: runs one application in user mode in a segment of its own, serves its calls, interrupts it
 * now and then, and stops with its exit status. Build app.bin first (app.c says how), then here:
 *
 *   riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2 -ffreestanding -nostdlib -T kernel.ld \
 *       start.S os_trap.S runtime.c os.c -lgcc -o os.elf && pg32 run os.elf
 */
#include "pg32.h"
#include <stddef.h>

enum { SEGMENT = 0x8000, SEGMENT_BYTES = 0x4000, SLICE = 1000, EXIT = 0, PUT = 1 };
enum { SP = 2, A0 = 10, A7 = 17 };

extern pg32_word registers[32];
extern const unsigned char app[], app_end[];
void *memcpy(void *restrict to, const void *restrict from, size_t n);
_Noreturn void resume(void);

/* Called by every trap, with the application's registers in `registers` and its PSW in slot 0. */
void trap(void)
{
    pg32_word cause = pg32_old.status >> 8 & 0xff;
    if (cause == PG32_CALL && registers[A7] == PUT) {
        pg32_out(0, registers[A0]);
        pg32_old.pc += 4;
    } else if (cause == PG32_CALL) {
        pg32_halt(registers[A0]);
    } else if (cause != PG32_TIMER) {
        pg32_halt(128 + cause);
    }
    pg32_old.timer = SLICE;
    resume();
}

int main(void)
{
    memcpy((void *)SEGMENT, app, app_end - app);
    registers[SP] = SEGMENT_BYTES;
    pg32_old.status = 1;
    pg32_old.base = SEGMENT;
    pg32_old.limit = SEGMENT_BYTES;
    pg32_old.pc = 0;
    pg32_old.timer = SLICE;
    resume();
}
