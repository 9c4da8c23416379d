/* Integer matrix product: multiplications and strided loads. */
#define N 192
static int a[N][N], b[N][N], c[N][N];

int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = i * 3 + j;
            b[i][j] = i - j * 5;
        }
    int sum = 0;
    for (int round = 0; round < 160; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                int s = 0;
                for (int k = 0; k < N; k++)
                    s += a[i][k] * b[k][j];
                c[i][j] = s;
            }
        a[round][round] += c[round][round + 1];
        sum += c[round][N - 1 - round];
    }
    return sum & 0x7f;
}
