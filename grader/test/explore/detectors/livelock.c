/* explore: class=livelock level=0
 *
 * Two threads give way to each other for ever once both have asked.
 */
#include "../crew.h"
#include <sched.h>
#include <stdatomic.h>

static atomic_int asks[2];

static void *polite(void *number)
{
    int me = (int)(intptr_t)number;

    atomic_store(&asks[me], 1);
    while (atomic_load(&asks[1 - me]))
        sched_yield();
    atomic_store(&asks[me], 0);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, polite);
    crew_join(&crew);
    return 0;
}
