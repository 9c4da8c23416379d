/* What the compiler calls behind a program's back: the memory functions. libgcc has the rest (-lgcc). */
#include <stddef.h>

/* Or the compiler finds that the loop of memcpy is a memcpy. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((((size_t)t | (size_t)f) & 3) == 0)
        for (; n >= 4; n -= 4, t += 4, f += 4)
            *(unsigned *)t = *(const unsigned *)f;
    while (n--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f || t >= f + n)
        return memcpy(to, from, n);
    while (n--)
        t[n] = f[n];
    return to;
}

void *memset(void *to, int value, size_t n)
{
    unsigned char *t = to;
    for (; n && (size_t)t & 3; n--)
        *t++ = value;
    for (unsigned word = (unsigned char)value * 0x01010101u; n >= 4; n -= 4, t += 4)
        *(unsigned *)t = word;
    while (n--)
        *t++ = value;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}
