/* program.c - fetch three pages in the background; wait until nobody is at work, and report. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static int at_work;      /* threads; guarded by lock */
static atomic_int pages; /* fetched so far */

static void *fetcher(void *arg)
{
    pthread_mutex_lock(&lock);
    at_work++;
    pthread_mutex_unlock(&lock);

    for (int i = 0; i < 3; i++)
        pages++;

    pthread_mutex_lock(&lock);
    at_work--;
    pthread_cond_signal(&finished);
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, fetcher, NULL);
    pthread_detach(thread);

    pthread_mutex_lock(&lock);
    while (at_work > 0)
        pthread_cond_wait(&finished, &lock);
    int waited = pages;
    pthread_mutex_unlock(&lock);

    int later = pages;
    printf("%d %d\n", waited, later);
    return 0;
}
