/* difference.c - see difference.h. */
#include "cmd/difference.h"

#include <string.h>
#include <talloc.h>

/* One text, cut at its newlines. */
struct lines {
    const char **text;
    int *length;
    size_t count;
};

static struct lines cut(void *mem, const char *text)
{
    struct lines lines = {0};

    while (*text) {
        size_t length = strcspn(text, "\n");
        lines.text = talloc_realloc(mem, lines.text, const char *, lines.count + 1);
        lines.length = talloc_realloc(mem, lines.length, int, lines.count + 1);
        lines.text[lines.count] = text;
        lines.length[lines.count++] = (int)length;
        text += length + (text[length] == '\n');
    }
    return lines;
}

static int is_same(const struct lines *a, size_t i, const struct lines *b, size_t k)
{
    return a->length[i] == b->length[k] && memcmp(a->text[i], b->text[k], (size_t)a->length[i]) == 0;
}

/* At [i * (b->count + 1) + k]: how many lines the rests of both, from i and from k on, have in common. */
static unsigned *measure(void *mem, const struct lines *a, const struct lines *b)
{
    size_t width = b->count + 1;
    unsigned *common = talloc_zero_array(mem, unsigned, (unsigned)((a->count + 1) * width));

    for (size_t i = a->count; i-- > 0;)
        for (size_t k = b->count; k-- > 0;) {
            unsigned without_a = common[(i + 1) * width + k], without_b = common[i * width + k + 1];
            common[i * width + k] = is_same(a, i, b, k)     ? common[(i + 1) * width + k + 1] + 1
                                    : without_a > without_b ? without_a
                                                            : without_b;
        }
    return common;
}

size_t difference(void *mem, const char *old, const char *new, struct difference_line **result)
{
    void *work = talloc_new(mem);
    struct lines a = cut(work, old), b = cut(work, new);
    const unsigned *common = measure(work, &a, &b);
    size_t width = b.count + 1, i = 0, k = 0, count = 0;
    struct difference_line *lines =
        talloc_array(mem, struct difference_line, (unsigned)(a.count + b.count + 1));

    while (i < a.count || k < b.count) {
        int same = i < a.count && k < b.count && is_same(&a, i, &b, k);
        int goes = !same && i < a.count &&
                   (k == b.count || common[(i + 1) * width + k] >= common[i * width + k + 1]);
        const struct lines *from = same || goes ? &a : &b;
        size_t at = same || goes ? i : k;
        lines[count++] = (struct difference_line){same   ? ' '
                                                  : goes ? '-'
                                                         : '+',
                                                  from->text[at], from->length[at]};
        i += same || goes;
        k += same || !goes;
    }
    talloc_free(work);
    *result = lines;
    return count;
}
