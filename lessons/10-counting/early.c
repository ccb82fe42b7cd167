/* early.c - a wait that is over before the work has begun, and the same wait with one line moved.
 *
 * A gate holds the thread back at its first line, as a busy machine might. In the first run main waits while
 * the gate is shut, and opens it only afterwards; in the second it opens it before it waits.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum who { THREAD_COUNTS, MAIN_COUNTS };

struct crew {
    enum who who;
    sem_t gate;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    int at_work; /* guarded by lock */
    int done;    /* guarded by lock */
};

static void count(struct crew *crew, int change)
{
    pthread_mutex_lock(&crew->lock);
    crew->at_work += change;
    if (crew->at_work == 0)
        pthread_cond_broadcast(&crew->finished);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *arg)
{
    struct crew *crew = arg;

    sem_wait(&crew->gate);
    if (crew->who == THREAD_COUNTS)
        count(crew, 1);
    pthread_mutex_lock(&crew->lock);
    crew->done++;
    pthread_mutex_unlock(&crew->lock);
    count(crew, -1);
    return NULL;
}

/* How much was done when nobody was at work any more. */
static int wait_for_all(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->at_work > 0)
        pthread_cond_wait(&crew->finished, &crew->lock);
    int done = crew->done;
    pthread_mutex_unlock(&crew->lock);
    return done;
}

static int run(enum who who)
{
    struct crew crew = {.who = who, .lock = PTHREAD_MUTEX_INITIALIZER, .finished = PTHREAD_COND_INITIALIZER};
    pthread_t thread;

    sem_init(&crew.gate, 0, 0);
    if (who == MAIN_COUNTS)
        count(&crew, 1);
    if (pthread_create(&thread, NULL, work, &crew) != 0)
        abort();
    if (who == MAIN_COUNTS)
        sem_post(&crew.gate);
    int done = wait_for_all(&crew);
    if (who == THREAD_COUNTS)
        sem_post(&crew.gate);
    pthread_join(thread, NULL); /* the crew lies on this stack */
    sem_destroy(&crew.gate);
    return done;
}

int main(void)
{
    printf("the thread counts itself:     the wait was over with %d of 1 done\n", run(THREAD_COUNTS));
    printf("main counts before the start: the wait was over with %d of 1 done\n", run(MAIN_COUNTS));
    return 0;
}
