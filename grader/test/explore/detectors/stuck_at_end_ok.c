/* explore: class=ok level=0
 *
 * Main gives the detached thread its work and ends; the thread may not be through, but it can go on.
 */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER; /* work > 0 */
static int work;                                       /* guarded by lock */

static void *worker(void *arg)
{
    pthread_mutex_lock(&lock);
    while (work == 0)
        pthread_cond_wait(&more, &lock);
    work--;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    pthread_mutex_lock(&lock);
    work = 1;
    pthread_cond_signal(&more);
    pthread_mutex_unlock(&lock);
    return 0;
}
