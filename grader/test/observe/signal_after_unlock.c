/* Near miss: a signal after the unlock, which is legal and which Helgrind calls dubious; a trylock and a
 * timed wait that answer no.
 *
 * - helgrind: none
 * - helgrind log: dubious
 * - tsan: none
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting, ready;

static void *task(void *arg)
{
    pthread_mutex_lock(&lock);
    waiting = 1;
    pthread_cond_signal(&changed);
    while (!ready)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return arg;
}

static void *try(void *arg)
{
    if (pthread_mutex_trylock(&lock) == 0)
        pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread, other;

    pthread_create(&thread, NULL, task, NULL);
    pthread_mutex_lock(&lock);
    pthread_create(&other, NULL, try, NULL);
    pthread_join(other, NULL);
    while (!waiting)
        pthread_cond_wait(&changed, &lock);
    pthread_cond_timedwait(&changed, &lock, &(struct timespec){1, 0});
    ready = 1;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&changed);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
