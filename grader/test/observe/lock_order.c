/* Two locks, taken in two orders.
 *
 * - tsan: lock-order: Line {b} takes `b` while holding `a`, but line {a} takes `a` while holding `b`.
 * - helgrind: lock-order: Line {b} takes `b` while holding `a`, but line {a} takes `a` while holding another.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void forwards(void)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b); /* {b} */
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
}

static void *backwards(void *arg)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a); /* {a} */
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return arg;
}

int main(void)
{
    pthread_t thread;

    forwards();
    pthread_create(&thread, NULL, backwards, NULL);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
