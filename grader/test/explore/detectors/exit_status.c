/* explore: class=wrong-result level=0
 *
 * The exit status tells which thread came last: not 0 when it was the second.
 */
#include "../crew.h"
#include <stdatomic.h>

static atomic_int last;

static void *finisher(void *number)
{
    atomic_store(&last, (int)(intptr_t)number);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, finisher);
    crew_join(&crew);
    return atomic_load(&last);
}
