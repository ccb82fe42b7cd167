/* A member that only one side locks for; it lies on the heap, so its name is read off the lines.
 *
 * - tsan: race: Line {close} changes `pool->closed` while another thread reads it on line {look}: nothing
 * orders the two.
 * - tsan why: One side holds a lock and the other does not
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock;
    int closed, looked;
};

static void *task(void *arg)
{
    struct pool *mine = arg;

    if (mine->closed) /* {look} */
        puts("closed");
    return NULL;
}

int main(void)
{
    struct pool *pool = calloc(1, sizeof *pool);
    pthread_t thread;

    pthread_mutex_init(&pool->lock, NULL);
    pthread_create(&thread, NULL, task, pool);
    pthread_mutex_lock(&pool->lock);
    pool->closed = 1; /* {close} */
    pthread_mutex_unlock(&pool->lock);
    pthread_join(thread, NULL);
    free(pool);
    puts("done");
    return 0;
}
