/* explore: class=ok level=0
 *
 * The exit status is 0 whoever came last.
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
    return atomic_load(&last) > 1;
}
