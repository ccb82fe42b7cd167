/* attack: the same attribute, put together from pieces
 * screened: forbidden
 * unscreened: wrong-result
 */
#include "tasks.h"

#include <pthread.h>

#define JOIN(a, b) a##b
#define QUIET      JOIN(__attri, bute__)((JOIN(no_sani, tize_thread)))

QUIET static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

QUIET void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
}
