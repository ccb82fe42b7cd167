/* random_steps.c - threads, of which main is the last, with random steps each, drawn from a number. All three
 * are arguments: how many threads, how many steps, the number. Steps are: atomics, plain variables with and
 * without a lock, mutexes, semaphores, read-write locks, a once, the heap, printing, yielding. What each saw,
 * and what is left, is printed. Some runs end in a deadlock.
 */
#include "../crew.h"
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 3, STEPS = 3 };

static int threads, steps_each;
static unsigned plan[THREADS][STEPS];
static char seen[THREADS][16 * STEPS + 1];
static int length[THREADS];

static atomic_int a, b;
static int plain, other;
static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t permits;

static void note(int me, int value)
{
    seen[me][length[me]++] = (char)('0' + value % 60);
}

static void step_add(int me)
{
    note(me, atomic_fetch_add(&a, me + 1));
}

static void step_load(int me)
{
    note(me, atomic_load(&a));
}

static void step_store(int me)
{
    atomic_store(&b, me + 1);
}

static void step_swap(int me)
{
    int nobody = 0;
    note(me, atomic_compare_exchange_strong(&b, &nobody, me + 1));
}

static void step_plain_write(int me)
{
    plain += me + 1;
}

static void step_plain_read(int me)
{
    note(me, plain);
}

static void step_locked(int me)
{
    pthread_mutex_lock(&outer);
    note(me, other++);
    pthread_mutex_unlock(&outer);
}

static void step_nested(int me)
{
    pthread_mutex_lock(me ? &outer : &inner);
    pthread_mutex_lock(me ? &inner : &outer);
    note(me, other);
    pthread_mutex_unlock(me ? &inner : &outer);
    pthread_mutex_unlock(me ? &outer : &inner);
}

static void step_try(int me)
{
    int got = pthread_mutex_trylock(&inner) == 0;
    note(me, got);
    if (got)
        pthread_mutex_unlock(&inner);
}

static void step_post(int me)
{
    (void)me;
    sem_post(&permits);
}

static void step_take(int me)
{
    note(me, sem_trywait(&permits) == 0);
}

static void step_read_lock(int me)
{
    pthread_rwlock_rdlock(&shared);
    note(me, plain);
    pthread_rwlock_unlock(&shared);
}

static void step_write_lock(int me)
{
    pthread_rwlock_wrlock(&shared);
    plain = me + 10;
    pthread_rwlock_unlock(&shared);
}

static void run_once(void)
{
    other += 7;
}

static void step_once(int me)
{
    pthread_once(&once, run_once);
    note(me, other);
}

static void step_print(int me)
{
    printf("%d", me);
}

static void step_heap(int me)
{
    int *room = malloc(sizeof *room);
    note(me, room != NULL);
    if (room)
        *room = me;
    free(room);
}

static void step_yield(int me)
{
    sched_yield();
    note(me, plain);
}

static void step_timed(int me)
{
    struct timespec until = {2000000000, 0};
    pthread_mutex_lock(&outer);
    note(me, pthread_cond_timedwait(&bell, &outer, &until) == 0);
    pthread_mutex_unlock(&outer);
}

static void step_ring(int me)
{
    (void)me;
    pthread_cond_signal(&bell);
}

static void step_nap(int me)
{
    struct timespec length_of = {me + 1, 0};
    nanosleep(&length_of, NULL);
}

static void (*const steps[])(int me) = {
    step_add,  step_load,   step_store, step_swap, step_plain_write, step_plain_read, step_locked,
    step_try,  step_nested, step_post,  step_take, step_read_lock,   step_write_lock, step_once,
    step_heap, step_print,  step_yield, step_ring, step_timed,       step_nap,
};

static void *run(void *number)
{
    int me = (int)(intptr_t)number;

    for (int i = 0; i < steps_each; i++)
        steps[plan[me][i]](me);
    return NULL;
}

static void draw(uint64_t seed)
{
    for (int i = 0; i < threads; i++)
        for (int k = 0; k < steps_each; k++) {
            uint64_t z = seed += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
            z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
            plan[i][k] = (unsigned)((z ^ z >> 31) % (sizeof steps / sizeof steps[0]));
        }
}

int main(int argc, char **argv)
{
    struct crew crew = {.count = 0};

    threads = argc > 3 ? atoi(argv[1]) % (THREADS + 1) : 0;
    steps_each = argc > 3 ? atoi(argv[2]) % (STEPS + 1) : 0;
    draw(argc > 3 ? (uint64_t)atoi(argv[3]) * 1000003 : 0);
    sem_init(&permits, 0, 1);
    crew_start(&crew, threads - 1, run);
    run((void *)(intptr_t)(threads - 1));
    crew_join(&crew);
    printf(" %s %s %s %d %d %d %d\n", seen[0], seen[1], seen[2], a, b, plain, other);
    return 0;
}
