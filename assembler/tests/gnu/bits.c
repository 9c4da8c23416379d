/* Wide arithmetic, bit fields, unions, volatile, large frames, inline assembly. */
typedef unsigned long long u64;
typedef signed char i8;
struct flags { unsigned a : 3, b : 7, c : 22; };
union word { unsigned u; i8 b[4]; short h[2]; };
volatile int *const port = (int *)0x10000000;
u64 state = 0x123456789abcdef0ull;
short table[300];
static const unsigned crc_table[4] = { 0, 0x77073096, 0xee0e612c, 0x990951ba };
char big[5000];
static char zero_init[3];
_Alignas(32) int aligned[3] = { 1, 2, 3 };
__attribute__((section(".mine"))) int elsewhere = 4;
__attribute__((weak)) int maybe(void);

u64 next(void) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return state * 2685821657736338717ull;
}
int fields(struct flags *f) { f->a += 1; f->b ^= f->c; return f->a * f->b - (int)f->c; }
int bytes(union word w) { return w.b[0] + w.b[1] * w.h[1] + (w.u >> 28); }
int frame(int n) {
    char local[3000];
    for (int i = 0; i < 3000; i++) local[i] = (char)(i * n);
    return local[n] + local[2999];
}
int variadic(int n, ...) {
    __builtin_va_list ap; int s = 0;
    __builtin_va_start(ap, n);
    while (n--) s += __builtin_va_arg(ap, int);
    __builtin_va_end(ap);
    return s;
}
int assembly(int x) {
    int r;
    __asm__ volatile("1: addi %0, %1, 1\n\tbltz %0, 1b\n\tj 2f\n2:" : "=r"(r) : "r"(x));
    return r;
}
long long divide(int a, int b) { return (long long)a * b + a / b + (unsigned)a % 10u; }
int _start(int x) {
    struct flags f = { 1, 2, 3 };
    union word w = { 0xdeadbeef };
    *port = (int)next();
    table[x & 255] = (short)bytes(w);
    zero_init[x % 3] = 1;
    int (*f2)(void) = maybe;
    if (f2) big[0] = (char)f2();
    return fields(&f) + frame(x) + variadic(3, 1, 2, 3) + assembly(x) + (int)divide(x, 7)
        + (int)crc_table[x & 3] + aligned[1] + elsewhere + big[4999];
}
