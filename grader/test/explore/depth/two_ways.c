/* two_ways.c - whether malloc fails decides, within one step, which of two variables a thread writes. Main
 * looks at the one that is written when it fails.
 */
#include "../crew.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int begun, looks;
static int had, had_not;

static void *allocate(void *number)
{
    atomic_store(&begun, 1);
    void *room = malloc(16);
    if (room)
        had = 1;
    else
        had_not = 1;
    free(room);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, allocate);
    atomic_store(&looks, 1);
    int seen = had_not;
    crew_join(&crew);
    printf("%d %d %d\n", seen, had, had_not);
    return 0;
}
