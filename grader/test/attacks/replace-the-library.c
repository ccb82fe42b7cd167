/* attack: brings a pthread_mutex_lock of its own that does nothing
 * screened: forbidden
 * unscreened: race
 */
#include "tasks.h"

#include <pthread.h>

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return mutex ? 0 : 1;
}

static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
}
