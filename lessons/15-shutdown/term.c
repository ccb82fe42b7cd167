/* term.c - what SIGTERM meets in a process that has a pool: nothing, a worker, or a thread that waits for it.
 *
 * Each case is a process of its own that sends the signal to itself while two of five jobs are done, one runs
 * and two wait. The parent says how it ended.
 */
#include "pool.h"
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum mask { NEVER, AFTER_THE_POOL, BEFORE_THE_POOL };

struct office {
    atomic_int done; /* survives the process: the page is shared with the parent */
    sem_t begun, open;
};

static void stamp(void *arg)
{
    struct office *office = arg;

    if (atomic_load(&office->done) == 2) { /* the third one takes its time */
        sem_post(&office->begun);
        sem_wait(&office->open);
    }
    atomic_fetch_add(&office->done, 1);
}

/* A new thread inherits the mask of its creator, so what is blocked before the pool is blocked in its workers. */
static void block(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static void wait_for_the_end(struct office *office, struct pool *pool, const sigset_t *set)
{
    int signal;

    sigwait(set, &signal); /* in a service a thread of its own sits here; it may lock, log and allocate */
    sem_post(&office->open);
    pool_drain(pool);
    printf("  sigwait returned %d; a submit now: %s\n", signal,
           pool_status_text(pool_try_submit(pool, stamp, office)));
    pool_destroy(pool);
    exit(0);
}

static void serve(struct office *office, enum mask mask)
{
    struct pool *pool;
    sigset_t set;

    if (mask == BEFORE_THE_POOL)
        block(&set);
    if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 5}) != POOL_OK)
        exit(1);
    if (mask == AFTER_THE_POOL)
        block(&set);
    for (int i = 0; i < 5; i++)
        if (pool_submit(pool, stamp, office) != POOL_OK)
            exit(1);
    sem_wait(&office->begun);
    kill(getpid(), SIGTERM);
    wait_for_the_end(office, pool, &set);
}

static void run(const char *name, enum mask mask)
{
    struct office *office =
        mmap(NULL, sizeof *office, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;

    if (office == MAP_FAILED)
        exit(1);
    sem_init(&office->begun, 0, 0);
    sem_init(&office->open, 0, 0);
    printf("%s\n", name);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        serve(office, mask);
    if (child < 0 || waitpid(child, &status, 0) != child)
        exit(1);
    printf("  %s %d, %d of 5 jobs done\n", WIFSIGNALED(status) ? "killed by signal" : "ended with status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), atomic_load(&office->done));
    munmap(office, sizeof *office);
}

int main(void)
{
    run("nobody asked for the signal:", NEVER);
    run("blocked, but after the workers were made:", AFTER_THE_POOL);
    run("blocked before, and waited for:", BEFORE_THE_POOL);
    return 0;
}
