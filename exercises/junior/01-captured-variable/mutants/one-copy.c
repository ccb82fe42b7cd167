/* tasks.c - the copy is taken, but there is only one place for it. */
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
    int copy;

    for (int i = 0; i < count; i++) {
        copy = i;
        pthread_create(&threads[i], NULL, printer, &copy);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
