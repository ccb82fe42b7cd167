/* pingpong.c - two threads hand the turn to and fro ROUNDS times: under the explorer its hand-over, and with
 * -DRAW by raw futexes on one processor, which is the least that a hand-over costs. bench_handover.sh
 * compares the two.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef ROUNDS
#define ROUNDS 20000
#endif

#ifdef RAW
static int turn[2];

static void give(int *word)
{
    __atomic_store_n(word, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await(int *word)
{
    while (!__atomic_load_n(word, __ATOMIC_ACQUIRE))
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_store_n(word, 0, __ATOMIC_RELAXED);
}

static void one_processor(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}
#else
static sem_t turn[2];

static void give(sem_t *turn)
{
    sem_post(turn);
}

static void await(sem_t *turn)
{
    sem_wait(turn);
}
#endif

static void *answer(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        await(&turn[1]);
        give(&turn[0]);
    }
    return arg;
}

int main(void)
{
    struct timespec before, after;
    pthread_t thread;

#ifdef RAW
    one_processor();
#else
    sem_init(&turn[0], 0, 0);
    sem_init(&turn[1], 0, 0);
#endif
    clock_gettime(CLOCK_MONOTONIC, &before);
    pthread_create(&thread, NULL, answer, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        give(&turn[1]);
        await(&turn[0]);
    }
    pthread_join(thread, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%.0f\n",
           ((double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec)) /
               (2 * ROUNDS));
    return 0;
}
