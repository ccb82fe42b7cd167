/* Each thread is handed the address of the loop's own variable.
 *
 * - tsan: race: Line {loop} changes `i` while another thread reads it on line {read}: nothing orders the two.
 * - tsan why: The new thread may run at any moment
 * - helgrind: none
 */
#include <pthread.h>
#include <stdio.h>

static int sum;

static void *task(void *arg)
{
    int index = *(int *)arg; /* {read} */

    __atomic_fetch_add(&sum, index, __ATOMIC_RELAXED);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) /* {loop} */
        pthread_create(&threads[i], NULL, task, &i);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("%d\n", sum);
    puts("done");
    return 0;
}
