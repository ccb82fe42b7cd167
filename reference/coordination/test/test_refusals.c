/* test_refusals.c - the coordination room when the system says no: every allocation and every thread fails
 * once.
 *
 * malloc, calloc, free, pthread_create and pthread_join are wrapped at link time and counted. Each module has
 * one scene: create it, use it so that everything it ever allocates is allocated, destroy it. A scene is
 * played with its first allocation refused, then with its second, and so on until none was; then the same
 * with threads. After each time nothing is left, and the answer was the documented one.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=pthread_create,--wrap=pthread_join */
#include "batcher.h"
#include "channel.h"
#include "coordination_test.h"
#include "fan.h"
#include "flight.h"
#include "group.h"
#include "pipeline.h"
#include "pool_semaphore.h"
#include <errno.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    atomic_int refused_block,
        refused_thread; /* this one from now on is refused, once; 0: the next; < 0: none */
    atomic_int refusals;
    atomic_int given, taken_back, started, joined;
} calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);
int __real_pthread_join(pthread_t thread, void **result);

static bool is_refused(atomic_int *countdown)
{
    bool refused = atomic_fetch_sub(countdown, 1) == 0;
    atomic_fetch_add(&calls.refusals, refused);
    return refused;
}

void *__wrap_malloc(size_t size)
{
    if (is_refused(&calls.refused_block))
        return NULL;
    atomic_fetch_add(&calls.given, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (is_refused(&calls.refused_block))
        return NULL;
    atomic_fetch_add(&calls.given, 1);
    return __real_calloc(count, size);
}

void __wrap_free(void *block)
{
    atomic_fetch_add(&calls.taken_back, block != NULL);
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    if (is_refused(&calls.refused_thread))
        return EAGAIN;
    atomic_fetch_add(&calls.started, 1);
    return __real_pthread_create(thread, attr, start, arg);
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
    atomic_fetch_add(&calls.joined, 1);
    return __real_pthread_join(thread, result);
}

/* --- scenes: POOL_OK, or the first answer that was not ------------------------------------------------ */

static int nothing[1];

static enum pool_status play_semaphore(void)
{
    struct pool_semaphore *semaphore = (struct pool_semaphore *)nothing;
    enum pool_status status = pool_semaphore_create(&semaphore, 3);
    if (status == POOL_OK)
        status = pool_semaphore_acquire(semaphore, 3);
    pool_semaphore_destroy(semaphore);
    return status;
}

static enum pool_status play_channel(void)
{
    struct pool_channel *channel = (struct pool_channel *)nothing;
    enum pool_status status = pool_channel_create(&channel, 3);
    if (status == POOL_OK)
        status = pool_channel_send(channel, nothing);
    pool_channel_destroy(channel);
    return status;
}

static int succeed(void *arg, struct pool_group *group)
{
    (void)arg;
    (void)group;
    return 0;
}

static enum pool_status play_group(void)
{
    struct pool_group *group = (struct pool_group *)nothing;
    enum pool_status status = pool_group_create(&group, &(struct pool_group_options){.limit = 2});
    for (int i = 0; i < 4 && status == POOL_OK; i++)
        status = pool_group_go(group, succeed, NULL, NULL);
    if (group) { /* what was accepted before the refusal went well, and no trace is left of what was not */
        struct pool_group_counts counts;
        assert_int_equal(pool_group_wait(group, NULL), POOL_OK);
        counts = pool_group_counts(group);
        assert_int_equal(counts.accepted, counts.succeeded);
        assert_int_equal(counts.queued, 0);
    }
    pool_group_destroy(group);
    return status;
}

static enum pool_status play_group_on_pool(void)
{
    struct pool *pool = NULL;
    struct pool_group *group = (struct pool_group *)nothing;
    enum pool_status status = pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 1});
    if (status != POOL_OK)
        return status;
    status = pool_group_create(&group, &(struct pool_group_options){.pool = pool, .limit = 2});
    if (status == POOL_OK)
        status = pool_group_go(group, succeed, NULL, NULL);
    pool_group_destroy(group);
    pool_destroy(pool);
    return status;
}

static int look_up(void *arg, void **value)
{
    (void)arg;
    (void)value;
    return 0;
}

static enum pool_status play_flight(void)
{
    struct pool_flight *flight = (struct pool_flight *)nothing;
    const struct pool_flight_answer *answer = NULL;
    enum pool_status status = pool_flight_create(&flight, NULL);
    if (status == POOL_OK)
        status = pool_flight_do(flight, pool_flight_string("key"), look_up, NULL, &answer);
    assert_int_equal(status == POOL_OK, answer != NULL);
    pool_flight_drop(answer);
    pool_flight_destroy(flight);
    return status;
}

static int pass(void *context, void *item, void **out)
{
    (void)context;
    *out = item;
    return 0;
}

static enum pool_status play_pipeline(void)
{
    const struct pool_stage stages[] = {{.step = pass, .workers = 2, .capacity = 1},
                                        {.step = pass, .workers = 2, .capacity = 1}};
    struct pool_pipeline_options options = {.stages = stages, .count = 2, .output = 4};
    struct pool_pipeline *pipeline = (struct pool_pipeline *)nothing;
    enum pool_status status = pool_pipeline_create(&pipeline, &options);
    if (status == POOL_OK)
        status = pool_pipeline_push(pipeline, nothing);
    if (status == POOL_OK)
        status = pool_pipeline_drain(pipeline, NULL);
    pool_pipeline_destroy(pipeline);
    return status;
}

static int sink(void *context, void **items, size_t count)
{
    (void)context;
    (void)items;
    (void)count;
    return 0;
}

static enum pool_status play_batcher(void)
{
    struct pool_batcher_options options = {.size = 2, .capacity = 2, .flush = sink};
    struct pool_batcher *batcher = (struct pool_batcher *)nothing;
    enum pool_status status = pool_batcher_create(&batcher, &options);
    if (status == POOL_OK)
        status = pool_batcher_add(batcher, nothing);
    pool_batcher_destroy(batcher);
    return status;
}

static int answer(void *context, size_t index, struct pool_group *group, void **value)
{
    (void)context;
    (void)index;
    (void)group;
    (void)value;
    return 0;
}

static enum pool_status play_fan(void)
{
    struct pool_fan fan = {.limit = 3, .call = answer};
    struct pool_fan_slot slots[6];
    return pool_fan_map(&fan, 6, slots);
}

/* --- the director ------------------------------------------------------------------------------------- */

static const struct scene {
    const char *name;
    enum pool_status (*play)(void);
    int blocks, threads; /* at least so many are asked for */
    bool goes_on;        /* it goes well with fewer threads, and with less memory after the first block */
} scenes[] = {
    {"semaphore", play_semaphore, 1, 0, false}, {"channel", play_channel, 1, 0, false},
    {"group", play_group, 6, 1, false},         {"group on a pool", play_group_on_pool, 4, 1, false},
    {"flight", play_flight, 2, 0, false},       {"pipeline", play_pipeline, 5, 4, false},
    {"batcher", play_batcher, 3, 1, false},     {"fan", play_fan, 2, 1, true},
};

/* Play with one call refused: the answer. */
static enum pool_status refuse(const struct scene *scene, int block, int thread)
{
    memset(&calls, 0, sizeof calls);
    calls.refused_block = block;
    calls.refused_thread = thread;
    enum pool_status status = scene->play();
    calls.refused_block = calls.refused_thread = -1;
    assert_int_equal(calls.given, calls.taken_back);
    assert_int_equal(calls.started, calls.joined);
    return status;
}

static void memory_runs_out(void **state)
{
    const struct scene *scene = *state;
    int block = 0;
    for (;; block++) {
        enum pool_status status = refuse(scene, block, -1);
        if (calls.refusals == 0)
            break;
        assert_int_equal(status, scene->goes_on && block > 0 ? POOL_OK : POOL_NO_MEMORY);
    }
    assert_true(block >= scene->blocks);
}

static void threads_run_out(void **state)
{
    const struct scene *scene = *state;
    int thread = 0;
    for (;; thread++) {
        enum pool_status status = refuse(scene, -1, thread);
        if (calls.refusals == 0)
            break;
        assert_int_equal(status, scene->goes_on ? POOL_OK : POOL_NO_THREAD);
    }
    assert_true(thread >= scene->threads);
}

int main(void)
{
    enum { SCENES = sizeof scenes / sizeof *scenes };
    struct CMUnitTest cases[2 * SCENES];
    char names[2 * SCENES][64];

    calls.refused_block = calls.refused_thread = -1;
    for (int i = 0; i < 2 * SCENES; i++) {
        const struct scene *scene = &scenes[i / 2];
        snprintf(names[i], sizeof names[i], "%s: %s", scene->name,
                 i % 2 ? "threads run out" : "memory runs out");
        cases[i] = (struct CMUnitTest)CASE(i % 2 ? threads_run_out : memory_runs_out);
        cases[i].name = names[i];
        cases[i].initial_state = (void *)scene;
    }
    return cmocka_run_group_tests_name("coordination: refusals", cases, NULL, NULL);
}
