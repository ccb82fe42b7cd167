/* peer_openmp.c - OpenMP tasks: built twice, for gcc's libgomp and for clang's libomp. There is no pool to
 * hand a task to: producers are threads of a team, and run tasks themselves when too many wait or when they
 * have nothing else to do. So "2 workers" is a team of two, or of as many as there are producers. */
#include "peer.h"

#include <omp.h>
#include <stdlib.h>

struct team {
    int threads;
};

static void *create(unsigned workers, size_t room)
{
    struct team *team = malloc(sizeof *team);
    (void)room;
    if (!team)
        abort();
    team->threads = (int)workers;
    return team;
}

static void submit(void *pool, struct task *task)
{
    (void)pool;
#pragma omp task firstprivate(task)
    task->run(task);
}

static void submit_wait(void *pool, struct task *task)
{
    submit(pool, task);
#pragma omp taskwait
}

static void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    struct team *team = pool;
    int threads = (int)producers > team->threads ? (int)producers : team->threads;
    omp_set_dynamic(0);
#pragma omp parallel num_threads(threads)
    {
        unsigned index = (unsigned)omp_get_thread_num();
        if (index < producers)
            produce(pool, context, index);
    } /* the end of the region waits for every task */
}

#ifndef PEER_NAME
#define PEER_NAME "openmp"
#endif

const struct peer peer = {.name = PEER_NAME,
                          .create = create,
                          .play = play,
                          .submit = submit,
                          .submit_wait = submit_wait,
                          .destroy = free,
                          .nests = true,
                          .play_joins = true};
