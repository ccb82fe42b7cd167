/* Near miss: two locks, always in the same order; the second may also be taken alone.
 *
 * - tsan: none
 * - helgrind: none
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void *both(void *arg)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, both, NULL);
    both(NULL);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
