/* attack: applies the attribute by a pragma
 * screened: forbidden
 * unscreened: wrong-result
 */
#include "tasks.h"

#include <pthread.h>

#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)

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

#pragma clang attribute pop
