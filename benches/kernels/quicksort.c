/* Quicksort of pseudo-random words: recursion, unpredictable branches. */
#define N 100000
static int v[N];

static void sort(int *a, int lo, int hi)
{
    while (lo < hi) {
        int i = lo, j = hi, pivot = a[(lo + hi) / 2];
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - lo < hi - i) {
            sort(a, lo, j);
            lo = i;
        } else {
            sort(a, i, hi);
            hi = j;
        }
    }
}

int main(void)
{
    unsigned x = 7, sum = 0;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < N; i++)
            v[i] = (x = x * 1664525u + 1013904223u) >> 8;
        sort(v, 0, N - 1);
        for (int i = 1; i < N; i++)
            sum += v[i - 1] <= v[i] ? (unsigned)v[i] : 1000000007u;
    }
    return sum & 0x7f;
}
