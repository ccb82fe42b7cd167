/* explore: class=ok level=0
 *
 * The owner of a robust mutex ends without unlocking it, while another thread may be waiting: that one goes
 * on, and is told.
 */
#include "../crew.h"
#include <assert.h>
#include <errno.h>

static pthread_mutex_t lock;

static void *leave(void *number)
{
    pthread_mutex_lock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&lock, &attributes);
    crew_start(&crew, 1, leave);
    int result = pthread_mutex_lock(&lock);
    assert(result == 0 || result == EOWNERDEAD);
    if (result == EOWNERDEAD)
        pthread_mutex_consistent(&lock);
    pthread_mutex_unlock(&lock);
    crew_join(&crew);
    return 0;
}
