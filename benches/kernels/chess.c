/*
 * Chess: 0x88 board with piece lists, legal move generation, perft, and an alpha-beta search with
 * quiescence, transposition table, killer and history ordering, null move and check extensions.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int value, size_t n);

/* ---- Types and constants ------------------------------------------------------------------- */

enum { WHITE, BLACK };
enum { NONE, PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING };
enum { WK_CASTLE = 1, WQ_CASTLE = 2, BK_CASTLE = 4, BQ_CASTLE = 8 };
enum { F_CAPTURE = 1, F_DOUBLE = 2, F_EP = 4, F_CASTLE = 8, F_PROMO = 16 };
enum { MAX_PLY = 64, MAX_MOVES = 256, NO_SQUARE = 0x7F, MAX_PIECES = 16 };
enum { INFINITE = 30000, MATE = 29000, MATE_BOUND = 28000 };

#define PIECE(color, type) ((uint8_t)((type) | ((color) << 3)))
#define TYPE(p) ((p) & 7)
#define COLOR(p) ((p) >> 3)
#define RANK(s) ((s) >> 4)
#define FILE_OF(s) ((s) & 7)
#define ON_BOARD(s) (!((s) & 0x88))

typedef struct {
    uint8_t from, to, flags, promo;
} move_t;

typedef struct {
    move_t moves[MAX_MOVES];
    int scores[MAX_MOVES];
    int count;
} movelist_t;

typedef struct {
    uint32_t key, lock;
} hash_t;

typedef struct {
    move_t move;
    uint8_t captured, castling, ep, halfmove;
    hash_t hash;
} undo_t;

typedef struct {
    uint8_t square[128];               /* the piece on a square */
    uint8_t index[128];                /* its place in the piece list */
    uint8_t list[2][MAX_PIECES];       /* squares of a side's pieces */
    uint8_t count[2];
    uint8_t king[2];
    uint8_t side, castling, ep, halfmove;
    hash_t hash;
    int ply;
    undo_t stack[MAX_PLY * 4];
} board_t;

/* ---- Tables -------------------------------------------------------------------------------- */

static const int8_t knight_steps[8] = { -33, -31, -18, -14, 14, 18, 31, 33 };
static const int8_t king_steps[8] = { -17, -15, 15, 17, -16, -1, 1, 16 };
/* Bishop directions are the first four of king_steps, rook directions the last four. */

static const int piece_value[7] = { 0, 100, 320, 330, 500, 950, 0 };

static const int8_t pawn_table[64] = {
    0, 0, 0, 0, 0, 0, 0, 0,
    5, 10, 10, -20, -20, 10, 10, 5,
    5, -5, -10, 0, 0, -10, -5, 5,
    0, 0, 0, 20, 20, 0, 0, 0,
    5, 5, 10, 25, 25, 10, 5, 5,
    10, 10, 20, 30, 30, 20, 10, 10,
    50, 50, 50, 50, 50, 50, 50, 50,
    0, 0, 0, 0, 0, 0, 0, 0,
};

static const int8_t knight_table[64] = {
    -50, -40, -30, -30, -30, -30, -40, -50,
    -40, -20, 0, 5, 5, 0, -20, -40,
    -30, 5, 10, 15, 15, 10, 5, -30,
    -30, 0, 15, 20, 20, 15, 0, -30,
    -30, 5, 15, 20, 20, 15, 5, -30,
    -30, 0, 10, 15, 15, 10, 0, -30,
    -40, -20, 0, 0, 0, 0, -20, -40,
    -50, -40, -30, -30, -30, -30, -40, -50,
};

static const int8_t king_middle[64] = {
    20, 30, 10, 0, 0, 10, 30, 20,
    20, 20, 0, 0, 0, 0, 20, 20,
    -10, -20, -20, -20, -20, -20, -20, -10,
    -20, -30, -30, -40, -40, -30, -30, -20,
    -30, -40, -40, -50, -50, -40, -40, -30,
    -30, -40, -40, -50, -50, -40, -40, -30,
    -30, -40, -40, -50, -50, -40, -40, -30,
    -30, -40, -40, -50, -50, -40, -40, -30,
};

static hash_t zobrist_piece[16][128], zobrist_castle[16], zobrist_ep[128], zobrist_side;
static uint8_t castle_mask[128];
static uint8_t attack_kind[256];    /* by to - from + 128: which piece kinds can attack along it */
static int8_t attack_step[256];     /* and the step of a slider */

enum { A_KNIGHT = 1, A_DIAGONAL = 2, A_STRAIGHT = 4, A_NEAR = 8 };

static uint32_t random_state = 0x12345678;

static uint32_t random32(void)
{
    uint32_t x = random_state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    random_state = x;
    return x * 0x9E3779B1u;
}

static hash_t random_hash(void)
{
    hash_t h;
    h.key = random32();
    h.lock = random32();
    return h;
}

static void init_tables(void)
{
    for (int p = 0; p < 16; p++)
        for (int s = 0; s < 128; s++)
            zobrist_piece[p][s] = random_hash();
    for (int i = 0; i < 16; i++)
        zobrist_castle[i] = random_hash();
    for (int s = 0; s < 128; s++)
        zobrist_ep[s] = random_hash();
    zobrist_ep[NO_SQUARE].key = zobrist_ep[NO_SQUARE].lock = 0;
    zobrist_side = random_hash();

    memset(castle_mask, 15, sizeof castle_mask);
    castle_mask[0x00] = (uint8_t)(15 & ~WQ_CASTLE);
    castle_mask[0x07] = (uint8_t)(15 & ~WK_CASTLE);
    castle_mask[0x04] = (uint8_t)(15 & ~(WK_CASTLE | WQ_CASTLE));
    castle_mask[0x70] = (uint8_t)(15 & ~BQ_CASTLE);
    castle_mask[0x77] = (uint8_t)(15 & ~BK_CASTLE);
    castle_mask[0x74] = (uint8_t)(15 & ~(BK_CASTLE | BQ_CASTLE));

    for (int i = 0; i < 8; i++)
        attack_kind[128 + knight_steps[i]] |= A_KNIGHT;
    for (int i = 0; i < 8; i++)
        for (int n = 1; n < 8; n++) {
            int d = 128 + king_steps[i] * n;
            attack_kind[d] |= (uint8_t)((i < 4 ? A_DIAGONAL : A_STRAIGHT) | (n == 1 ? A_NEAR : 0));
            attack_step[d] = king_steps[i];
        }
}

/* ---- The board ----------------------------------------------------------------------------- */

static inline void hash_xor(hash_t *h, const hash_t *with)
{
    h->key ^= with->key;
    h->lock ^= with->lock;
}

static void put_piece(board_t *b, int s, int p)
{
    int c = COLOR(p), n = b->count[c]++;
    b->square[s] = (uint8_t)p;
    b->index[s] = (uint8_t)n;
    b->list[c][n] = (uint8_t)s;
    hash_xor(&b->hash, &zobrist_piece[p][s]);
    if (TYPE(p) == KING)
        b->king[c] = (uint8_t)s;
}

static void remove_piece(board_t *b, int s)
{
    int p = b->square[s], c = COLOR(p), n = b->index[s], last = --b->count[c];
    int moved = b->list[c][last];
    b->list[c][n] = (uint8_t)moved;
    b->index[moved] = (uint8_t)n;
    b->square[s] = NONE;
    hash_xor(&b->hash, &zobrist_piece[p][s]);
}

static void shift_piece(board_t *b, int from, int to)
{
    int p = b->square[from], c = COLOR(p), n = b->index[from];
    b->square[from] = NONE;
    b->square[to] = (uint8_t)p;
    b->index[to] = (uint8_t)n;
    b->list[c][n] = (uint8_t)to;
    hash_xor(&b->hash, &zobrist_piece[p][from]);
    hash_xor(&b->hash, &zobrist_piece[p][to]);
    if (TYPE(p) == KING)
        b->king[c] = (uint8_t)to;
}

static int piece_from_letter(int ch)
{
    static const char letters[] = " pnbrqk";
    int color = ch >= 'a' ? BLACK : WHITE, lower = ch | 0x20;
    for (int t = PAWN; t <= KING; t++)
        if (letters[t] == lower)
            return PIECE(color, t);
    return NONE;
}

static void set_fen(board_t *b, const char *fen)
{
    memset(b, 0, sizeof *b);
    int rank = 7, file = 0;
    for (; *fen != ' '; fen++) {
        if (*fen == '/') {
            rank--;
            file = 0;
        } else if (*fen >= '1' && *fen <= '8') {
            file += *fen - '0';
        } else {
            put_piece(b, rank * 16 + file, piece_from_letter(*fen));
            file++;
        }
    }
    fen++;
    b->side = *fen == 'b' ? BLACK : WHITE;
    fen += 2;
    for (; *fen != ' '; fen++) {
        switch (*fen) {
        case 'K': b->castling |= WK_CASTLE; break;
        case 'Q': b->castling |= WQ_CASTLE; break;
        case 'k': b->castling |= BK_CASTLE; break;
        case 'q': b->castling |= BQ_CASTLE; break;
        default: break;
        }
    }
    fen++;
    b->ep = NO_SQUARE;
    if (*fen != '-')
        b->ep = (uint8_t)((fen[1] - '1') * 16 + fen[0] - 'a');
    if (b->side == BLACK)
        hash_xor(&b->hash, &zobrist_side);
    hash_xor(&b->hash, &zobrist_castle[b->castling]);
    hash_xor(&b->hash, &zobrist_ep[b->ep]);
}

/* Is square s attacked by a piece of the given color? */
static int attacked(const board_t *b, int s, int by)
{
    const uint8_t *list = b->list[by];
    int n = b->count[by];
    int pawn_left = by == WHITE ? 15 : -15, pawn_right = by == WHITE ? 17 : -17;
    for (int i = 0; i < n; i++) {
        int from = list[i], d = s - from, kind = attack_kind[128 + d];
        if (!kind)
            continue;
        int slide;
        switch (TYPE(b->square[from])) {
        case PAWN:
            if (d == pawn_left || d == pawn_right)
                return 1;
            continue;
        case KNIGHT:
            if (kind & A_KNIGHT)
                return 1;
            continue;
        case KING:
            if (kind & A_NEAR)
                return 1;
            continue;
        case BISHOP: slide = kind & A_DIAGONAL; break;
        case ROOK: slide = kind & A_STRAIGHT; break;
        default: slide = kind & (A_DIAGONAL | A_STRAIGHT); break;
        }
        if (!slide)
            continue;
        int step = attack_step[128 + d], t = from + step;
        while (t != s && b->square[t] == NONE)
            t += step;
        if (t == s)
            return 1;
    }
    return 0;
}

static int in_check(const board_t *b, int side)
{
    return attacked(b, b->king[side], side ^ 1);
}

/* ---- Making moves -------------------------------------------------------------------------- */

static void rook_squares(int king_to, int *from, int *to)
{
    if (FILE_OF(king_to) == 6) {
        *from = king_to + 1;
        *to = king_to - 1;
    } else {
        *from = king_to - 2;
        *to = king_to + 1;
    }
}

static void unmake_move(board_t *b);

/* Returns 0, with the board as it was, if the move leaves the king in check. */
static int make_move(board_t *b, move_t m)
{
    undo_t *u = &b->stack[b->ply++];
    int side = b->side, up = side == WHITE ? 16 : -16;
    u->move = m;
    u->castling = b->castling;
    u->ep = b->ep;
    u->halfmove = b->halfmove;
    u->hash = b->hash;
    u->captured = NONE;

    b->halfmove++;
    if (m.flags & F_CAPTURE) {
        int victim = m.flags & F_EP ? m.to - up : m.to;
        u->captured = b->square[victim];
        remove_piece(b, victim);
        b->halfmove = 0;
    }
    if (TYPE(b->square[m.from]) == PAWN)
        b->halfmove = 0;
    shift_piece(b, m.from, m.to);
    if (m.flags & F_PROMO) {
        remove_piece(b, m.to);
        put_piece(b, m.to, PIECE(side, m.promo));
    }
    if (m.flags & F_CASTLE) {
        int from, to;
        rook_squares(m.to, &from, &to);
        shift_piece(b, from, to);
    }

    hash_xor(&b->hash, &zobrist_castle[b->castling]);
    b->castling &= castle_mask[m.from] & castle_mask[m.to];
    hash_xor(&b->hash, &zobrist_castle[b->castling]);
    hash_xor(&b->hash, &zobrist_ep[b->ep]);
    b->ep = m.flags & F_DOUBLE ? (uint8_t)(m.from + up) : NO_SQUARE;
    hash_xor(&b->hash, &zobrist_ep[b->ep]);
    hash_xor(&b->hash, &zobrist_side);
    b->side ^= 1;

    if (in_check(b, side)) {
        unmake_move(b);
        return 0;
    }
    return 1;
}

static void unmake_move(board_t *b)
{
    undo_t *u = &b->stack[--b->ply];
    move_t m = u->move;
    b->side ^= 1;
    int side = b->side, up = side == WHITE ? 16 : -16;

    if (m.flags & F_CASTLE) {
        int from, to;
        rook_squares(m.to, &from, &to);
        shift_piece(b, to, from);
    }
    if (m.flags & F_PROMO) {
        remove_piece(b, m.to);
        put_piece(b, m.to, PIECE(side, PAWN));
    }
    shift_piece(b, m.to, m.from);
    if (u->captured != NONE)
        put_piece(b, m.flags & F_EP ? m.to - up : m.to, u->captured);
    b->castling = u->castling;
    b->ep = u->ep;
    b->halfmove = u->halfmove;
    b->hash = u->hash;
}

static void make_null(board_t *b)
{
    undo_t *u = &b->stack[b->ply++];
    memset(&u->move, 0, sizeof u->move);
    u->ep = b->ep;
    u->halfmove = b->halfmove;
    u->hash = b->hash;
    hash_xor(&b->hash, &zobrist_ep[b->ep]);
    hash_xor(&b->hash, &zobrist_side);
    b->ep = NO_SQUARE;
    b->halfmove = 0;
    b->side ^= 1;
}

static void unmake_null(board_t *b)
{
    undo_t *u = &b->stack[--b->ply];
    b->side ^= 1;
    b->ep = u->ep;
    b->halfmove = u->halfmove;
    b->hash = u->hash;
}

/* ---- Generating moves ---------------------------------------------------------------------- */

static void add_move(movelist_t *l, int from, int to, int flags, int promo)
{
    move_t *m = &l->moves[l->count++];
    m->from = (uint8_t)from;
    m->to = (uint8_t)to;
    m->flags = (uint8_t)flags;
    m->promo = (uint8_t)promo;
}

static void add_pawn_move(movelist_t *l, int from, int to, int flags)
{
    if (RANK(to) == 0 || RANK(to) == 7) {
        for (int p = QUEEN; p >= KNIGHT; p--)
            add_move(l, from, to, flags | F_PROMO, p);
    } else {
        add_move(l, from, to, flags, NONE);
    }
}

static void generate_pawn(const board_t *b, movelist_t *l, int from, int captures_only)
{
    int side = b->side, up = side == WHITE ? 16 : -16, start = side == WHITE ? 1 : 6;
    int last = side == WHITE ? 6 : 1;
    for (int d = -1; d <= 1; d += 2) {
        int to = from + up + d;
        if (!ON_BOARD(to))
            continue;
        int victim = b->square[to];
        if (victim != NONE && COLOR(victim) != side)
            add_pawn_move(l, from, to, F_CAPTURE);
        else if (to == b->ep)
            add_move(l, from, to, F_CAPTURE | F_EP, NONE);
    }
    if (captures_only && RANK(from) != last)
        return;
    if (b->square[from + up] == NONE) {
        add_pawn_move(l, from, from + up, 0);
        if (RANK(from) == start && b->square[from + 2 * up] == NONE)
            add_move(l, from, from + 2 * up, F_DOUBLE, NONE);
    }
}

static void generate_steps(const board_t *b, movelist_t *l, int from, const int8_t *steps, int captures_only)
{
    for (int i = 0; i < 8; i++) {
        int to = from + steps[i];
        if (!ON_BOARD(to))
            continue;
        int victim = b->square[to];
        if (victim == NONE) {
            if (!captures_only)
                add_move(l, from, to, 0, NONE);
        } else if (COLOR(victim) != b->side) {
            add_move(l, from, to, F_CAPTURE, NONE);
        }
    }
}

static void generate_slides(const board_t *b, movelist_t *l, int from, int first, int end, int captures_only)
{
    for (int i = first; i < end; i++) {
        int step = king_steps[i];
        for (int to = from + step; ON_BOARD(to); to += step) {
            int victim = b->square[to];
            if (victim != NONE) {
                if (COLOR(victim) != b->side)
                    add_move(l, from, to, F_CAPTURE, NONE);
                break;
            }
            if (!captures_only)
                add_move(l, from, to, 0, NONE);
        }
    }
}

static void generate_castling(const board_t *b, movelist_t *l)
{
    int side = b->side, king = b->king[side], them = side ^ 1;
    int rights = side == WHITE ? b->castling : b->castling >> 2;
    if (!(rights & 3) || attacked(b, king, them))
        return;
    if ((rights & 1) && b->square[king + 1] == NONE && b->square[king + 2] == NONE
        && !attacked(b, king + 1, them))
        add_move(l, king, king + 2, F_CASTLE, NONE);
    if ((rights & 2) && b->square[king - 1] == NONE && b->square[king - 2] == NONE
        && b->square[king - 3] == NONE && !attacked(b, king - 1, them))
        add_move(l, king, king - 2, F_CASTLE, NONE);
}

static void generate(const board_t *b, movelist_t *l, int captures_only)
{
    const uint8_t *list = b->list[b->side];
    int n = b->count[b->side];
    l->count = 0;
    for (int i = 0; i < n; i++) {
        int from = list[i];
        switch (TYPE(b->square[from])) {
        case PAWN: generate_pawn(b, l, from, captures_only); break;
        case KNIGHT: generate_steps(b, l, from, knight_steps, captures_only); break;
        case BISHOP: generate_slides(b, l, from, 0, 4, captures_only); break;
        case ROOK: generate_slides(b, l, from, 4, 8, captures_only); break;
        case QUEEN: generate_slides(b, l, from, 0, 8, captures_only); break;
        case KING: generate_steps(b, l, from, king_steps, captures_only); break;
        default: break;
        }
    }
    if (!captures_only)
        generate_castling(b, l);
}

/* ---- Perft --------------------------------------------------------------------------------- */

static uint32_t perft(board_t *b, int depth)
{
    movelist_t l;
    uint32_t total = 0;
    if (depth == 0)
        return 1;
    generate(b, &l, 0);
    for (int i = 0; i < l.count; i++) {
        if (!make_move(b, l.moves[i]))
            continue;
        total += perft(b, depth - 1);
        unmake_move(b);
    }
    return total;
}

/* ---- Evaluation ---------------------------------------------------------------------------- */

typedef struct {
    uint8_t pawns[2][10];       /* pawns on a file, shifted by one for the edges */
    uint8_t rear[2][10];        /* the rank of the rearmost, seen from its side */
    int material[2];
} pawninfo_t;

static void collect_pawns(const board_t *b, pawninfo_t *info)
{
    memset(info, 0, sizeof *info);
    memset(info->rear, 7, sizeof info->rear);
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < b->count[c]; i++) {
            int s = b->list[c][i], t = TYPE(b->square[s]);
            if (t != PAWN) {
                info->material[c] += piece_value[t];
                continue;
            }
            int f = FILE_OF(s) + 1, r = c == WHITE ? RANK(s) : 7 - RANK(s);
            info->pawns[c][f]++;
            if (r < info->rear[c][f])
                info->rear[c][f] = (uint8_t)r;
        }
}

static int slide_mobility(const board_t *b, int from, int first, int end)
{
    int n = 0;
    for (int i = first; i < end; i++)
        for (int to = from + king_steps[i]; ON_BOARD(to); to += king_steps[i]) {
            n++;
            if (b->square[to] != NONE)
                break;
        }
    return n;
}

static int eval_pawn(const pawninfo_t *info, int c, int file, int rank)
{
    int score = 0, f = file + 1, them = c ^ 1, passed = 1;
    if (info->pawns[c][f] > 1)
        score -= 10;
    if (!info->pawns[c][f - 1] && !info->pawns[c][f + 1])
        score -= 12;
    for (int g = f - 1; g <= f + 1; g++)
        if (info->pawns[them][g] && 7 - info->rear[them][g] > rank)
            passed = 0;
    if (passed)
        score += rank * rank * 2;
    return score;
}

static int eval_side(const board_t *b, const pawninfo_t *info, int c)
{
    int score = 0, bishops = 0, endgame = info->material[c ^ 1] < 1400;
    for (int i = 0; i < b->count[c]; i++) {
        int s = b->list[c][i], t = TYPE(b->square[s]);
        int rank = c == WHITE ? RANK(s) : 7 - RANK(s), file = FILE_OF(s), at = rank * 8 + file;
        score += piece_value[t];
        switch (t) {
        case PAWN:
            score += pawn_table[at] + eval_pawn(info, c, file, rank);
            break;
        case KNIGHT:
            score += knight_table[at];
            break;
        case BISHOP:
            score += 4 * slide_mobility(b, s, 0, 4) - 20;
            bishops++;
            break;
        case ROOK:
            score += 2 * slide_mobility(b, s, 4, 8) - 10;
            if (!info->pawns[c][file + 1])
                score += info->pawns[c ^ 1][file + 1] ? 8 : 15;
            if (rank == 6)
                score += 15;
            break;
        case QUEEN:
            score += slide_mobility(b, s, 0, 8) - 8;
            break;
        default:
            if (endgame) {
                int df = file < 4 ? 3 - file : file - 4, dr = rank < 4 ? 3 - rank : rank - 4;
                score -= 10 * (df + dr);
            } else {
                score += king_middle[at];
            }
            break;
        }
    }
    if (bishops >= 2)
        score += 30;
    return score;
}

static int evaluate(const board_t *b)
{
    pawninfo_t info;
    collect_pawns(b, &info);
    int score = eval_side(b, &info, WHITE) - eval_side(b, &info, BLACK);
    return b->side == WHITE ? score : -score;
}

/* ---- Search -------------------------------------------------------------------------------- */

enum { TT_SIZE = 1 << 16, TT_EXACT = 1, TT_LOWER = 2, TT_UPPER = 3 };

typedef struct {
    uint32_t lock;
    move_t move;
    int16_t score;
    uint8_t depth, kind;
} tt_entry_t;

static tt_entry_t table[TT_SIZE];
static move_t killers[MAX_PLY][2];
static int32_t history[16][128];
static uint32_t nodes;

static int same_move(move_t a, move_t b)
{
    return a.from == b.from && a.to == b.to && a.promo == b.promo;
}

static int tt_probe(const board_t *b, int depth, int ply, int alpha, int beta, move_t *move, int *score)
{
    const tt_entry_t *e = &table[b->hash.key % TT_SIZE];
    if (!e->kind || e->lock != b->hash.lock)
        return 0;
    *move = e->move;
    if (e->depth < depth)
        return 0;
    int s = e->score;
    if (s > MATE_BOUND)
        s -= ply;
    else if (s < -MATE_BOUND)
        s += ply;
    *score = s;
    return e->kind == TT_EXACT || (e->kind == TT_LOWER && s >= beta) || (e->kind == TT_UPPER && s <= alpha);
}

static void tt_store(const board_t *b, int depth, int ply, int score, int kind, move_t move)
{
    tt_entry_t *e = &table[b->hash.key % TT_SIZE];
    if (e->kind && e->lock != b->hash.lock && e->depth > depth + 2)
        return;
    if (score > MATE_BOUND)
        score += ply;
    else if (score < -MATE_BOUND)
        score -= ply;
    e->lock = b->hash.lock;
    e->move = move;
    e->score = (int16_t)score;
    e->depth = (uint8_t)depth;
    e->kind = (uint8_t)kind;
}

static void score_moves(const board_t *b, movelist_t *l, move_t best, int ply)
{
    for (int i = 0; i < l->count; i++) {
        move_t m = l->moves[i];
        int piece = b->square[m.from], s;
        if (same_move(m, best)) {
            s = 1 << 30;
        } else if (m.flags & F_CAPTURE) {
            int victim = m.flags & F_EP ? PAWN : TYPE(b->square[m.to]);
            s = (1 << 28) + piece_value[victim] * 16 - piece_value[TYPE(piece)] + piece_value[m.promo];
        } else if (m.flags & F_PROMO) {
            s = (1 << 27) + piece_value[m.promo];
        } else if (same_move(m, killers[ply][0])) {
            s = (1 << 26) + 1;
        } else if (same_move(m, killers[ply][1])) {
            s = 1 << 26;
        } else {
            s = history[piece][m.to];
        }
        l->scores[i] = s;
    }
}

static move_t pick_move(movelist_t *l, int from)
{
    int best = from;
    for (int i = from + 1; i < l->count; i++)
        if (l->scores[i] > l->scores[best])
            best = i;
    move_t m = l->moves[best];
    int s = l->scores[best];
    l->moves[best] = l->moves[from];
    l->scores[best] = l->scores[from];
    l->moves[from] = m;
    l->scores[from] = s;
    return m;
}

static int repeated(const board_t *b)
{
    for (int i = 2; i <= b->halfmove && i <= b->ply; i += 2) {
        const hash_t *h = &b->stack[b->ply - i].hash;
        if (h->key == b->hash.key && h->lock == b->hash.lock)
            return 1;
    }
    return 0;
}

static int quiesce(board_t *b, int alpha, int beta, int ply)
{
    static const move_t no_move;
    movelist_t l;
    nodes++;
    int stand = evaluate(b);
    if (stand >= beta || ply >= MAX_PLY - 1)
        return stand;
    if (stand > alpha)
        alpha = stand;
    int best = stand;
    generate(b, &l, 1);
    score_moves(b, &l, no_move, ply);
    for (int i = 0; i < l.count; i++) {
        move_t m = pick_move(&l, i);
        int gain = m.flags & F_EP ? 100 : piece_value[TYPE(b->square[m.to])];
        if (!(m.flags & F_PROMO) && stand + gain + 200 < alpha)
            continue;
        if (!make_move(b, m))
            continue;
        int score = -quiesce(b, -beta, -alpha, ply + 1);
        unmake_move(b);
        if (score > best)
            best = score;
        if (score > alpha)
            alpha = score;
        if (alpha >= beta)
            break;
    }
    return best;
}

static void note_cutoff(const board_t *b, move_t m, int depth, int ply)
{
    if (m.flags & (F_CAPTURE | F_PROMO))
        return;
    if (!same_move(m, killers[ply][0])) {
        killers[ply][1] = killers[ply][0];
        killers[ply][0] = m;
    }
    int32_t *h = &history[b->square[m.from]][m.to];
    *h += depth * depth;
    if (*h > 1 << 20)
        for (int p = 0; p < 16; p++)
            for (int s = 0; s < 128; s++)
                history[p][s] >>= 1;
}

static int has_pieces(const board_t *b, int side)
{
    for (int i = 0; i < b->count[side]; i++) {
        int t = TYPE(b->square[b->list[side][i]]);
        if (t != PAWN && t != KING)
            return 1;
    }
    return 0;
}

static int search(board_t *b, int depth, int alpha, int beta, int ply, int null_ok)
{
    movelist_t l;
    move_t best_move = { 0, 0, 0, 0 };
    int score, check = in_check(b, b->side);
    if (check)
        depth++;
    if (depth <= 0 || ply >= MAX_PLY - 1)
        return quiesce(b, alpha, beta, ply);
    nodes++;
    if (ply > 0) {
        if (b->halfmove >= 100 || repeated(b))
            return 0;
        if (tt_probe(b, depth, ply, alpha, beta, &best_move, &score))
            return score;
    } else {
        tt_probe(b, 255, ply, alpha, beta, &best_move, &score);
    }

    if (null_ok && !check && depth >= 3 && beta < MATE_BOUND && has_pieces(b, b->side)) {
        make_null(b);
        score = -search(b, depth - 3, -beta, -beta + 1, ply + 1, 0);
        unmake_null(b);
        if (score >= beta)
            return beta;
    }

    generate(b, &l, 0);
    score_moves(b, &l, best_move, ply);
    int best = -INFINITE, old_alpha = alpha, legal = 0;
    for (int i = 0; i < l.count; i++) {
        move_t m = pick_move(&l, i);
        if (!make_move(b, m))
            continue;
        legal++;
        if (legal == 1) {
            score = -search(b, depth - 1, -beta, -alpha, ply + 1, 1);
        } else {
            int less = legal > 4 && depth >= 3 && !check && !(m.flags & (F_CAPTURE | F_PROMO)) ? 1 : 0;
            score = -search(b, depth - 1 - less, -alpha - 1, -alpha, ply + 1, 1);
            if (score > alpha && (less || score < beta))
                score = -search(b, depth - 1, -beta, -alpha, ply + 1, 1);
        }
        unmake_move(b);
        if (score > best) {
            best = score;
            best_move = m;
        }
        if (score > alpha)
            alpha = score;
        if (alpha >= beta) {
            note_cutoff(b, m, depth, ply);
            break;
        }
    }
    if (!legal)
        return check ? -MATE + ply : 0;
    tt_store(b, depth, ply, best, best >= beta ? TT_LOWER : best > old_alpha ? TT_EXACT : TT_UPPER, best_move);
    return best;
}

static int think(board_t *b, int depth, move_t *move)
{
    int score = 0;
    memset(table, 0, sizeof table);
    memset(killers, 0, sizeof killers);
    memset(history, 0, sizeof history);
    for (int d = 1; d <= depth; d++)
        score = search(b, d, -INFINITE, INFINITE, 0, 0);
    const tt_entry_t *e = &table[b->hash.key % TT_SIZE];
    *move = e->move;
    return score;
}

/* ---- Main ---------------------------------------------------------------------------------- */

static board_t board;
static uint32_t checksum = 2166136261u;

static void mix(uint32_t x)
{
    checksum = (checksum ^ x) * 16777619u;
    checksum ^= checksum >> 15;
}

static int check_perft(const char *fen, int depth, uint32_t expected)
{
    set_fen(&board, fen);
    hash_t before = board.hash;
    uint32_t n = perft(&board, depth);
    mix(n);
    return n == expected && before.key == board.hash.key && before.lock == board.hash.lock;
}

static const struct {
    const char *fen;
    int depth;
} problems[] = {
    { "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1", 6 },
    { "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 5 },
    { "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 9 },
    { "r1bq1rk1/pp2bppp/2n1pn2/2pp4/3P1B2/2PBPN2/PP1N1PPP/R2QK2R w KQ - 0 8", 7 },
};

int main(void)
{
    init_tables();
    if (!check_perft("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1", 4, 197281))
        return 1;
    if (!check_perft("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 4, 4085603))
        return 2;
    if (!check_perft("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 4, 43238))
        return 3;

    /* Mate in two: the back rank. */
    move_t m;
    set_fen(&board, "6k1/5ppp/8/8/8/8/1R3PPP/1R4K1 w - - 0 1");
    if (think(&board, 4, &m) != MATE - 1)
        return 4;

    for (unsigned i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        set_fen(&board, problems[i].fen);
        nodes = 0;
        int score = think(&board, problems[i].depth, &m);
        mix((uint32_t)score);
        mix(nodes);
        mix(m.from | (uint32_t)m.to << 8 | (uint32_t)m.promo << 16);
    }
    return (int)((checksum ^ checksum >> 8 ^ checksum >> 16 ^ checksum >> 24) & 0xFF);
}
