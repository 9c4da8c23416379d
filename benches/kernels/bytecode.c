/* An interpreter of a small stack language: indirect jumps through a table. */
enum { PUSH, ADD, SUB, MUL, DUP, SWAP, JNZ, DROP, XOR, LOAD, STORE, END };
static const signed char program[] = {
    PUSH, 0, STORE, 0, PUSH, 100, STORE, 1,
    /* 8: */ LOAD, 0, LOAD, 1, DUP, MUL, ADD, PUSH, 17, XOR, STORE, 0,
    LOAD, 0, PUSH, 3, SWAP, SUB, DROP,
    LOAD, 1, PUSH, 1, SUB, DUP, STORE, 1, JNZ, 8, END};

static int interpret(int seed)
{
    int stack[16], cells[4] = {seed, 0, 0, 0}, *sp = stack, t;
    const signed char *pc = program;
    for (;;)
        switch (*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case ADD: sp--; sp[-1] += sp[0]; break;
        case SUB: sp--; sp[-1] -= sp[0]; break;
        case MUL: sp--; sp[-1] *= sp[0]; break;
        case DUP: sp[0] = sp[-1]; sp++; break;
        case SWAP: t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break;
        case JNZ: t = *pc++; if (*--sp) pc = program + t; break;
        case DROP: sp--; break;
        case XOR: sp--; sp[-1] ^= sp[0]; break;
        case LOAD: *sp++ = cells[(int)*pc++]; break;
        case STORE: cells[(int)*pc++] = *--sp; break;
        default: return cells[0];
        }
}

int main(void)
{
    int sum = 0;
    for (int i = 0; i < 120000; i++)
        sum += interpret(i);
    return sum & 0x7f;
}
