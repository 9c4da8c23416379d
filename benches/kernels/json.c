/* json: documents in, documents out.
 *
 * A validator of UTF-8 (a table of states, made from the rules), a strict parser to a tree, printers (compact, indented,
 * ASCII only), path queries ($.a[*]..b[?(@.c > 1)][-1], slices, unions), transformations (sorted members, merge patch,
 * difference of two documents, mapping, flattening), all on documents that a generator makes up. What is printed is
 * parsed again and must be the same tree. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

enum { MAX_TEXT = 200000, MAX_VALUES = 40000, POOL_SIZE = 400000, MAX_DEPTH = 40 };

/* ---------------------------------------------------------------- UTF-8 */

enum { U_OK, U_BAD, U_1, U_2, U_3, U_E0, U_ED, U_F0, U_F4, U_STATES };

static uint8_t utf8_class[256], utf8_next[U_STATES][16];

static void utf8_range(int first, int last, int class)
{
    for (int b = first; b <= last; b++)
        utf8_class[b] = (uint8_t)class;
}

static void utf8_rule(int state, int first_class, int last_class, int next)
{
    for (int c = first_class; c <= last_class; c++)
        utf8_next[state][c] = (uint8_t)next;
}

static void make_utf8_tables(void)
{
    utf8_range(0x00, 0x7f, 0);
    utf8_range(0x80, 0x8f, 1);
    utf8_range(0x90, 0x9f, 2);
    utf8_range(0xa0, 0xbf, 3);
    utf8_range(0xc0, 0xff, 11);
    utf8_range(0xc2, 0xdf, 4);
    utf8_range(0xe0, 0xe0, 5);
    utf8_range(0xe1, 0xef, 6);
    utf8_range(0xed, 0xed, 7);
    utf8_range(0xf0, 0xf0, 8);
    utf8_range(0xf1, 0xf3, 9);
    utf8_range(0xf4, 0xf4, 10);
    memset(utf8_next, U_BAD, sizeof utf8_next);
    static const uint8_t starts[] = { U_OK, U_BAD, U_BAD, U_BAD, U_1, U_E0, U_2, U_ED, U_F0, U_3, U_F4 };
    for (int c = 0; c < (int)sizeof starts; c++)
        utf8_rule(U_OK, c, c, starts[c]);
    utf8_rule(U_1, 1, 3, U_OK);
    utf8_rule(U_2, 1, 3, U_1);
    utf8_rule(U_3, 1, 3, U_2);
    utf8_rule(U_E0, 3, 3, U_1);
    utf8_rule(U_ED, 1, 2, U_1);
    utf8_rule(U_F0, 2, 3, U_2);
    utf8_rule(U_F4, 1, 1, U_2);
}

/* The length of the valid part. */
static int utf8_valid(const char *s, int n)
{
    int state = U_OK, good = 0;
    for (int i = 0; i < n; i++) {
        state = utf8_next[state][utf8_class[(unsigned char)s[i]]];
        if (state == U_BAD)
            return good;
        if (state == U_OK)
            good = i + 1;
    }
    return good;
}

/* One character, or -1: the rules once more, by arithmetic. */
static int32_t utf8_decode(const char *s, int n, int *length)
{
    static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    int c = (unsigned char)s[0], count = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;
    *length = 1;
    if (count == 1)
        return c;
    if (!count || count > n)
        return -1;
    int32_t v = c & (0x7f >> count);
    for (int i = 1; i < count; i++) {
        int d = (unsigned char)s[i];
        if ((d & 0xc0) != 0x80)
            return -1;
        v = v << 6 | (d & 0x3f);
    }
    if (v < least[count] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
        return -1;
    *length = count;
    return v;
}

static int utf8_encode(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf0 << (4 - n) & 0xff) | c);
    return n;
}

/* ---------------------------------------------------------------- trees */

enum type { NUL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

struct string {
    int at, length;
};
struct value {
    enum type type;
    int next, first, count; /* of an array or an object: its members */
    struct string name, text;
    int64_t mantissa; /* of a number, with no zeros at its end */
    int exponent;
};

static struct value values[MAX_VALUES];
static int value_count;
static char pool[POOL_SIZE];
static int pool_used;

static int new_value(enum type type)
{
    if (value_count == MAX_VALUES)
        return 0;
    memset(&values[value_count], 0, sizeof *values);
    values[value_count].type = type;
    return value_count++;
}

static void forget_all(void)
{
    value_count = 1; /* none is 0 */
    pool_used = 0;
}

static struct string new_string(const char *s, int n)
{
    struct string r = { pool_used, 0 };
    if (n > POOL_SIZE - pool_used)
        return r;
    memcpy(pool + pool_used, s, (size_t)n);
    pool_used += n;
    r.length = n;
    return r;
}

static int same_string(struct string a, struct string b)
{
    return a.length == b.length && !memcmp(pool + a.at, pool + b.at, (size_t)a.length);
}

static int is_named(struct string a, const char *s, int n)
{
    return a.length == n && !memcmp(pool + a.at, s, (size_t)n);
}

static int compare_strings(struct string a, struct string b)
{
    int n = a.length < b.length ? a.length : b.length, c = memcmp(pool + a.at, pool + b.at, (size_t)n);
    return c ? c : a.length - b.length;
}

static void set_number(struct value *v, int64_t mantissa, int exponent)
{
    while (mantissa && mantissa % 10 == 0)
        mantissa /= 10, exponent++;
    v->type = NUMBER;
    v->mantissa = mantissa;
    v->exponent = mantissa ? exponent : 0;
}

static int compare_numbers(const struct value *a, const struct value *b)
{
    int64_t x = a->mantissa, y = b->mantissa;
    int e = a->exponent, f = b->exponent;
    if ((x < 0) != (y < 0) || !x || !y)
        return x < y ? -1 : x > y;
    int sign = x < 0 ? -1 : 1;
    x *= sign, y *= sign;
    while (e > f && x <= 100000000000000000)
        x *= 10, e--;
    while (f > e && y <= 100000000000000000)
        y *= 10, f--;
    if (e != f)
        return e > f ? sign : -sign;
    return x < y ? -sign : x > y ? sign : 0;
}

static int find_member(int object, const char *name, int n)
{
    if (values[object].type != OBJECT)
        return 0;
    int m = values[object].first;
    while (m && !is_named(values[m].name, name, n))
        m = values[m].next;
    return m;
}

static int same_value(int a, int b)
{
    const struct value *x = &values[a], *y = &values[b];
    if (x->type != y->type)
        return 0;
    switch (x->type) {
    case NUMBER: return x->mantissa == y->mantissa && x->exponent == y->exponent;
    case STRING: return same_string(x->text, y->text);
    case ARRAY: case OBJECT: {
        if (x->count != y->count)
            return 0;
        int m = x->first, n = y->first;
        for (; m && n; m = values[m].next, n = values[n].next)
            if ((x->type == OBJECT && !same_string(values[m].name, values[n].name)) || !same_value(m, n))
                return 0;
        return 1;
    }
    default: return 1;
    }
}

static uint32_t hash_bytes(uint32_t h, const char *s, int n)
{
    for (int i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

/* The order of the members of an object does not matter to its hash. */
static uint32_t hash_value(int v)
{
    const struct value *x = &values[v];
    uint32_t h = 2166136261u + (uint32_t)x->type;
    switch (x->type) {
    case NUMBER: return (h ^ (uint32_t)x->mantissa ^ (uint32_t)(x->mantissa >> 32) * 31u) * 16777619u + (uint32_t)x->exponent;
    case STRING: return hash_bytes(h, pool + x->text.at, x->text.length);
    case ARRAY:
        for (int m = x->first; m; m = values[m].next)
            h = h * 31u + hash_value(m);
        return h;
    case OBJECT:
        for (int m = x->first; m; m = values[m].next) {
            uint32_t name = hash_bytes(h, pool + values[m].name.at, values[m].name.length);
            h += (name ^ hash_value(m)) * 0x9e3779b1u;
        }
        return h;
    default: return h;
    }
}

/* ---------------------------------------------------------------- parser */

static const char *at, *end;
static int bad;

static int fail(void)
{
    bad = 1;
    at = end;
    return 0;
}

static void skip_space(void)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
}

static int peek(void) { return at < end ? (unsigned char)*at : -1; }

static int accept(int c)
{
    if (peek() != c)
        return 0;
    at++;
    return 1;
}

static int is_digit(int c) { return c >= '0' && c <= '9'; }

static int hex4(void)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = peek(), l = c | 32;
        if (is_digit(c))
            v = v * 16 + c - '0';
        else if (c >= 0 && l >= 'a' && l <= 'f')
            v = v * 16 + l - 'a' + 10;
        else {
            fail();
            return 0;
        }
        at++;
    }
    return v;
}

static uint32_t parse_escape(void)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int c = peek();
    if (c < 0) {
        fail();
        return 0;
    }
    at++;
    for (int i = 0; letters[i]; i++)
        if (c == letters[i])
            return (uint32_t)(unsigned char)meanings[i];
    if (c != 'u') {
        fail();
        return 0;
    }
    int high = hex4();
    if (high < 0xd800 || high >= 0xe000)
        return (uint32_t)high;
    if (high >= 0xdc00 || !accept('\\') || !accept('u')) {
        fail();
        return 0;
    }
    int low = hex4();
    if (low < 0xdc00 || low >= 0xe000)
        fail();
    return 0x10000u + ((uint32_t)(high & 0x3ff) << 10) + (uint32_t)(low & 0x3ff);
}

/* After the quotation mark. */
static struct string parse_string(void)
{
    struct string s = { pool_used, 0 };
    for (;;) {
        const char *start = at;
        while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32)
            at++;
        struct string part = new_string(start, (int)(at - start));
        s.length += part.length;
        if (accept('"'))
            return s;
        if (!accept('\\')) {
            fail();
            return s;
        }
        char bytes[4];
        int n = utf8_encode(bytes, parse_escape());
        if (bad)
            return s;
        s.length += new_string(bytes, n).length;
    }
}

static int parse_number(void)
{
    int v = new_value(NUMBER), negative = accept('-'), exponent = 0, digits = 0;
    int64_t m = 0;
    if (!is_digit(peek()))
        return fail();
    if (peek() == '0' && at + 1 < end && is_digit(at[1]))
        return fail();
    for (int fraction = 0;; fraction = 1) {
        for (; is_digit(peek()); at++) {
            if (digits < 18) {
                m = m * 10 + (peek() - '0');
                digits += m != 0;
                exponent -= fraction;
            } else
                exponent += !fraction;
        }
        if (fraction || !accept('.'))
            break;
        if (!is_digit(peek()))
            return fail();
    }
    if (accept('e') || accept('E')) {
        int minus = accept('-'), e = 0;
        if (!minus)
            accept('+');
        if (!is_digit(peek()))
            return fail();
        for (; is_digit(peek()); at++)
            e = e < 10000 ? e * 10 + (peek() - '0') : e;
        exponent += minus ? -e : e;
    }
    if (v)
        set_number(&values[v], negative ? -m : m, exponent);
    return v;
}

static int parse_word(const char *word, enum type type)
{
    int n = (int)strlen(word);
    if (end - at < n || memcmp(at, word, (size_t)n))
        return fail();
    at += n;
    return new_value(type);
}

static int parse_value(int depth);

static int parse_members(enum type type, int close, int depth)
{
    int v = new_value(type), *link = &values[v].first;
    skip_space();
    if (accept(close))
        return v;
    do {
        struct string name = { 0, 0 };
        skip_space();
        if (type == OBJECT) {
            if (!accept('"'))
                return fail();
            name = parse_string();
            skip_space();
            if (!accept(':'))
                return fail();
            skip_space();
        }
        int m = parse_value(depth + 1);
        if (!m)
            return fail();
        values[m].name = name;
        *link = m;
        link = &values[m].next;
        values[v].count++;
        skip_space();
    } while (accept(','));
    return accept(close) ? v : fail();
}

static int parse_value(int depth)
{
    if (depth > MAX_DEPTH)
        return fail();
    switch (peek()) {
    case '{': at++; return parse_members(OBJECT, '}', depth);
    case '[': at++; return parse_members(ARRAY, ']', depth);
    case '"': {
        at++;
        int v = new_value(STRING);
        struct string s = parse_string();
        values[v].text = s;
        return v;
    }
    case 'n': return parse_word("null", NUL);
    case 't': return parse_word("true", TRUE);
    case 'f': return parse_word("false", FALSE);
    default: return parse_number();
    }
}

/* The root, or 0. */
static int parse(const char *text, int length)
{
    if (utf8_valid(text, length) != length)
        return 0;
    at = text;
    end = text + length;
    bad = 0;
    skip_space();
    int v = parse_value(0);
    skip_space();
    return bad || at != end ? 0 : v;
}

/* ---------------------------------------------------------------- printer */

enum style { COMPACT, INDENTED, ASCII };

static char *out;
static int out_length, out_size;

static void begin_output(char *to, int size)
{
    out = to;
    out_length = 0;
    out_size = size;
}

static void put(char c)
{
    if (out_length < out_size)
        out[out_length++] = c;
}

static void put_text(const char *s, int n)
{
    if (n > out_size - out_length)
        n = out_size - out_length;
    memcpy(out + out_length, s, (size_t)n);
    out_length += n;
}

static void put_hex(uint32_t v)
{
    put('\\'), put('u');
    for (int s = 12; s >= 0; s -= 4)
        put("0123456789abcdef"[v >> s & 15]);
}

static void put_unsigned(uint64_t v)
{
    char digits[20];
    int n = 20;
    while (v >> 32) {
        digits[--n] = (char)('0' + v % 10);
        v /= 10;
    }
    uint32_t w = (uint32_t)v;
    do
        digits[--n] = (char)('0' + w % 10);
    while (w /= 10);
    put_text(digits + n, 20 - n);
}

static void put_string(struct string t, enum style style)
{
    const char *s = pool + t.at, *stop = s + t.length;
    put('"');
    while (s < stop) {
        const char *start = s;
        while (s < stop && *s != '"' && *s != '\\' && (unsigned char)*s >= 32 && (style != ASCII || (unsigned char)*s < 128))
            s++;
        put_text(start, (int)(s - start));
        if (s == stop)
            break;
        int n;
        int32_t c = utf8_decode(s, (int)(stop - s), &n);
        s += n;
        switch (c) {
        case '"': case '\\': put('\\'), put((char)c); break;
        case '\n': put('\\'), put('n'); break;
        case '\t': put('\\'), put('t'); break;
        default:
            if (c >= 0x10000) {
                put_hex(0xd800u + ((uint32_t)(c - 0x10000) >> 10));
                put_hex(0xdc00u + ((uint32_t)c & 0x3ff));
            } else
                put_hex((uint32_t)c);
        }
    }
    put('"');
}

static void put_number(const struct value *v)
{
    uint64_t m = v->mantissa < 0 ? 0 - (uint64_t)v->mantissa : (uint64_t)v->mantissa;
    int e = v->exponent;
    if (v->mantissa < 0)
        put('-');
    if (e >= 0 && e <= 3) {
        for (; e > 0 && m < 1000000000000000; e--)
            m *= 10;
        put_unsigned(m);
    } else if (e < 0 && e >= -6) {
        uint64_t power = 1;
        for (int i = e; i < 0; i++)
            power *= 10;
        put_unsigned(m / power);
        put('.');
        for (m %= power; e < 0; e++) {
            power /= 10;
            put((char)('0' + m / power));
            m %= power;
        }
        return;
    } else
        put_unsigned(m);
    if (e) {
        put('e');
        if (e < 0)
            put('-');
        put_unsigned((uint64_t)(e < 0 ? -e : e));
    }
}

static void put_line(int depth)
{
    put('\n');
    for (int i = 0; i < depth; i++)
        put_text("  ", 2);
}

static void put_value(int v, enum style style, int depth)
{
    static const char *const words[] = { "null", "false", "true" };
    const struct value *x = &values[v];
    switch (x->type) {
    case NUMBER: put_number(x); return;
    case STRING: put_string(x->text, style); return;
    case ARRAY: case OBJECT: break;
    default: put_text(words[x->type], (int)strlen(words[x->type])); return;
    }
    put(x->type == ARRAY ? '[' : '{');
    for (int m = x->first; m; m = values[m].next) {
        if (m != x->first)
            put(',');
        if (style == INDENTED)
            put_line(depth + 1);
        if (x->type == OBJECT) {
            put_string(values[m].name, style);
            put(':');
            if (style == INDENTED)
                put(' ');
        }
        put_value(m, style, depth + 1);
    }
    if (style == INDENTED && x->first)
        put_line(depth);
    put(x->type == ARRAY ? ']' : '}');
}

/* ---------------------------------------------------------------- paths */

enum step_kind { S_NAME, S_ANY, S_DEEP, S_INDEX, S_SLICE, S_FILTER };
enum { MAX_STEPS = 12, MAX_FOUND = 20000, NO_END = 0x7fffffff };

struct step {
    enum step_kind kind;
    const char *name;
    int length, from, to, by;
    char relation; /* of a filter: ? for being there, or = ! < > */
    int operand;
};

static int read_int(const char **p)
{
    int sign = 1, v = 0;
    if (**p == '-')
        sign = -1, ++*p;
    while (is_digit(**p))
        v = v * 10 + (*(*p)++ - '0');
    return sign * v;
}

static int is_name_char(int c) { return (c >= 'a' && c <= 'z') || c == '_' || is_digit(c); }

static int parse_bracket(struct step *s, const char **p)
{
    if (**p == '*') {
        ++*p;
        s->kind = S_ANY;
    } else if (**p == '?') {
        *p += 4; /* ?(@. */
        s->kind = S_FILTER;
        s->name = *p;
        while (is_name_char(**p))
            ++*p;
        s->length = (int)(*p - s->name);
        s->relation = '?';
        if (**p == ' ') {
            s->relation = (*p)[1];
            *p += 3;
            const char *start = *p;
            while (**p && **p != ')')
                ++*p;
            s->operand = parse(start, (int)(*p - start));
            if (!s->operand)
                return 0;
        }
        if (*(*p)++ != ')')
            return 0;
    } else {
        s->kind = S_INDEX;
        s->from = **p == ':' ? 0 : read_int(p);
        if (**p == ':') {
            s->kind = S_SLICE;
            ++*p;
            s->to = is_digit(**p) || **p == '-' ? read_int(p) : NO_END;
            s->by = 1;
            if (**p == ':') {
                ++*p;
                s->by = read_int(p);
            }
            if (s->by < 1)
                return 0;
        }
    }
    return *(*p)++ == ']';
}

static int parse_path(const char *p, struct step *steps)
{
    int n = 0;
    if (*p++ != '$')
        return 0;
    while (*p) {
        if (n + 2 > MAX_STEPS)
            return 0;
        struct step *s = &steps[n++];
        memset(s, 0, sizeof *s);
        if (*p == '[') {
            p++;
            if (!parse_bracket(s, &p))
                return 0;
            continue;
        }
        if (*p++ != '.')
            return 0;
        if (*p == '.') {
            s->kind = S_DEEP;
            if (p[1] == '[') {
                p++;
                continue;
            }
            p++;
            s = &steps[n++];
            memset(s, 0, sizeof *s);
        }
        if (*p == '*') {
            p++;
            s->kind = S_ANY;
            continue;
        }
        s->kind = S_NAME;
        s->name = p;
        while (is_name_char(*p))
            p++;
        s->length = (int)(p - s->name);
        if (!s->length)
            return 0;
    }
    return n;
}

static int found[MAX_FOUND], found_count;

static int holds(const struct step *s, int v)
{
    int m = find_member(v, s->name, s->length), c;
    if (s->relation == '?' || !m)
        return m != 0;
    const struct value *x = &values[m], *y = &values[s->operand];
    if (x->type != y->type)
        return s->relation == '!';
    if (x->type == NUMBER)
        c = compare_numbers(x, y);
    else if (x->type == STRING)
        c = compare_strings(x->text, y->text);
    else
        c = !same_value(m, s->operand);
    switch (s->relation) {
    case '=': return c == 0;
    case '!': return c != 0;
    case '<': return c < 0;
    default: return c > 0;
    }
}

static void walk(const struct step *s, int n, int v)
{
    if (!n) {
        if (found_count < MAX_FOUND)
            found[found_count++] = v;
        return;
    }
    const struct value *x = &values[v];
    int i = 0, from = s->from, to = s->to;
    switch (s->kind) {
    case S_NAME: {
        int m = find_member(v, s->name, s->length);
        if (m)
            walk(s + 1, n - 1, m);
        return;
    }
    case S_DEEP:
        walk(s + 1, n - 1, v);
        for (int m = x->first; m; m = values[m].next)
            walk(s, n, m);
        return;
    case S_ANY: case S_FILTER:
        for (int m = x->first; m; m = values[m].next)
            if (s->kind == S_ANY || holds(s, m))
                walk(s + 1, n - 1, m);
        return;
    default:
        if (x->type != ARRAY)
            return;
        if (from < 0)
            from += x->count;
        if (s->kind == S_INDEX)
            to = from + 1;
        else if (to < 0)
            to += x->count;
        for (int m = x->first; m && i < to; m = values[m].next, i++)
            if (i >= from && (s->kind == S_INDEX || (i - from) % s->by == 0))
                walk(s + 1, n - 1, m);
    }
}

/* How many values are found, or -1 if the path is wrong. */
static int query(int root, const char *path)
{
    struct step steps[MAX_STEPS + 1];
    int n = parse_path(path, steps);
    found_count = 0;
    if (!n)
        return -1;
    walk(steps, n, root);
    return found_count;
}

/* ---------------------------------------------------------------- transformations */

static int merge_lists(int a, int b)
{
    int first = 0, *link = &first;
    while (a && b) {
        int *least = compare_strings(values[b].name, values[a].name) < 0 ? &b : &a;
        *link = *least;
        link = &values[*link].next;
        *least = *link;
    }
    *link = a ? a : b;
    return first;
}

static int sort_list(int list, int n)
{
    if (n < 2) {
        if (list)
            values[list].next = 0;
        return list;
    }
    int second = list;
    for (int i = 0; i < n / 2; i++)
        second = values[second].next;
    int right = sort_list(second, n - n / 2);
    /* The left half still ends in a link to what was the second; its own end is set below. */
    int left = sort_list(list, n / 2);
    return merge_lists(left, right);
}

/* Members by name; of equal names the last stays. */
static void sort_members(int v)
{
    struct value *x = &values[v];
    for (int m = x->first; m; m = values[m].next)
        sort_members(m);
    if (x->type != OBJECT)
        return;
    x->first = sort_list(x->first, x->count);
    for (int *link = &x->first; *link;) {
        int m = *link, next = values[m].next;
        if (next && same_string(values[m].name, values[next].name)) {
            *link = next;
            x->count--;
        } else
            link = &values[m].next;
    }
}

static int copy(int v)
{
    int c = new_value(values[v].type);
    if (!c)
        return 0;
    values[c] = values[v];
    values[c].next = values[c].first = 0;
    int *link = &values[c].first;
    for (int m = values[v].first; m; m = values[m].next) {
        *link = copy(m);
        if (!*link)
            return 0;
        link = &values[*link].next;
    }
    return c;
}

static int append(int parent, int child)
{
    int *link = &values[parent].first;
    while (*link)
        link = &values[*link].next;
    values[child].next = 0;
    values[parent].count++;
    return *link = child;
}

/* The patch (as in RFC 7396) that makes `a` into `b`, both with sorted members; 0 if they are the same. */
static int difference(int a, int b)
{
    if (same_value(a, b))
        return 0;
    if (values[a].type != OBJECT || values[b].type != OBJECT)
        return copy(b);
    int patch = new_value(OBJECT), x = values[a].first, y = values[b].first;
    while (x || y) {
        int c = !x ? 1 : !y ? -1 : compare_strings(values[x].name, values[y].name), d;
        if (c < 0) {
            d = new_value(NUL);
            values[d].name = values[x].name;
        } else if (c > 0) {
            d = copy(y);
        } else if ((d = difference(x, y)) != 0)
            values[d].name = values[y].name;
        if (d)
            append(patch, d);
        x = c <= 0 ? values[x].next : x;
        y = c >= 0 ? values[y].next : y;
    }
    return patch;
}

static int apply_patch(int target, int patch)
{
    if (values[patch].type != OBJECT)
        return copy(patch);
    int result = new_value(OBJECT);
    if (values[target].type == OBJECT)
        for (int m = values[target].first; m; m = values[m].next) {
            const struct value *x = &values[m];
            int p = find_member(patch, pool + x->name.at, x->name.length);
            if (p && values[p].type == NUL)
                continue;
            int c = p ? apply_patch(m, p) : copy(m);
            values[c].name = x->name;
            append(result, c);
        }
    for (int p = values[patch].first; p; p = values[p].next) {
        struct string name = values[p].name;
        if (values[p].type == NUL || find_member(target, pool + name.at, name.length))
            continue;
        int c = apply_patch(0, p);
        values[c].name = name;
        append(result, c);
    }
    return result;
}

static void remove_nulls(int v)
{
    struct value *x = &values[v];
    for (int *link = &x->first; *link;) {
        int m = *link;
        if (values[m].type == NUL) {
            *link = values[m].next;
            x->count--;
        } else {
            remove_nulls(m);
            link = &values[m].next;
        }
    }
}

/* Words turned about, numbers doubled, booleans negated; twice (but for numbers) is nothing. */
static void map_values(int v, int multiply)
{
    struct value *x = &values[v];
    switch (x->type) {
    case FALSE: x->type = TRUE; return;
    case TRUE: x->type = FALSE; return;
    case NUMBER:
        if (x->mantissa > -1000000000000 && x->mantissa < 1000000000000)
            set_number(x, x->mantissa * multiply, x->exponent);
        return;
    case STRING: {
        /* Whole characters, so that it stays UTF-8. */
        struct string old = x->text, new = { pool_used, old.length };
        if (old.length > POOL_SIZE - pool_used)
            return;
        pool_used += old.length;
        for (int i = 0, n; i < old.length; i += n) {
            utf8_decode(pool + old.at + i, old.length - i, &n);
            memcpy(pool + new.at + old.length - i - n, pool + old.at + i, (size_t)n);
        }
        x->text = new;
        return;
    }
    default:
        for (int m = x->first; m; m = values[m].next)
            map_values(m, multiply);
    }
}

/* Every leaf, by its path, into one object. */
static void flatten(int v, int into, char *path, int length)
{
    const struct value *x = &values[v];
    if (x->type < ARRAY || !x->first) {
        int c = copy(v);
        values[c].name = new_string(path, length);
        values[c].next = values[into].first;
        values[into].first = c;
        values[into].count++;
        return;
    }
    int i = 0;
    for (int m = x->first; m; m = values[m].next, i++) {
        int n = length;
        path[n++] = '/';
        if (x->type == OBJECT) {
            for (int k = 0; k < values[m].name.length && n < 900; k++) {
                char c = pool[values[m].name.at + k];
                if (c == '~' || c == '/') {
                    path[n++] = '~';
                    c = c == '~' ? '0' : '1';
                }
                path[n++] = c;
            }
        } else {
            begin_output(path + n, 12);
            put_unsigned((uint64_t)i);
            n += out_length;
        }
        if (n < 900)
            flatten(m, into, path, n);
    }
}

/* ---------------------------------------------------------------- documents */

static uint32_t seed;
static char text[MAX_TEXT], printed[MAX_TEXT], again[MAX_TEXT];

static int below(int n)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (int)((seed >> 5) % (uint32_t)n);
}

static void say(const char *s) { put_text(s, (int)strlen(s)); }

static void say_space(void)
{
    if (below(3) == 0)
        for (int n = below(4); n > 0; n--)
            put(" \n\t "[below(4)]);
}

static void say_character(void)
{
    char bytes[4];
    static const char *const escapes[] = { "\\n", "\\t", "\\\"", "\\\\", "\\/", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\u0001" };
    switch (below(12)) {
    case 0: say(escapes[below(9)]); return;
    case 1: put_text(bytes, utf8_encode(bytes, (uint32_t)(0xa1 + below(0x500)))); return;
    case 2: put_text(bytes, utf8_encode(bytes, (uint32_t)(0x4e00 + below(0x5000)))); return;
    case 3:
        if (below(4) == 0)
            put_text(bytes, utf8_encode(bytes, (uint32_t)(0x1f300 + below(0x300))));
        return;
    default: put((char)('a' + below(26)));
    }
}

static void say_string(int most)
{
    put('"');
    for (int n = below(most) + 1; n > 0; n--)
        say_character();
    put('"');
}

static void say_number(void)
{
    if (below(3) == 0)
        put('-');
    put_unsigned((uint64_t)below(below(2) ? 100 : 1000000));
    if (below(3) == 0) {
        put('.');
        put_unsigned((uint64_t)below(10000));
    }
    if (below(8) == 0) {
        say(below(2) ? "e" : "E-");
        put_unsigned((uint64_t)below(30));
    }
}

static void say_value(int depth);

static void say_member(const char *name)
{
    say_space();
    put('"');
    say(name);
    put('"');
    say_space();
    put(':');
    say_space();
}

static void say_item(int i)
{
    static const char *const kinds[] = { "book", "lamp", "chair", "table", "spoon" };
    put('{');
    say_member("id");
    put_unsigned((uint64_t)i);
    put(',');
    say_member("kind");
    put('"'), say(kinds[below(5)]), put('"');
    put(',');
    say_member("price");
    say_number();
    if (below(2)) {
        put(',');
        say_member("tags");
        put('[');
        for (int n = below(4), k = 0; k < n; k++) {
            if (k)
                put(',');
            say_string(8);
        }
        put(']');
    }
    if (below(3) == 0) {
        put(',');
        say_member("more");
        say_value(3);
    }
    say_space();
    put('}');
}

static void say_value(int depth)
{
    int n = below(5);
    switch (depth > 0 ? below(10) : below(6)) {
    case 0: say("null"); break;
    case 1: say(below(2) ? "true" : "false"); break;
    case 2: case 3: say_number(); break;
    case 4: case 5: say_string(24); break;
    case 6: case 7:
        put('[');
        for (int i = 0; i < n; i++) {
            if (i)
                put(',');
            say_space();
            say_value(depth - 1);
            say_space();
        }
        put(']');
        break;
    default:
        put('{');
        for (int i = 0; i < n; i++) {
            static const char *const names[] = { "name", "size", "a/b", "c~d", "list", "note", "id", "price" };
            if (i)
                put(',');
            if (below(4))
                say_member(names[below(8)]);
            else {
                say_string(6);
                put(':');
            }
            say_value(depth - 1);
        }
        put('}');
    }
}

static int make_document(int items)
{
    begin_output(text, MAX_TEXT);
    put('{');
    say_member("store");
    put('{');
    say_member("items");
    put('[');
    for (int i = 0; i < items; i++) {
        if (i)
            put(',');
        say_space();
        say_item(i);
    }
    say("],");
    say_member("owner");
    say_string(20);
    put('}'), put(',');
    say_member("extra");
    say_value(6);
    put('}');
    say_space();
    return out_length;
}

/* ---------------------------------------------------------------- trials */

static uint32_t sum = 1;

static void mix(uint32_t v) { sum = (sum ^ v) * 16777619u + (sum >> 16); }

static int print(int v, enum style style, char *to)
{
    begin_output(to, MAX_TEXT);
    put_value(v, style, 0);
    return out_length;
}

/* Printed in every style it is parsed to the same tree. */
static int survives(int v)
{
    for (int style = COMPACT; style <= ASCII; style++) {
        int n = print(v, (enum style)style, printed), values_before = value_count, pool_before = pool_used;
        int w = parse(printed, n);
        if (!w || !same_value(v, w) || hash_value(v) != hash_value(w))
            return 0;
        if (print(w, (enum style)style, again) != n || memcmp(printed, again, (size_t)n))
            return 0;
        mix(hash_bytes(0, printed, n));
        value_count = values_before;
        pool_used = pool_before;
    }
    return 1;
}

static const char *const paths[] = {
    "$.store.items[*].id", "$..price", "$.store.items[?(@.price > 500)].kind", "$.store.items[-1]", "$.store.items[2:20:3].tags[0]",
    "$..items[?(@.kind = \"lamp\")].price", "$.extra..*", "$..[?(@.id)].id", "$.store.items[?(@.tags)].tags[:2]", "$..tags[-1:]",
    "$.store.items[?(@.kind < \"d\")]..name", "$.*.owner", "$..more..size", "$.store.items[?(@.more ! null)].more"
};

static int try_queries(int root)
{
    for (int i = 0; i < (int)(sizeof paths / sizeof *paths); i++) {
        int n = query(root, paths[i]);
        if (n < 0)
            return 0;
        mix((uint32_t)n);
        for (int k = 0; k < n && k < 200; k++)
            mix(hash_value(found[k]));
    }
    /* The same by another way. */
    int n = query(root, "$.store.items[*]");
    const int items = find_member(find_member(root, "store", 5), "items", 5);
    return n == values[items].count && query(root, "$.store.items[1:]") == n - 1 && query(root, "$.store[") == -1;
}

static int try_transformations(int root)
{
    static char path[1000];
    int before = copy(root);
    sort_members(before);
    int after = copy(before);
    map_values(after, 3);
    map_values(find_member(after, "extra", 5), 1);
    remove_nulls(before);
    remove_nulls(after);
    sort_members(after);
    int patch = difference(before, after);
    if (!patch)
        return 0;
    int patched = apply_patch(before, patch);
    sort_members(patched);
    if (!same_value(patched, after) || difference(patched, after))
        return 0;
    mix(hash_value(patch));
    if (hash_value(before) != hash_value(copy(before)))
        return 0;
    int flat = new_value(OBJECT);
    flatten(after, flat, path, 0);
    sort_members(flat);
    mix(hash_value(flat));
    return survives(patch) && survives(flat);
}

static int try_utf8(int length)
{
    for (int k = 0; k < 6; k++) {
        int where = below(length), old = text[where], good = 0;
        text[where] = (char)below(256);
        while (good < length) {
            int n;
            if (utf8_decode(text + good, length - good, &n) < 0)
                break;
            good += n;
        }
        if (utf8_valid(text, length) != good)
            return 0;
        mix((uint32_t)good);
        text[where] = (char)old;
    }
    return 1;
}

/* Damaged documents are refused, or are documents. */
static int try_damaged(int length)
{
    static const char marks[] = "{}[],:\"\\0a-.e ";
    for (int k = 0; k < 8; k++) {
        int where = below(length), old = text[where];
        text[where] = marks[below(sizeof marks - 1)];
        forget_all();
        int v = parse(text, length);
        mix((uint32_t)v);
        if (v && k < 2 && !survives(v))
            return 0;
        text[where] = (char)old;
    }
    return 1;
}

int main(void)
{
    enum { DOCUMENTS = 160 };
    static const char *const wrong[] = { "", "01", "[1,]", "{\"a\"}", "\"\\ud800\"", "\"\\x\"", "nul", "1 2", "[1", "-", "1.", "\"\t\"",
                                         "{\"a\":1,}", "\xc0\x80", "\"\xed\xa0\x80\"", ".5", "1e", "{1:2}", "]" };
    make_utf8_tables();
    for (int i = 0; i < (int)(sizeof wrong / sizeof *wrong); i++) {
        forget_all();
        if (parse(wrong[i], (int)strlen(wrong[i])))
            return 1;
    }
    for (int d = 0; d < DOCUMENTS; d++) {
        seed = (uint32_t)d * 2654435761u + 99u;
        forget_all();
        int length = make_document(20 + d % 7 * 40), root = parse(text, length);
        if (!root)
            return 2;
        mix(hash_value(root));
        if (!survives(root))
            return 3;
        if (!try_queries(root))
            return 4;
        if (!try_transformations(root))
            return 5;
        if (!try_utf8(length))
            return 6;
        if (!try_damaged(length))
            return 7;
    }
    return (int)((sum ^ sum >> 8 ^ sum >> 16 ^ sum >> 24) & 255);
}
