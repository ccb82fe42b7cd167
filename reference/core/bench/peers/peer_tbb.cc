// peer_tbb.cc - oneTBB's task_group, with two workers beside whoever waits; who waits runs tasks too.
#include "peer.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

namespace {

struct Pool {
    oneapi::tbb::global_control control;
    oneapi::tbb::task_arena arena; // of one producer and the workers; several producers have an arena each
    oneapi::tbb::task_group group;

    explicit Pool(unsigned workers)
        : control(oneapi::tbb::global_control::max_allowed_parallelism, workers + 1), arena(int(workers) + 1)
    {
    }
};

void *create(unsigned workers, size_t) { return new Pool(workers); }

void submit(void *pool, task *it)
{
    static_cast<Pool *>(pool)->group.run([it] { it->run(it); });
}

void submit_wait(void *pool, task *it)
{
    submit(pool, it);
    static_cast<Pool *>(pool)->group.wait();
}

void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    Pool *mine = static_cast<Pool *>(pool);
    if (producers > 1) {
        play_in_threads(pool, producers, produce, context);
        mine->group.wait();
        return;
    }
    mine->arena.execute([=] {
        produce(pool, context, 0);
        mine->group.wait();
    });
}

void destroy(void *pool) { delete static_cast<Pool *>(pool); }

} // namespace

extern "C" const struct peer peer = {"tbb", create, play, submit, submit_wait, destroy, true, true, true, false};
