/* Binary search tree of nodes in an arena: pointer chasing, function pointers. */
#define N 20000
struct node { struct node *child[2]; unsigned key, count; };
static struct node arena[N];

static unsigned bump(struct node *n) { return ++n->count; }
static unsigned mix(struct node *n) { return n->count += n->key & 3; }
static unsigned (*const visit[2])(struct node *) = {bump, mix};

int main(void)
{
    unsigned sum = 0, x = 1;
    for (int round = 0; round < 60; round++) {
        unsigned used = 0;
        struct node *root = 0;
        for (int i = 0; i < N * 4; i++) {
            unsigned key = (x = x * 1664525u + 1013904223u) >> 12;
            if (i >= N / 2)
                key %= 65536;
            struct node **at = &root;
            while (*at && (*at)->key != key)
                at = &(*at)->child[key > (*at)->key];
            if (*at)
                sum += visit[key & 1](*at);
            else if (used < N) {
                struct node *n = *at = &arena[used++];
                n->child[0] = n->child[1] = 0;
                n->key = key;
                n->count = 0;
            }
        }
    }
    return sum & 0x7f;
}
