/* One side is atomic, the other is not.
 *
 * - tsan: race: Line {set} changes `ready` while another thread reads it on line {poll}: nothing orders the
 * two.
 * - tsan why: Only one of the two is atomic
 */
#include <pthread.h>
#include <stdio.h>

static int ready;

static void *task(void *arg)
{
    __atomic_store_n(&ready, 1, __ATOMIC_RELEASE); /* {set} */
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    int seen = *(volatile int *)&ready; /* {poll} */
    pthread_join(thread, NULL);
    printf("%d done\n", seen);
    return 0;
}
