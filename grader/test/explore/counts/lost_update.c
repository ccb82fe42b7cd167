/* explore: outputs=2
 *
 * Two threads, each of which loads a counter and stores one more, in two atomic steps. Both load 0 before one
 * stores: 1. Else: 2. A third result there is not.
 */
#include "record.h"

static atomic_int counter;

static void *add_one(void *number)
{
    (void)number;
    int seen = atomic_load(&counter);
    atomic_store(&counter, seen + 1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, add_one);
    crew_join(&crew);
    printf("%d\n", counter);
    return 0;
}
