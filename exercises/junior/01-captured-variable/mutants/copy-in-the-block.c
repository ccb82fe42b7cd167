/* tasks.c - each turn has a copy, which dies at the end of the turn. */
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

    for (int i = 0; i < count; i++) {
        int copy = i;
        pthread_create(&threads[i], NULL, printer, &copy);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
