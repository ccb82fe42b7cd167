/* peer_libuv.c - libuv's uv_queue_work. Its pool is one for the process, and a task can only be queued from
 * the thread of a loop, which also hears of its end: so each producer has a loop of its own, and a request is
 * allocated for each task. */
#include "peer.h"

#include <stdlib.h>
#include <uv.h>

static _Thread_local uv_loop_t *loop; /* of the producer that runs in this thread */

static void *create(unsigned workers, size_t room)
{
    char text[16];
    (void)room;
    snprintf(text, sizeof text, "%u", workers);
    setenv("UV_THREADPOOL_SIZE", text, 1);
    return malloc(1); /* there is nothing to hold, but NULL would say that it failed */
}

static void run(uv_work_t *request)
{
    struct task *task = request->data;
    task->run(task);
}

static void after(uv_work_t *request, int status)
{
    (void)status;
    free(request);
}

static void submit(void *pool, struct task *task)
{
    uv_work_t *request = malloc(sizeof *request);
    (void)pool;
    if (!request)
        abort();
    request->data = task;
    if (uv_queue_work(loop, request, run, after) != 0)
        abort();
}

static void submit_wait(void *pool, struct task *task)
{
    submit(pool, task);
    uv_run(loop, UV_RUN_DEFAULT); /* until nothing is left to do */
}

struct play {
    produce_function *produce;
    void *context;
};

static void with_loop(void *pool, void *context, unsigned index)
{
    struct play *it = context;
    uv_loop_t mine;
    if (uv_loop_init(&mine) != 0)
        abort();
    loop = &mine;
    it->produce(pool, it->context, index);
    uv_run(&mine, UV_RUN_DEFAULT);
    uv_loop_close(&mine);
}

static void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    struct play it = {produce, context};
    play_in_threads(pool, producers, with_loop, &it);
}

const struct peer peer = {.name = "libuv",
                          .create = create,
                          .play = play,
                          .submit = submit,
                          .submit_wait = submit_wait,
                          .destroy = free,
                          .queues = true};
