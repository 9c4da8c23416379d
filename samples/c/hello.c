/* A kernel in C: says hello, echoes its input, and stops with the number of bytes it echoed.
 *
 *   riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2 -ffreestanding -nostdlib -T kernel.ld \
 *       start.S runtime.c hello.c -lgcc -o hello.elf
 *   pg32 run hello.elf
 */
#include "pg32.h"

static void put(const char *s)
{
    while (*s)
        pg32_out(0, *s++);
}

int main(void)
{
    int bytes = 0;
    put("Hello from C\n");
    for (pg32_word c; (c = pg32_in(0)) != ~0u; bytes++)
        pg32_out(0, c);
    return bytes;
}
