/* attack: starts threads without end
 * screened: overload
 * unscreened: overload
 */
#include "tasks.h"

#include <pthread.h>

static pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *arg)
{
    pthread_mutex_lock(&never);
    return arg;
}

void print_all(int count)
{
    pthread_t thread;

    pthread_mutex_lock(&never);
    while (count)
        pthread_create(&thread, 0, waiter, 0);
}
