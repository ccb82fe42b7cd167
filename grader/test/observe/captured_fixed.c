/* Near miss: each thread has a number of its own.
 *
 * - tsan: none
 * - memory: none
 * - memcheck: none
 */
#include <pthread.h>
#include <stdio.h>

static void *task(void *arg)
{
    *(int *)arg += 1;
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    int numbers[2];

    for (int i = 0; i < 2; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, task, &numbers[i]);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
