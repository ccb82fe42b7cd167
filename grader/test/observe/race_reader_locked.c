/* The reader holds the lock, the writer does not: the list of its mutexes says "write M0", which makes it no
 * writer.
 *
 * - tsan: race: Line {close} changes `pool->closed` while another thread reads it on line {look}: nothing
 * orders the two.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock;
    int closed;
};

static void *task(void *arg)
{
    struct pool *mine = arg;

    pthread_mutex_lock(&mine->lock);
    if (mine->closed) /* {look} */
        puts("closed");
    pthread_mutex_unlock(&mine->lock);
    return NULL;
}

int main(void)
{
    struct pool *pool = calloc(1, sizeof *pool);
    pthread_t thread;

    pthread_mutex_init(&pool->lock, NULL);
    pthread_create(&thread, NULL, task, pool);
    pool->closed = 1; /* {close} */
    pthread_join(thread, NULL);
    free(pool);
    puts("done");
    return 0;
}
