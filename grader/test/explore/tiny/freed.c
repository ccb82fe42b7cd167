/* freed.c - main frees what a thread may still look at. The lock orders the two, so it is no race. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *box;

static void *look(void *arg)
{
    pthread_mutex_lock(&lock);
    int seen = *(volatile int *)box;
    pthread_mutex_unlock(&lock);
    return seen == 1 ? arg : NULL;
}

int main(void)
{
    pthread_t thread;

    box = malloc(sizeof *box);
    if (!box)
        return 0;
    *box = 1;
    pthread_create(&thread, NULL, look, NULL);
    pthread_mutex_lock(&lock);
    free(box);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    return 0;
}
