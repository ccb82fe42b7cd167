/* unlocked.c - one thread writes a counter, another reads it; with -DLOCKED under a mutex. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *set(void *arg)
{
#ifdef LOCKED
    pthread_mutex_lock(&lock);
#endif
    counter = 1;
#ifdef LOCKED
    pthread_mutex_unlock(&lock);
#endif
    return arg;
}

static void *look(void *arg)
{
    pthread_mutex_lock(&lock);
    int seen = counter;
    pthread_mutex_unlock(&lock);
    return seen == 0 ? arg : NULL;
}

int main(void)
{
    pthread_t thread[2];

    pthread_create(&thread[0], NULL, set, NULL);
    pthread_create(&thread[1], NULL, look, NULL);
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    return 0;
}
