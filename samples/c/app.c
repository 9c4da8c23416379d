/* An application: prints through its kernel (ecall, a7 = 1) and ends with the sum of what it counted.
 *
 *   riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2 -ffreestanding -nostdlib -T app.ld \
 *       app_start.S runtime.c app.c -lgcc -o app.elf && riscv64-unknown-elf-objcopy -O binary app.elf app.bin
 */
static void put(char c)
{
    register int a0 __asm__("a0") = c;
    register int a7 __asm__("a7") = 1;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
}

int main(void)
{
    int sum = 0;
    for (int i = 1; i <= 9; i++) {
        put('0' + i);
        sum += i;
    }
    put('\n');
    return sum;
}
