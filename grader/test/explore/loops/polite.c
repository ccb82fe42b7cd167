/* explore: class=livelock
 *
 * Two threads give way to each other for ever, and count how often: something changes all the time, so that
 * only the limit on steps can tell.
 */
#include "../crew.h"
#include <sched.h>
#include <stdatomic.h>

static atomic_int wants[2], rounds;

static void *ask(void *number)
{
    intptr_t me = (intptr_t)number;

    atomic_store(&wants[me], 1);
    while (atomic_load(&wants[1 - me])) {
        atomic_fetch_add(&rounds, 1);
        sched_yield();
    }
    atomic_store(&wants[me], 0);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, ask);
    crew_join(&crew);
    return 0;
}
