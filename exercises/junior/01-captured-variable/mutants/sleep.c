/* tasks.c - a pause gives each thread time to read the shared variable. */
#include "tasks.h"

#include <pthread.h>
#include <unistd.h>

static void *printer(void *arg)
{
    int number = *(int *)arg;

    print_ticket(number);
    return NULL;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    for (i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, printer, &i);
        usleep(1000);
    }
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], NULL);
}
