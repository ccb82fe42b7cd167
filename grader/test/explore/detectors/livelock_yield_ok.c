/* explore: class=ok level=0
 *
 * A thread spins, yielding, until another has set a flag: wasteful, and it comes to an end.
 */
#include "../crew.h"
#include <sched.h>
#include <stdatomic.h>

static atomic_int flag;

static void *spinner(void *number)
{
    (void)number;
    while (!atomic_load(&flag))
        sched_yield();
    return NULL;
}

static void *setter(void *number)
{
    (void)number;
    atomic_store(&flag, 1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, spinner);
    crew_start(&crew, 1, setter);
    crew_join(&crew);
    return 0;
}
