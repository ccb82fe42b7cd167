/* attack: does its work and leaves a thread behind that never ends
 * screened: thread-leak
 * unscreened: thread-leak
 */
#include "tasks.h"

#include <pthread.h>

static pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *arg)
{
    pthread_mutex_lock(&never);
    return arg;
}

static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST], left;
    int numbers[TICKETS_MOST];

    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], 0, printer, &numbers[i]);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], 0);
    pthread_mutex_lock(&never);
    pthread_create(&left, 0, waiter, 0);
    pthread_detach(left);
}
