/* explore: class=ok level=0
 *
 * Work-stealing queue, right (Chase and Lev, "Dynamic circular work-stealing deque", SPAA 2005): for the last
 * task the owner, too, has to win the head.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>

enum { TASKS = 2 };

static atomic_int head, tail = TASKS;
static atomic_int runs[TASKS];

/* The task to run, or -1. */
static int take(void)
{
    int last = atomic_fetch_sub(&tail, 1) - 1, first = atomic_load(&head);

    if (last > first)
        return last;
    int mine = last == first && atomic_compare_exchange_strong(&head, &first, first + 1);
    atomic_store(&tail, last + 1);
    return mine ? last : -1;
}

static void *owner(void *number)
{
    (void)number;
    for (int task; (task = take()) >= 0;)
        atomic_fetch_add(&runs[task], 1);
    return NULL;
}

static void *thief(void *number)
{
    (void)number;
    int first = atomic_load(&head);
    if (first < atomic_load(&tail) && atomic_compare_exchange_strong(&head, &first, first + 1))
        atomic_fetch_add(&runs[first], 1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, owner);
    crew_start(&crew, 1, thief);
    crew_join(&crew);
    for (int i = 0; i < TASKS; i++)
        assert(runs[i] == 1);
    return 0;
}
