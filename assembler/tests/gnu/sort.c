/* Recursion, arrays, structs, switch tables, function pointers. */
typedef unsigned u32;
struct node { int key; struct node *left, *right; };
static struct node pool[64];
static int used;
int counts[10];
const char *const names[] = { "zero", "one", "two", "three", "four", "five" };
static int compare_up(int a, int b) { return a < b ? -1 : a > b; }
static int compare_down(int a, int b) { return compare_up(b, a); }
int (*order[])(int, int) = { compare_up, compare_down };

void sort(int *a, int n, int (*cmp)(int, int)) {
    if (n < 2) return;
    int pivot = a[n / 2], i = 0, j = n - 1;
    while (i <= j) {
        while (cmp(a[i], pivot) < 0) i++;
        while (cmp(a[j], pivot) > 0) j--;
        if (i <= j) { int t = a[i]; a[i++] = a[j]; a[j--] = t; }
    }
    sort(a, j + 1, cmp);
    sort(a + i, n - i, cmp);
}

struct node *insert(struct node *tree, int key) {
    if (!tree) { struct node *n = &pool[used++]; n->key = key; return n; }
    if (key < tree->key) tree->left = insert(tree->left, key);
    else tree->right = insert(tree->right, key);
    return tree;
}

int classify(int c) {
    switch (c) {
    case 'a': return 1; case 'b': return 7; case 'c': return 3; case 'd': return 12;
    case 'e': return 5; case 'f': return -6; case 'g': return 70; case 'h': return 8;
    default: return names[c & 3][0];
    }
}

u32 hash(const char *s) { u32 h = 5381; while (*s) h = h * 33 + (unsigned char)*s++; return h % 1000003u; }

int _start(void) {
    static int data[] = { 5, -3, 12, 100000, 7, 0x7fffffff, 0, 1 };
    sort(data, 8, order[data[1] & 1]);
    struct node *tree = 0;
    for (int i = 0; i < 8; i++) tree = insert(tree, data[i] / 3 % 11);
    for (int i = 0; i < 6; i++) counts[i] += hash(names[i]) + classify('a' + i);
    return tree->key + counts[3];
}
