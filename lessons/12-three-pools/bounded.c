/* bounded.c - the second step: a ring with a bound, and bells that ring only for who sleeps and has not been
 * called yet. The same busy worker as in sixty.c.
 *
 * The library's first pool was this one, with more ways to submit and to end.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>

enum { ROOM = 64 };

struct job {
    void (*run)(void *arg);
    void *arg;
};

struct sleeper {
    struct sleeper *next;
    pthread_cond_t cond;
    bool called;
};

/* A line of sleepers, each with a condition variable of its own. Who has been called stands there no more. */
struct bell {
    struct sleeper *first, *last;
    int rung;
};

struct pool {
    pthread_mutex_t lock;
    struct job slots[ROOM]; /* `count` of them from `head` on */
    int head, count;
    bool closed;
    struct bell work; /* slept at until: count > 0 || closed */
    struct bell room; /* slept at until: count < ROOM */
    pthread_t thread;
};

static void bell_wait(struct bell *bell, pthread_mutex_t *lock)
{
    struct sleeper me = {.cond = PTHREAD_COND_INITIALIZER};

    *(bell->first ? &bell->last->next : &bell->first) = &me;
    bell->last = &me;
    while (!me.called)
        pthread_cond_wait(&me.cond, lock);
    pthread_cond_destroy(&me.cond);
}

static void bell_ring(struct bell *bell)
{
    struct sleeper *sleeper = bell->first;

    if (!sleeper)
        return; /* nobody sleeps who does not know */
    bell->first = sleeper->next;
    bell->rung++;
    sleeper->called = true;
    pthread_cond_signal(&sleeper->cond);
}

static void *worker(void *arg)
{
    struct pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->count == 0 && !pool->closed)
            bell_wait(&pool->work, &pool->lock);
        if (pool->count == 0)
            break;
        struct job job = pool->slots[pool->head];
        pool->slots[pool->head] = (struct job){0}; /* the slot keeps no argument alive */
        pool->head = (pool->head + 1) % ROOM;
        pool->count--;
        bell_ring(&pool->room);
        pthread_mutex_unlock(&pool->lock);
        job.run(job.arg);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

enum patience { REFUSE, WAIT };

static bool submit(struct pool *pool, struct job job, enum patience patience)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->count == ROOM && patience == WAIT)
        bell_wait(&pool->room, &pool->lock);
    bool taken = pool->count < ROOM;
    if (taken) {
        pool->slots[(pool->head + pool->count++) % ROOM] = job;
        bell_ring(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

static void finish(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    bell_ring(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    pthread_join(pool->thread, NULL);
}

struct gate {
    sem_t reached, open;
};

static void stand(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->reached);
    sem_wait(&gate->open);
}

static void count(void *ran)
{
    ++*(long *)ran; /* one worker */
}

int main(void)
{
    enum { OFFERED = 100000 };
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct gate gate;
    long taken = 0, ran = 0;

    sem_init(&gate.reached, 0, 0);
    sem_init(&gate.open, 0, 0);
    if (pthread_create(&pool.thread, NULL, worker, &pool) != 0)
        return 2;
    (void)submit(&pool, (struct job){stand, &gate}, WAIT);
    sem_wait(&gate.reached);
    pool.work.rung = 0; /* the worker stands in its task and touches nothing */
    for (int i = 0; i < OFFERED; i++)
        taken += submit(&pool, (struct job){count, &ran}, REFUSE);
    printf("the worker is busy: of %d tasks %ld were taken, %d wait\n", OFFERED, taken, pool.count);
    printf("memory for them: none; signals to a worker that did not sleep: %d\n", pool.work.rung);
    sem_post(&gate.open);
    for (long i = taken; i < OFFERED; i++)
        (void)submit(&pool, (struct job){count, &ran}, WAIT); /* the others, as room comes */
    finish(&pool);
    printf("ran: %ld\n", ran);
    return 0;
}
