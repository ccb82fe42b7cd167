/* leaves.c - a detached thread ends the program; main prints what it comes to print until then. */
#include "../crew.h"
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int steps;
static sem_t never;

static void *leave(void *number)
{
    (void)number;
    atomic_fetch_add(&steps, 3);
    exit(0);
}

int main(void)
{
    pthread_t thread;

    sem_init(&never, 0, 0);
    pthread_create(&thread, NULL, leave, NULL);
    pthread_detach(thread);
    for (int i = 0; i < 3; i++)
        putchar('a' + atomic_fetch_add(&steps, 1));
    sem_wait(&never);
    return 0;
}
