/* The system instructions of PG32 for C, and the shape of a PSW in storage.
 *
 * Principles of operation, section 5. All are privileged in the default profile. */
#ifndef PG32_H
#define PG32_H

typedef unsigned int pg32_word;

/* A PSW as lpsw loads and spsw stores it; a trap stores `info` behind it. */
struct pg32_psw {
    pg32_word status; /* bit 0: mode, 1 = user; bits 15..8: cause */
    pg32_word base;
    pg32_word limit;
    pg32_word pc;
    pg32_word timer;
    pg32_word info;
};

enum pg32_cause {
    PG32_CALL = 1,
    PG32_BREAKPOINT,
    PG32_ILLEGAL,
    PG32_PRIVILEGED,
    PG32_MEMORY,
    PG32_ALIGNMENT,
    PG32_TIMER
};

/* The slots, placed by kernel.ld: to the compiler a pointer with the value 0 would be one to nothing. */
extern volatile struct pg32_psw pg32_old; /* slot 0, written by a trap */
extern volatile struct pg32_psw pg32_new; /* slot 1, read by a trap */

/* Goes on at `psw`; never comes back. */
static inline void pg32_lpsw(const struct pg32_psw *psw)
{
    __asm__ volatile(".insn i CUSTOM_0, 0, x0, %0, 0" : : "r"(psw) : "memory");
    __builtin_unreachable();
}

/* Stores the PSW of this instruction at `psw`, five words. */
static inline void pg32_spsw(struct pg32_psw *psw)
{
    __asm__ volatile(".insn s CUSTOM_0, 1, x0, 0(%0)" : : "r"(psw) : "memory");
}

/* Stops the machine with `status` as its exit status. */
static inline void pg32_halt(pg32_word status)
{
    register pg32_word a0 __asm__("a0") = status;
    __asm__ volatile(".insn r CUSTOM_0, 2, 0, x0, x0, x0" : : "r"(a0) : "memory");
    __builtin_unreachable();
}

#define PG32_READ(name, funct7)                                                   \
    static inline pg32_word name(void)                                            \
    {                                                                             \
        pg32_word value;                                                          \
        __asm__ volatile(".insn r CUSTOM_0, 2, " #funct7 ", %0, x0, x0" : "=r"(value)); \
        return value;                                                             \
    }
PG32_READ(pg32_rdm, 1) /* the mode: 0 = supervisor, 1 = user */
PG32_READ(pg32_rdb, 2) /* B */
PG32_READ(pg32_rdl, 3) /* L */
#undef PG32_READ

/* B = base, L = limit; goes on behind it in the new segment. */
static inline void pg32_setr(pg32_word base, pg32_word limit)
{
    __asm__ volatile(".insn r CUSTOM_0, 2, 4, x0, %0, %1" : : "r"(base), "r"(limit) : "memory");
}

/* M = bit 0 of mode. */
static inline void pg32_setm(pg32_word mode)
{
    __asm__ volatile(".insn r CUSTOM_0, 2, 5, x0, %0, x0" : : "r"(mode) : "memory");
}

/* The word at a physical address, whatever the segment. */
static inline pg32_word pg32_lwp(pg32_word address)
{
    pg32_word value;
    __asm__ volatile(".insn i CUSTOM_0, 3, %0, %1, 0" : "=r"(value) : "r"(address) : "memory");
    return value;
}

/* Stores a word at a physical address. */
static inline void pg32_swp(pg32_word address, pg32_word value)
{
    __asm__ volatile(".insn s CUSTOM_0, 4, %0, 0(%1)" : : "r"(value), "r"(address) : "memory");
}

/* The word read from a port: 0 is the console's next byte (all ones at the end), 1 how many are left. */
static inline pg32_word pg32_in(pg32_word port)
{
    pg32_word value;
    __asm__ volatile(".insn i CUSTOM_0, 5, %0, %1, 0" : "=r"(value) : "r"(port) : "memory");
    return value;
}

/* Writes a word to a port: 0 appends its low byte to the console's output. */
static inline void pg32_out(pg32_word port, pg32_word value)
{
    __asm__ volatile(".insn s CUSTOM_0, 6, %0, 0(%1)" : : "r"(value), "r"(port) : "memory");
}

/* The supervisor-call trap, with one word each way; a handler finds them in a0. */
static inline pg32_word pg32_call(pg32_word argument)
{
    register pg32_word a0 __asm__("a0") = argument;
    __asm__ volatile("ecall" : "+r"(a0) : : "memory");
    return a0;
}

#endif
