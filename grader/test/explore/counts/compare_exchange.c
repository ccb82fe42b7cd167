/* explore: outputs=3
 *
 * Three threads try to become the first: each swaps 0 for its own number, counted from 1. Exactly one
 * succeeds, and any of the three may: 3 results.
 */
#include "record.h"

static atomic_int first;

static void *racer(void *number)
{
    int nobody = 0;

    atomic_compare_exchange_strong(&first, &nobody, (int)(intptr_t)number + 1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, racer);
    racer((void *)2);
    crew_join(&crew);
    printf("%d\n", first);
    return 0;
}
