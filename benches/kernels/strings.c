/* Copying, comparing and searching strings byte by byte. */
static char text[8192], copy[8192];

static int length(const char *s) { int n = 0; while (*s++) n++; return n; }
static void assign(char *d, const char *s) { while ((*d++ = *s++)) ; }
static int compare(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
static int find(const char *s, const char *what)
{
    for (int i = 0; s[i]; i++) {
        int j = 0;
        while (what[j] && s[i + j] == what[j])
            j++;
        if (!what[j])
            return i;
    }
    return -1;
}

int main(void)
{
    unsigned x = 3, sum = 0;
    for (unsigned i = 0; i < sizeof text - 1; i++)
        text[i] = 'a' + ((x = x * 1664525u + 1013904223u) >> 24) % 8;
    for (int round = 0; round < 16000; round++) {
        assign(copy, text);
        copy[round % 8000] ^= 1;
        sum += compare(copy, text) + length(copy) + find(copy, "abcdefgh");
        text[round % 8000] = 'a' + round % 7;
    }
    return sum & 0x7f;
}
