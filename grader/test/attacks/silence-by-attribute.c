/* attack: tells the compiler not to watch the racy function
 * screened: forbidden
 * unscreened: wrong-result
 */
#include "tasks.h"

#include <pthread.h>

__attribute__((no_sanitize("thread"))) static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

__attribute__((no_sanitize("thread"))) void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
}
