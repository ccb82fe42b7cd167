/* test_cancel_callbacks.c - callbacks of cancel tokens: order, taking them back, and what they may do.
 */
#include "../cancel_inside.h" /* who sleeps */

#include "parts_test.h"

static struct pool_cancel *token_make(struct pool_cancel *parent)
{
    struct pool_cancel *token;
    assert_status(pool_cancel_create(&token, &(struct pool_cancel_options){.parent = parent}), POOL_OK);
    return token;
}

/* A callback that notes when it was called, as the how-many-th. */
struct note {
    struct pool_cancel_callback callback;
    int *calls;
    int place; /* 0: not called */
};

static void take_note(void *arg)
{
    struct note *note = arg;
    note->place = ++*note->calls;
}

static void note_on(struct pool_cancel *token, struct note *note, int *calls)
{
    *note = (struct note){.calls = calls};
    assert_status(pool_cancel_on(token, &note->callback, take_note, note), POOL_OK);
}

static void they_are_called_in_order_from_the_top(void **state)
{
    (void)state;
    int calls = 0;
    struct note notes[5];
    struct pool_cancel *root = token_make(NULL), *child = token_make(root), *below = token_make(child);
    note_on(below, &notes[4], &calls);
    note_on(child, &notes[2], &calls);
    note_on(root, &notes[0], &calls);
    note_on(root, &notes[1], &calls);
    note_on(child, &notes[3], &calls);
    assert_status(pool_cancel_now(root, POOL_CANCELLED), POOL_OK);
    assert_int_equal(calls, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(notes[i].place, i + 1);
    assert_status(pool_cancel_now(child, POOL_CANCELLED), POOL_ALREADY);
    assert_int_equal(calls, 5);
    pool_cancel_unref(root);
    pool_cancel_unref(child);
    pool_cancel_unref(below);
}

static void who_registers_too_late_is_called_at_once(void **state)
{
    (void)state;
    int calls = 0;
    struct note note = {.calls = &calls};
    struct pool_cancel *token = token_make(NULL);
    assert_status(pool_cancel_now(token, POOL_CANCELLED), POOL_OK);
    assert_status(pool_cancel_on(token, &note.callback, take_note, &note), POOL_ALREADY);
    assert_int_equal(calls, 1);
    assert_status(pool_cancel_forget(token, &note.callback), POOL_ALREADY);
    pool_cancel_unref(token);
}

static void who_is_forgotten_is_not_called(void **state)
{
    (void)state;
    int calls = 0;
    struct note notes[3];
    struct pool_cancel *token = token_make(NULL);
    for (int i = 0; i < 3; i++)
        note_on(token, &notes[i], &calls);
    assert_status(pool_cancel_forget(token, &notes[1].callback), POOL_OK);
    assert_status(pool_cancel_forget(token, &notes[1].callback), POOL_ALREADY); /* twice does no harm */
    assert_status(pool_cancel_now(token, POOL_CANCELLED), POOL_OK);
    assert_int_equal(notes[0].place, 1);
    assert_int_equal(notes[1].place, 0);
    assert_int_equal(notes[2].place, 2);
    assert_status(pool_cancel_forget(token, &notes[0].callback), POOL_ALREADY);
    pool_cancel_unref(token);
}

static void who_is_left_at_the_end_is_not_called(void **state)
{
    (void)state;
    int calls = 0;
    struct note notes[2];
    struct pool_cancel *token = token_make(NULL);
    note_on(token, &notes[0], &calls);
    note_on(token, &notes[1], &calls);
    pool_cancel_unref(token);
    assert_int_equal(calls, 0);
    assert_null(notes[0].callback.next); /* and nothing points to the token */
}

static void a_passed_deadline_calls_them_too(void **state)
{
    (void)state;
    _Atomic uint64_t now = 0;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel_options options = {.deadline = 5, .clock = &clock};
    int calls = 0;
    struct note note;
    struct pool_cancel *token;
    assert_status(pool_cancel_create(&token, &options), POOL_OK);
    note_on(token, &note, &calls);
    now = 5;
    assert_int_equal(calls, 0);
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_int_equal(calls, 1);
    pool_cancel_unref(token);
}

/* --- from inside a callback ----------------------------------------------------------------------------- */

struct deed {
    struct pool_cancel_callback callback;
    struct pool_cancel *token;
    struct deed *other;
    enum pool_status answers[3];
    int calls;
};

/* Everything is marked before the first callback: the token itself, and those below. */
static void cancel_again(void *arg)
{
    struct deed *deed = arg;
    deed->calls++;
    deed->answers[0] = pool_cancel_now(deed->token, POOL_STOPPED);
    deed->answers[1] = pool_cancel_check(deed->token);
    deed->answers[2] = pool_cancel_wait(deed->token, NULL);
}

static void inside_everything_is_cancelled_already(void **state)
{
    (void)state;
    struct pool_cancel *root = token_make(NULL);
    struct deed deed = {.token = token_make(root)};
    assert_status(pool_cancel_on(root, &deed.callback, cancel_again, &deed), POOL_OK);
    assert_status(pool_cancel_now(root, POOL_FAILED), POOL_OK);
    assert_int_equal(deed.calls, 1);
    assert_status(deed.answers[0], POOL_ALREADY);
    assert_status(deed.answers[1], POOL_FAILED);
    assert_status(deed.answers[2], POOL_OK);
    pool_cancel_unref(deed.token);
    pool_cancel_unref(root);
}

static void forget_other(void *arg)
{
    struct deed *deed = arg;
    deed->calls++;
    deed->answers[0] = pool_cancel_forget(deed->token, &deed->other->callback);
}

static void the_next_one_can_still_be_forgotten(void **state)
{
    (void)state;
    struct pool_cancel *token = token_make(NULL);
    struct deed second = {.token = token}, first = {.token = token, .other = &second};
    second.other = &first;
    assert_status(pool_cancel_on(token, &first.callback, forget_other, &first), POOL_OK);
    assert_status(pool_cancel_on(token, &second.callback, forget_other, &second), POOL_OK);
    assert_status(pool_cancel_now(token, POOL_CANCELLED), POOL_OK);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
    assert_status(first.answers[0], POOL_OK);
    pool_cancel_unref(token);
}

/* The callback takes itself back, and its memory and the token with it. */
static void free_everything(void *arg)
{
    struct deed *deed = arg;
    ++*(int *)deed->other;
    pool_cancel_forget(deed->token, &deed->callback);
    pool_cancel_unref(deed->token);
    free(deed);
}

static struct deed *last_deed(struct pool_cancel *token, int *calls)
{
    struct deed *deed = malloc(sizeof *deed);
    *deed = (struct deed){.token = token, .other = (struct deed *)calls};
    assert_status(pool_cancel_on(deed->token, &deed->callback, free_everything, deed), POOL_OK);
    return deed;
}

static void a_callback_may_free_itself_and_the_token(void **state)
{
    (void)state;
    int calls = 0;
    struct pool_cancel *root = token_make(NULL), *child = token_make(root), *alone = token_make(NULL);
    last_deed(child, &calls); /* the child goes while its parent is cancelled */
    last_deed(pool_cancel_ref(root), &calls);
    assert_status(pool_cancel_now(root, POOL_CANCELLED), POOL_OK);
    assert_int_equal(calls, 2);
    pool_cancel_unref(root);
    last_deed(alone, &calls); /* the last reference, while it is cancelled */
    assert_status(pool_cancel_now(alone, POOL_CANCELLED), POOL_OK);
    assert_int_equal(calls, 3);
}

static void a_check_may_lose_its_token(void **state)
{
    (void)state;
    _Atomic uint64_t now = 9;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel *token;
    int calls = 0;
    struct pool_cancel_options options = {.deadline = 5, .clock = &clock};
    assert_status(pool_cancel_create(&token, &options), POOL_OK);
    last_deed(token, &calls);
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_int_equal(calls, 1);
}

/* A callback that cancels a cousin: two runners of one thread, one inside the other. */
static void cancel_other_and_forget(void *arg)
{
    struct deed *deed = arg;
    deed->calls++;
    deed->answers[0] = pool_cancel_now(deed->other->token, POOL_STOPPED);
    deed->answers[1] = pool_cancel_forget(deed->token, &deed->callback); /* runs in this very thread */
}

static void forget_both(void *arg)
{
    struct deed *deed = arg;
    deed->calls++;
    deed->answers[0] = pool_cancel_forget(deed->other->token, &deed->other->callback);
    deed->answers[1] = pool_cancel_forget(deed->token, &deed->callback);
}

static void a_callback_may_cancel_another_token(void **state)
{
    (void)state;
    struct pool_cancel *root = token_make(NULL);
    struct deed inner = {.token = token_make(root)}, outer = {.token = token_make(root), .other = &inner};
    inner.other = &outer;
    assert_status(pool_cancel_on(outer.token, &outer.callback, cancel_other_and_forget, &outer), POOL_OK);
    assert_status(pool_cancel_on(inner.token, &inner.callback, forget_both, &inner), POOL_OK);
    assert_status(pool_cancel_now(outer.token, POOL_FAILED), POOL_OK);
    assert_int_equal(outer.calls + inner.calls, 2);
    assert_status(outer.answers[0], POOL_OK);
    assert_status(outer.answers[1], POOL_ALREADY);
    assert_status(inner.answers[0], POOL_ALREADY);
    assert_status(inner.answers[1], POOL_ALREADY);
    pool_cancel_unref(inner.token);
    pool_cancel_unref(outer.token);
    pool_cancel_unref(root);
}

/* --- several threads ------------------------------------------------------------------------------------ */

struct scene {
    struct pool_cancel *token;
    struct pool_cancel_callback callback;
    struct gate gate;
    atomic_bool returned; /* the callback has */
    bool saw_returned;    /* the forgetting thread, after its forget */
};

static void pass_gate(void *arg)
{
    struct scene *scene = arg;
    gate_pass(&scene->gate);
    atomic_store(&scene->returned, true);
}

static void *cancel_it(void *arg)
{
    return (void *)(intptr_t)pool_cancel_now(arg, POOL_CANCELLED);
}

static void *forget_it(void *arg)
{
    struct scene *scene = arg;
    enum pool_status status = pool_cancel_forget(scene->token, &scene->callback);
    scene->saw_returned = atomic_load(&scene->returned);
    return (void *)(intptr_t)status;
}

static void await_forgetters(struct pool_cancel *token, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&token->family->lock);
        there = token->family->ran.waiting == count;
        lock_drop(&token->family->lock);
    }
}

static void forget_waits_for_a_callback_in_another_thread(void **state)
{
    (void)state;
    struct scene scene = {.token = token_make(NULL)};
    int calls = 0;
    struct note queued;
    gate_init(&scene.gate);
    assert_status(pool_cancel_on(scene.token, &scene.callback, pass_gate, &scene), POOL_OK);
    note_on(scene.token, &queued, &calls);
    pthread_t canceller = thread_start(cancel_it, scene.token);
    semaphore_wait(&scene.gate.arrived);
    assert_status(pool_cancel_check(scene.token), POOL_CANCELLED); /* nobody is kept out meanwhile */
    assert_status(pool_cancel_forget(scene.token, &queued.callback), POOL_OK); /* not that one's turn yet */
    pthread_t forgetter = thread_start(forget_it, &scene);
    await_forgetters(scene.token, 1);
    sem_post(&scene.gate.open);
    assert_status((enum pool_status)(intptr_t)thread_join(forgetter), POOL_ALREADY);
    assert_true(scene.saw_returned);
    assert_status((enum pool_status)(intptr_t)thread_join(canceller), POOL_OK);
    assert_int_equal(calls, 0);
    pool_cancel_unref(scene.token);
    gate_release(&scene.gate);
}

/* Two cancellers in one tree: the one that came first leaves first, the other is still known. */
static void two_may_run_callbacks_at_once(void **state)
{
    (void)state;
    struct pool_cancel *root = token_make(NULL);
    struct scene scenes[2];
    pthread_t cancellers[2];
    for (int i = 0; i < 2; i++) {
        scenes[i] = (struct scene){.token = token_make(root)};
        gate_init(&scenes[i].gate);
        assert_status(pool_cancel_on(scenes[i].token, &scenes[i].callback, pass_gate, &scenes[i]), POOL_OK);
        cancellers[i] = thread_start(cancel_it, scenes[i].token);
        semaphore_wait(&scenes[i].gate.arrived);
    }
    sem_post(&scenes[0].gate.open);
    thread_join(cancellers[0]);
    pthread_t forgetter = thread_start(forget_it, &scenes[1]);
    await_forgetters(root, 1);
    sem_post(&scenes[1].gate.open);
    thread_join(cancellers[1]);
    assert_status((enum pool_status)(intptr_t)thread_join(forgetter), POOL_ALREADY);
    assert_true(scenes[1].saw_returned);
    for (int i = 0; i < 2; i++) {
        pool_cancel_unref(scenes[i].token);
        gate_release(&scenes[i].gate);
    }
    pool_cancel_unref(root);
}

/* Children come and go, with callbacks, while the root is cancelled: what each thread made is intact. */
enum { THREADS = 3, ROUNDS = 300 };

struct crowd {
    struct pool_cancel *root;
    atomic_int wrong;
};

static void set_true(void *flag)
{
    atomic_store((atomic_bool *)flag, true);
}

static void *come_and_go(void *arg)
{
    struct crowd *crowd = arg;
    for (int i = 0; i < ROUNDS; i++) {
        atomic_bool called = false;
        struct pool_cancel *child, *below;
        struct pool_cancel_callback callback;
        if (pool_cancel_create(&child, &(struct pool_cancel_options){.parent = crowd->root}) != POOL_OK ||
            pool_cancel_create(&below, &(struct pool_cancel_options){.parent = child}) != POOL_OK)
            abort();
        if (i % 4 == 3)
            pool_cancel_detach(child);
        enum pool_status on = pool_cancel_on(below, &callback, set_true, &called);
        enum pool_status forgotten = pool_cancel_forget(below, &callback);
        if (atomic_load(&called) != (forgotten == POOL_ALREADY) || (on != POOL_OK && !atomic_load(&called)))
            atomic_fetch_add(&crowd->wrong, 1);
        pool_cancel_unref(child);
        pool_cancel_unref(below);
    }
    return NULL;
}

static void children_may_go_while_the_parent_is_cancelled(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        struct crowd crowd = {.root = token_make(NULL)};
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            threads[i] = thread_start(come_and_go, &crowd);
        for (int i = 0; i < round; i++)
            sched_yield();
        assert_status(pool_cancel_now(crowd.root, POOL_CANCELLED), POOL_OK);
        for (int i = 0; i < THREADS; i++)
            thread_join(threads[i]);
        assert_int_equal(crowd.wrong, 0);
        pool_cancel_unref(crowd.root);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(they_are_called_in_order_from_the_top),
        CASE(who_registers_too_late_is_called_at_once),
        CASE(who_is_forgotten_is_not_called),
        CASE(who_is_left_at_the_end_is_not_called),
        CASE(a_passed_deadline_calls_them_too),
        CASE(inside_everything_is_cancelled_already),
        CASE(the_next_one_can_still_be_forgotten),
        CASE(a_callback_may_free_itself_and_the_token),
        CASE(a_check_may_lose_its_token),
        CASE(a_callback_may_cancel_another_token),
        CASE(forget_waits_for_a_callback_in_another_thread),
        CASE(two_may_run_callbacks_at_once),
        CASE(children_may_go_while_the_parent_is_cancelled),
    };
    return cmocka_run_group_tests_name("core: cancel, callbacks", cases, NULL, NULL);
}
