/* spurious.c - waits once, and takes the first end of the wait for the signal. */
#include <assert.h>
#include <pthread.h>
#include <time.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int done;
static void *finish(void *arg)
{
    pthread_mutex_lock(&lock);
    done = 1;
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&lock);
    return arg;
}
int main(void)
{
    pthread_t one;
    pthread_create(&one, NULL, finish, NULL);
    pthread_mutex_lock(&lock);
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += 5;

    if (!done)
        pthread_cond_timedwait(&ready, &lock, &when);
    assert(done);
    pthread_mutex_unlock(&lock);
    return pthread_join(one, NULL);
}
