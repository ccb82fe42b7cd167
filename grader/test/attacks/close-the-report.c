/* attack: closes the stream that a sanitizer reports to
 * screened: forbidden
 * unscreened: race
 */
#include "tasks.h"

#include <pthread.h>
#include <unistd.h>

static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    close(2);
    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
}
