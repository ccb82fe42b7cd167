/* nap.c - a signal that may come before anybody waits for it, after an hour's sleep. */
#include <pthread.h>
#include <unistd.h>

struct nap {
    pthread_mutex_t lock;
    pthread_cond_t over;
};

static void *sleeper(void *arg)
{
    struct nap *nap = arg;

    sleep(3600);
    pthread_mutex_lock(&nap->lock);
    pthread_cond_wait(&nap->over, &nap->lock);
    pthread_mutex_unlock(&nap->lock);
    return NULL;
}

static void *waker(void *arg)
{
    struct nap *nap = arg;

    sleep(3600);
    pthread_cond_signal(&nap->over);
    return NULL;
}

int main(void)
{
    struct nap nap = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};
    pthread_t one, two;

    pthread_create(&one, NULL, sleeper, &nap);
    pthread_create(&two, NULL, waker, &nap);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
