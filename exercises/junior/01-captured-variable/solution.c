/* tasks.c - print every ticket in a thread of its own.
 *
 * Each thread gets the address of a slot that nobody else uses. The slots live until print_all returns, which
 * is after the last join, so no thread can outlive its argument.
 */
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
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
