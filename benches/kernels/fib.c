/* Doubly recursive Fibonacci: calls and returns. */
__attribute__((noinline)) static unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void)
{
    unsigned volatile n = 40;
    return fib(n) & 0x7f;
}
