/* box.c - see box.h. */
#include "box.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

/* A program that is cut short has still said what it said. */
__attribute__((constructor)) static void print_at_once(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
}

void box_put(struct box *box, int value)
{
    box->value = value;
}

void box_run(void *(*run)(void *arg), void *arg)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, arg) == 0)
        pthread_join(thread, NULL);
}

void *box_break(void *pointer)
{
    *(volatile int *)pointer = 1; /* {box:break} */
    return NULL;
}
