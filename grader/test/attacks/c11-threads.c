/* attack: uses C11 threads, which the race detector cannot follow
 * screened: forbidden
 * unscreened: any
 */
#include "tasks.h"

#include <threads.h>

static int printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    thrd_t threads[TICKETS_MOST];
    int numbers[TICKETS_MOST];

    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        thrd_create(&threads[i], printer, &numbers[i]);
    }
    for (int i = 0; i < count; i++)
        thrd_join(threads[i], 0);
}
