/* Two threads count without a lock.
 *
 * - tsan: race: Line {count} changes `total` in two threads at once: nothing orders the two.
 */
#include <pthread.h>
#include <stdio.h>

static long total;

static void *task(void *arg)
{
    total += (long)arg; /* {count} */
    return NULL;
}

int main(void)
{
    pthread_t threads[2];

    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, task, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
