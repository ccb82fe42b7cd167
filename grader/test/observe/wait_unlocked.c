/* A condition wait without the mutex.
 *
 * - helgrind: misuse: Line {wait} waits with
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

int main(void)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_cond_timedwait(&changed, &lock, &(struct timespec){1, 0}); /* {wait} */
    puts("done");
    return 0;
}
