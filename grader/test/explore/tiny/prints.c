/* Two threads that count without a lock, and say so: N lines first, with what could command a terminal. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>

#ifndef N
#define N 0
#endif

static int counter;

static void *count(void *unused)
{
    int seen = counter;
    printf("saw %d\n", seen);
    counter = seen + 1;
    return unused;
}

int main(void)
{
    pthread_t one, two;
    for (int i = 0; i < N; i++)
        printf("line %d\033[31m\n", i);
    pthread_create(&one, NULL, count, NULL);
    pthread_create(&two, NULL, count, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    assert(counter == 2);
    return 0;
}
