/* test_overflow.c - what a submit does when the queue is full, for each policy, and what the books say.
 */
#include "options_test.h"

enum { ROOM = 3 };

/* One worker in a gate, ROOM tokens in the queue, under a policy. */
struct scene {
    struct pool *pool;
    struct gate gate;
    struct token tokens[ROOM + 1], next;
};

static void scene_set(struct scene *scene, enum pool_overflow overflow)
{
    *scene =
        (struct scene){.pool = pool_with(&(struct pool_options){
                           .workers = 1, .capacity = ROOM, .discard = token_discard, .overflow = overflow})};
    hold_worker(scene->pool, &scene->gate);
    assert_int_equal(fill(scene->pool, scene->tokens), ROOM); /* try answers POOL_FULL, whatever the policy */
    assert_int_equal(pool_counts(scene->pool).refused, 1);
}

static void scene_end(struct scene *scene)
{
    finish(scene->pool, &scene->gate);
}

static void reject_answers_full(void **state)
{
    (void)state;
    struct scene scene;
    struct timespec far = pool_deadline_after(3600 * 1000);
    scene_set(&scene, POOL_REJECT);
    assert_int_equal(pool_submit(scene.pool, token_run, &scene.next), POOL_FULL);
    assert_int_equal(pool_submit_until(scene.pool, token_run, &scene.next, &far), POOL_FULL);
    assert_int_equal(pool_submit_wait(scene.pool, token_run, &scene.next), POOL_FULL);
    assert_int_equal(pool_counts(scene.pool).refused, 4);
    scene_end(&scene);
    assert_fate(&scene.next, 0, 0, 0);
}

static void drop_oldest_makes_room_at_the_front(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_DROP_OLDEST);
    submit_ok(scene.pool, token_run, &scene.next);
    assert_fate(&scene.tokens[0], 0, 1, 0);
    struct pool_counts now = pool_counts(scene.pool);
    assert_true(now.queued == ROOM && now.discarded == 1 && now.dropped == 1);
    scene_end(&scene);
    assert_fate(&scene.tokens[0], 0, 1, 0);
    assert_fate(&scene.tokens[1], 1, 0, 0);
    assert_fate(&scene.next, 1, 0, 0);
}

static void drop_newest_throws_out_what_came(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_DROP_NEWEST);
    assert_int_equal(pool_submit(scene.pool, token_run, &scene.next), POOL_DISCARDED);
    assert_fate(&scene.next, 0, 1, 0);
    struct pool_counts now = pool_counts(scene.pool);
    assert_true(now.submitted == ROOM + 2 && now.discarded == 1 && now.dropped == 1 && now.refused == 1);
    scene_end(&scene);
    assert_fate(&scene.tokens[0], 1, 0, 0);
}

static void keep_latest_leaves_only_the_new_one(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_KEEP_LATEST);
    submit_ok(scene.pool, token_run, &scene.next);
    for (int i = 0; i < ROOM; i++)
        assert_fate(&scene.tokens[i], 0, 1, 0);
    assert_int_equal(pool_counts(scene.pool).queued, 1);
    assert_int_equal(pool_counts(scene.pool).dropped, ROOM);
    scene_end(&scene);
    assert_fate(&scene.next, 1, 0, 0);
}

struct who {
    pthread_t thread;
    atomic_int ran;
    int code; /* 0, or fail with it */
};

static void note_who(void *arg)
{
    struct who *who = arg;
    who->thread = pthread_self();
    if (who->code)
        assert(pool_task_fail(who->code) == POOL_OK);
    atomic_fetch_add(&who->ran, 1);
}

static void caller_runs_in_the_caller(void **state)
{
    (void)state;
    struct scene scene;
    struct who who = {.ran = 0}, bad = {.code = 7}, waited = {.ran = 0};
    scene_set(&scene, POOL_CALLER_RUNS);
    submit_ok(scene.pool, note_who, &who);
    submit_ok(scene.pool, note_who, &bad);
    assert_int_equal(pool_submit_wait(scene.pool, note_who, &waited), POOL_OK);
    assert_true(who.ran == 1 && bad.ran == 1 && waited.ran == 1);
    assert_true(pthread_equal(who.thread, pthread_self()) && pthread_equal(waited.thread, pthread_self()));
    struct pool_counts now = pool_counts(scene.pool);
    assert_true(now.completed == 2 && now.failed == 1 && now.queued == ROOM && now.running == 1);
    scene_end(&scene);
}

static void a_dropped_one_that_is_waited_for_is_told(void **state)
{
    (void)state;
    struct scene scene;
    struct token waited = {0};
    struct call call;
    struct gate gate;
    struct pool_options options = {.workers = 1, .capacity = 1, .discard = token_discard};
    options.overflow = POOL_DROP_OLDEST;
    scene.pool = pool_with(&options);
    hold_worker(scene.pool, &gate);
    call_submit(&call, pool_submit_wait, scene.pool, token_run, &waited);
    while (pool_counts(scene.pool).queued < 1)
        sched_yield();
    submit_ok(scene.pool, token_run, &scene.next);
    assert_int_equal(call_join(&call), POOL_DISCARDED); /* M05: it does not hang */
    assert_fate(&waited, 0, 1, 0);
    finish(scene.pool, &gate);
}

/* The discard function of a dropped task is inside the pool, and may look at it. */
static void discard_and_count(void *arg)
{
    struct scene *scene = arg;
    scene->next.refused = (int)pool_counts(scene->pool).dropped;
}

static void a_drop_holds_no_lock(void **state)
{
    (void)state;
    struct scene scene = {.next = {0}};
    struct gate gate;
    struct pool_options options = {.workers = 1, .capacity = 1, .discard = discard_and_count};
    options.overflow = POOL_DROP_NEWEST;
    scene.pool = pool_with(&options);
    hold_worker(scene.pool, &gate);
    submit_ok(scene.pool, token_run, &scene.next);
    assert_int_equal(pool_submit(scene.pool, token_run, &scene), POOL_DISCARDED);
    assert_int_equal(scene.next.refused, 1);
    finish(scene.pool, &gate);
}

static void after_the_end_no_policy_counts(void **state)
{
    (void)state;
    for (enum pool_overflow overflow = POOL_BLOCK; overflow <= POOL_CALLER_RUNS; overflow++) {
        struct pool_options options = {.workers = 1, .capacity = 1, .overflow = overflow};
        struct pool *pool = pool_with(&options);
        assert_int_equal(pool_stop(pool), POOL_OK);
        assert_closed(pool);
        pool_destroy(pool);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(reject_answers_full),
        CASE(drop_oldest_makes_room_at_the_front),
        CASE(drop_newest_throws_out_what_came),
        CASE(keep_latest_leaves_only_the_new_one),
        CASE(caller_runs_in_the_caller),
        CASE(a_dropped_one_that_is_waited_for_is_told),
        CASE(a_drop_holds_no_lock),
        CASE(after_the_end_no_policy_counts),
    };
    return cmocka_run_group_tests_name("core: overflow", cases, NULL, NULL);
}
