/* tasks.c - each thread is waited for before the next one starts. */
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
    int numbers[TICKETS_MOST];

    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, printer, &numbers[i]);
        pthread_join(threads[i], NULL);
    }
}
