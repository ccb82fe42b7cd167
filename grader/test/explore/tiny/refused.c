/* refused.c - gives up when no thread can be had. */
#include <pthread.h>

static void *work(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_t worker;

    if (pthread_create(&worker, NULL, work, NULL) != 0)
        return 1;
    return pthread_join(worker, NULL);
}
