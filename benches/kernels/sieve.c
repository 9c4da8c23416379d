/* Primes below a limit, one bit each: bit operations and strided stores. */
#define LIMIT 2000000u
static unsigned bits[LIMIT / 32 + 1];

int main(void)
{
    unsigned count = 0;
    for (int round = 0; round < 60; round++) {
        for (unsigned i = 0; i <= LIMIT / 32; i++)
            bits[i] = 0xffffffffu;
        for (unsigned i = 2; i * i < LIMIT; i++)
            if (bits[i / 32] >> (i % 32) & 1)
                for (unsigned j = i * i; j < LIMIT; j += i)
                    bits[j / 32] &= ~(1u << (j % 32));
        for (unsigned i = 2; i < LIMIT; i++)
            count += bits[i / 32] >> (i % 32) & 1;
    }
    return count & 0x7f;
}
