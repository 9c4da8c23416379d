/* What the compiler calls behind a program's back: the memory functions and strlen. libgcc has the rest
 * (-lgcc); a whole C library is one flag away (picolibc.c). */
#include <stddef.h>

/* Or the compiler finds that the loop of memcpy is a memcpy. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

/* A word anywhere: data need no alignment on this machine, and words overlay whatever the program keeps. */
typedef unsigned word __attribute__((may_alias));
enum { WORD = sizeof(word), BLOCK = 4 * WORD };

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    for (; n >= BLOCK; n -= BLOCK, t += BLOCK, f += BLOCK) {
        word a = ((const word *)f)[0], b = ((const word *)f)[1];
        word c = ((const word *)f)[2], d = ((const word *)f)[3];
        ((word *)t)[0] = a;
        ((word *)t)[1] = b;
        ((word *)t)[2] = c;
        ((word *)t)[3] = d;
    }
    for (; n >= WORD; n -= WORD, t += WORD, f += WORD)
        *(word *)t = *(const word *)f;
    while (n--)
        *t++ = *f++;
    return to;
}

/* Upwards, a block is loaded before it is stored, so that memcpy will do wherever `to` lies below `from`. */
void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f || t >= f + n)
        return memcpy(to, from, n);
    for (; n >= WORD; n -= WORD)
        *(word *)(t + n - WORD) = *(const word *)(f + n - WORD);
    while (n--)
        t[n] = f[n];
    return to;
}

void *memset(void *to, int value, size_t n)
{
    unsigned char *t = to;
    word w = (unsigned char)value * 0x01010101u;
    for (; n >= BLOCK; n -= BLOCK, t += BLOCK) {
        ((word *)t)[0] = w;
        ((word *)t)[1] = w;
        ((word *)t)[2] = w;
        ((word *)t)[3] = w;
    }
    while (n--)
        *t++ = value;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n >= WORD && *(const word *)x == *(const word *)y; n -= WORD)
        x += WORD, y += WORD;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return end - s;
}
