/* explore: class=ok level=0
 *
 * A cancelled waiter gives the mutex back in its cleanup handler; both cancelled threads are joined.
 */
#include <assert.h>
#include <pthread.h>
#include <unistd.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int cleaned;
static void give_back(void *arg)
{
    cleaned++;
    pthread_mutex_unlock(arg);
}
static void *wait_for_ever(void *arg)
{
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(give_back, &lock);
    for (;;)
        pthread_cond_wait(&never, &lock);
    pthread_cleanup_pop(1);
    return arg;
}
static void *sleep_long(void *arg)
{
    sleep(100);
    return arg;
}
int main(void)
{
    pthread_t a, b;
    void *got;
    pthread_create(&a, NULL, wait_for_ever, NULL);
    pthread_create(&b, NULL, sleep_long, NULL);
    pthread_cancel(a);
    pthread_cancel(b);
    pthread_join(b, &got);
    pthread_join(a, &got);
    assert(got == PTHREAD_CANCELED);
    pthread_mutex_lock(&lock);
    assert(cleaned == 1);
    pthread_mutex_unlock(&lock);
    return 0;
}
