/* A whole C library for a kernel: what picolibc (Debian: picolibc-riscv64-unknown-elf) asks of a machine. Standard
 * output and standard error are the console, standard input is its tape, and the heap is what lies between the
 * program and the stack. Floating point is libgcc's.
 *
 *   riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2 -specs=picolibc.specs -nostartfiles -T kernel.ld \
 *       start.S picolibc.c program.c -lm -o program.elf && pg32 run --memory 16M program.elf
 */
#include "pg32.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

/* Kept for the stack, which grows down from the end of storage. */
enum { STACK = 64 << 10 };

static int put(char c, FILE *file)
{
    (void)file;
    pg32_out(0, (unsigned char)c);
    return (unsigned char)c;
}

static int get(FILE *file)
{
    (void)file;
    pg32_word c = pg32_in(0);
    return c == ~0u ? _FDEV_EOF : (int)c;
}

static FILE console = FDEV_SETUP_STREAM(put, get, NULL, _FDEV_SETUP_RW);
FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;

_Noreturn void _exit(int status)
{
    pg32_halt(status);
    __builtin_unreachable();
}

/* What abort comes to. */
int kill(int process, int signal)
{
    (void)process;
    _exit(128 + signal);
}

int getpid(void)
{
    return 1;
}

void *sbrk(ptrdiff_t increment)
{
    extern char _end[];
    static char *top = _end;
    char *limit = (char *)(pg32_rdl() - STACK), *old = top;
    if (increment > limit - old || increment < _end - old) {
        errno = ENOMEM;
        return (void *)-1;
    }
    top += increment;
    return old;
}
