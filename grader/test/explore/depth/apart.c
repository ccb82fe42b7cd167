/* apart.c - two threads that have nothing to do with each other, with five atomic steps each: what can make a
 * difference is only whether each has ended before main waits for it.
 */
#include "../crew.h"
#include <stdatomic.h>

static atomic_int counter[2];

static void *count(void *number)
{
    for (int i = 0; i < 5; i++)
        atomic_fetch_add(&counter[(intptr_t)number], 1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, count);
    crew_join(&crew);
    return 0;
}
