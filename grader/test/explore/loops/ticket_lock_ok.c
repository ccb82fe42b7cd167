/* explore: class=ok
 *
 * A ticket lock, which yields while others are before it.
 */
#include "../crew.h"
#include <assert.h>
#include <sched.h>
#include <stdatomic.h>

static atomic_int next_ticket, now_served;
static int counter; /* guarded by the ticket */

static void *count(void *number)
{
    for (int i = 0; i < 2; i++) {
        int mine = atomic_fetch_add(&next_ticket, 1);
        while (atomic_load(&now_served) != mine)
            sched_yield();
        counter++;
        atomic_fetch_add(&now_served, 1);
    }
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 3, count);
    crew_join(&crew);
    assert(counter == 6);
    return 0;
}
