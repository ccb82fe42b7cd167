/* two_ways.c - whether malloc fails decides, within one step, which of two variables a thread writes. Main
 * looks at the one that is written when it fails.
 */
#include "../crew.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int begun, goes_on;
static int had, had_not;
void *room; /* known to all, or the compiler would do without malloc */

static void *allocate(void *number)
{
    atomic_store(&begun, 1);
    atomic_store(&goes_on, 1);
    room = malloc(16);
    if (room)
        had = 1;
    else
        had_not = 1;
    atomic_store(&goes_on, 2); /* or its end would be part of the same step, for which main waits */
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, allocate);
    int first = atomic_load(&begun), seen = had_not;
    crew_join(&crew);
    free(room);
    printf("%d %d %d %d %d\n", first, seen, had, had_not, goes_on);
    return 0;
}
