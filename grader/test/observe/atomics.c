/* Near miss: data handed over by a release and an acquire. Correct, and Helgrind calls it a race all the
 * same.
 *
 * - tsan: none
 * - helgrind: none
 * - helgrind log: <kind>Race</kind>
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static int data;
static atomic_int ready;

static void *task(void *arg)
{
    data = 41;
    atomic_store_explicit(&ready, 1, memory_order_release);
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    while (!atomic_load_explicit(&ready, memory_order_acquire))
        ;
    int seen = data + 1;
    pthread_join(thread, NULL);
    printf("%d done\n", seen);
    return 0;
}
