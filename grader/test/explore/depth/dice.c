/* dice.c - two threads that have nothing to do with each other, but that each calls a function of the C
 * library of which the explorer does not know what else it does.
 */
#include "../crew.h"
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int counter[2];

static void *count(void *number)
{
    atomic_fetch_add(&counter[(intptr_t)number], rand() % 6);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, count);
    crew_join(&crew);
    return 0;
}
