/* Strings and constants that ld merges: equal ones, and ends of others. */
volatile const char *sink;
volatile double number;
double scale(double x) { return x * 3.25 + 1e9; }
float half(float x) { return x * 0.5f + 1e5f; }
double __muldf3(double a, double b) { return a; }
double __adddf3(double a, double b) { return a; }
float __mulsf3(float a, float b) { return a; }
float __addsf3(float a, float b) { return a; }
double __extendsfdf2(float a) { return 0; }
static const char *const table[] = { "hello, world\n", "world\n", "\n", "", "12345678", "5678", "678", "abcd" };
int _start(int i) {
    sink = "hello, world\n"; sink = "rld\n"; sink = ""; sink = "xhello, world\n"; sink = "d\n";
    sink = "zzzzabcd"; sink = "abcd"; sink = "\0\0\0\0abcd"; sink = "12345678";
    sink = table[i];
    sink = (const char *)L"wide text"; sink = (const char *)L"text";
    number = scale(3.25) + half(0.5f);
    return "0123456789abcdef"[i & 15];
}
