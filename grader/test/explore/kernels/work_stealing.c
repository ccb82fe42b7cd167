/* explore: class=wrong-result level=0
 *
 * Work-stealing queue: the owner takes at the tail, a thief steals at the head. For the last task both ends
 * meet; here the owner takes it without asking whether a thief is taking it, and it runs twice.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>

enum { TASKS = 2 };

static atomic_int head, tail = TASKS;
static atomic_int runs[TASKS];

static void *owner(void *number)
{
    (void)number;
    for (;;) {
        int last = atomic_fetch_sub(&tail, 1) - 1;
        if (last < atomic_load(&head)) {
            atomic_store(&tail, last + 1);
            return NULL;
        }
        atomic_fetch_add(&runs[last], 1);
    }
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
