/* test_misuse.c - a destroy from inside is caught: in a group's task, a flight's work, a pipeline's step, a
 * batcher's flush. Each in a process of its own, which has to end by the failed assertion.
 */
#include "batcher.h"
#include "coordination_test.h"
#include "flight.h"
#include "group.h"
#include "pipeline.h"
#include <signal.h>
#include <sys/wait.h>

static int destroy_group(void *arg, struct pool_group *group)
{
    (void)arg;
    pool_group_destroy(group);
    return 0;
}

static void misuse_group(void)
{
    struct pool_group *group;
    if (pool_group_create(&group, &(struct pool_group_options){.limit = 1}) == POOL_OK &&
        pool_group_go(group, destroy_group, NULL, NULL) == POOL_OK)
        (void)!pool_group_wait(group, NULL);
}

static int destroy_flight(void *arg, void **value)
{
    (void)value;
    pool_flight_destroy(arg);
    return 0;
}

static void misuse_flight(void)
{
    struct pool_flight *flight;
    if (pool_flight_create(&flight, NULL) == POOL_OK)
        (void)!pool_flight_do(flight, pool_flight_string("key"), destroy_flight, flight, NULL);
}

static int destroy_pipeline(void *context, void *item, void **out)
{
    (void)context;
    (void)out;
    pool_pipeline_destroy(*(struct pool_pipeline **)item);
    return 0;
}

static void misuse_pipeline(void)
{
    const struct pool_stage stage = {.step = destroy_pipeline, .workers = 1, .capacity = 1};
    struct pool_pipeline *pipeline;
    if (pool_pipeline_create(&pipeline, &(struct pool_pipeline_options){.stages = &stage, .count = 1}) ==
            POOL_OK &&
        pool_pipeline_push(pipeline, &pipeline) == POOL_OK)
        (void)!pool_pipeline_drain(pipeline, NULL);
}

static int destroy_batcher(void *context, void **items, size_t count)
{
    (void)context;
    (void)count;
    pool_batcher_destroy(items[0]);
    return 0;
}

static void misuse_batcher(void)
{
    struct pool_batcher_options options = {
        .size = 1, .capacity = 1, .driver = POOL_BATCHER_POLL, .flush = destroy_batcher};
    struct pool_batcher *batcher;
    if (pool_batcher_create(&batcher, &options) == POOL_OK && pool_batcher_add(batcher, batcher) == POOL_OK)
        pool_batcher_poll(batcher, NULL);
}

static void is_caught(void **state)
{
#ifdef NDEBUG
    (void)state;
    skip();
#else
    void (*const *misuse)(void) = *state;
    int status;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);           /* the assertion's words are expected and of no use */
        signal(SIGABRT, SIG_DFL); /* nor is what cmocka would say about it */
        (*misuse)();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
}

int main(void)
{
    static void (*const group)(void) = misuse_group, (*const flight)(void) = misuse_flight,
                        (*const pipeline)(void) = misuse_pipeline, (*const batcher)(void) = misuse_batcher;
    const struct CMUnitTest cases[] = {
        {"group", is_caught, case_begins, NULL, (void *)&group},
        {"flight", is_caught, case_begins, NULL, (void *)&flight},
        {"pipeline", is_caught, case_begins, NULL, (void *)&pipeline},
        {"batcher", is_caught, case_begins, NULL, (void *)&batcher},
    };
    return cmocka_run_group_tests_name("coordination: a destroy from inside is caught", cases, NULL, NULL);
}
