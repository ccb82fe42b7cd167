/* tasks.c - print every ticket in a thread of its own. */
#include "tasks.h"

#include <pthread.h>

static void *printer(void *arg)
{
    int number = *(int *)arg;

    print_ticket(number);
    return NULL;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];

    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, printer, &i);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
