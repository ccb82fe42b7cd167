/* test_cancel.c - cancel tokens: reasons, trees, deadlines, waiting, and the life of tokens.
 *
 * Not here: callbacks (test_cancel_callbacks.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
/* link: -Wl,--wrap=pthread_cond_wait,--wrap=pthread_cond_timedwait */
#include "../cancel_inside.h" /* who sleeps */

#include "fault_test.h"
#include "sleep_test.h"

enum { DEEP = 20000 };

static struct pool_cancel *token_make(struct pool_cancel *parent, uint64_t deadline,
                                      const struct pool_clock *clock)
{
    struct pool_cancel *token;
    struct pool_cancel_options options = {.parent = parent, .deadline = deadline, .clock = clock};
    assert_status(pool_cancel_create(&token, &options), POOL_OK);
    return token;
}

/* --- arguments, memory ---------------------------------------------------------------------------------- */

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_cancel *token = token_make(NULL, 0, NULL), *none = token;
    struct pool_clock clock = {.now = hand_clock_now};
    struct timespec odd = {.tv_nsec = -1};
    struct pool_cancel_callback callback;
    assert_status(pool_cancel_create(NULL, NULL), POOL_INVALID);
    assert_status(pool_cancel_create(&none, &(struct pool_cancel_options){.parent = token, .clock = &clock}),
                  POOL_INVALID);
    assert_null(none);
    assert_null(pool_cancel_ref(NULL));
    pool_cancel_unref(NULL);
    assert_status(pool_cancel_detach(NULL), POOL_INVALID);
    assert_status(pool_cancel_now(NULL, POOL_CANCELLED), POOL_INVALID);
    assert_status(pool_cancel_now(token, POOL_OK), POOL_INVALID);
    assert_status(pool_cancel_check(NULL), POOL_INVALID);
    assert_status(pool_cancel_wait(NULL, NULL), POOL_INVALID);
    assert_status(pool_cancel_wait(token, &odd), POOL_INVALID);
    assert_status(pool_cancel_on(NULL, &callback, free, NULL), POOL_INVALID);
    assert_status(pool_cancel_on(token, NULL, free, NULL), POOL_INVALID);
    assert_status(pool_cancel_on(token, &callback, NULL, NULL), POOL_INVALID);
    assert_status(pool_cancel_forget(NULL, &callback), POOL_INVALID);
    assert_status(pool_cancel_forget(token, NULL), POOL_INVALID);
    assert_status(pool_cancel_check(token), POOL_OK);
    pool_cancel_unref(token);
}

static void memory_runs_out_in_create(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    for (int allowed = 0; allowed < 2; allowed++) {
        struct pool_cancel *token = (struct pool_cancel *)&faults;
        faults_allow(allowed, -1);
        assert_status(pool_cancel_create(&token, NULL), POOL_NO_MEMORY);
        faults_allow(-1, -1);
        assert_null(token);
        assert_int_equal(faults.blocks_held, held);
    }
    struct pool_cancel *parent = token_make(NULL, 0, NULL), *child = parent;
    faults_allow(0, -1);
    assert_status(pool_cancel_create(&child, &(struct pool_cancel_options){.parent = parent}),
                  POOL_NO_MEMORY);
    faults_allow(-1, -1);
    assert_null(child);
    pool_cancel_unref(parent);
    assert_int_equal(faults.blocks_held, held);
}

/* --- reasons and trees ---------------------------------------------------------------------------------- */

static void it_is_cancelled_once(void **state)
{
    (void)state;
    struct pool_cancel *token;
    assert_status(pool_cancel_create(&token, NULL), POOL_OK);
    assert_status(pool_cancel_check(token), POOL_OK);
    assert_status(pool_cancel_now(token, POOL_FAILED), POOL_OK);
    assert_status(pool_cancel_now(token, POOL_STOPPED), POOL_ALREADY);
    assert_status(pool_cancel_check(token), POOL_FAILED);
    pool_cancel_unref(token);
}

/*      root
 *      /  \
 *  left    right
 *   / \
 *  a   b        a has a child of its own */
struct tree {
    struct pool_cancel *root, *left, *right, *a, *b, *below_a;
};

static struct tree tree_make(void)
{
    struct tree tree = {.root = token_make(NULL, 0, NULL)};
    tree.right = token_make(tree.root, 0, NULL); /* so that it comes after left */
    tree.left = token_make(tree.root, 0, NULL);
    tree.a = token_make(tree.left, 0, NULL);
    tree.b = token_make(tree.left, 0, NULL);
    tree.below_a = token_make(tree.a, 0, NULL);
    return tree;
}

static void tree_release(struct tree *tree)
{
    pool_cancel_unref(tree->root);
    pool_cancel_unref(tree->b);
    pool_cancel_unref(tree->a);
    pool_cancel_unref(tree->left);
    pool_cancel_unref(tree->below_a);
    pool_cancel_unref(tree->right);
}

static void all_below_are_cancelled_and_nobody_else(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct tree tree = tree_make();
    assert_status(pool_cancel_now(tree.a, POOL_FAILED), POOL_OK);
    assert_status(pool_cancel_check(tree.b), POOL_OK);
    assert_status(pool_cancel_check(tree.right), POOL_OK);
    assert_status(pool_cancel_now(tree.b, POOL_STOPPED), POOL_OK);
    assert_status(pool_cancel_check(tree.left), POOL_OK);
    assert_status(pool_cancel_now(tree.left, POOL_FAILED), POOL_OK);
    assert_status(pool_cancel_check(tree.left), POOL_FAILED);
    assert_status(pool_cancel_check(tree.a), POOL_FAILED);
    assert_status(pool_cancel_check(tree.below_a), POOL_FAILED);
    assert_status(pool_cancel_check(tree.b), POOL_STOPPED); /* the first reason stays */
    assert_status(pool_cancel_check(tree.root), POOL_OK);
    assert_status(pool_cancel_check(tree.right), POOL_OK);
    assert_status(pool_cancel_now(tree.root, POOL_CANCELLED), POOL_OK);
    assert_status(pool_cancel_check(tree.right), POOL_CANCELLED);
    tree_release(&tree);
    assert_int_equal(faults.blocks_held, held);
}

static void the_child_of_a_cancelled_one_is_born_cancelled(void **state)
{
    (void)state;
    struct pool_cancel *parent = token_make(NULL, 0, NULL);
    assert_status(pool_cancel_now(parent, POOL_FAILED), POOL_OK);
    struct pool_cancel *child = token_make(parent, 0, NULL);
    assert_status(pool_cancel_check(child), POOL_FAILED);
    assert_status(pool_cancel_now(child, POOL_STOPPED), POOL_ALREADY);
    pool_cancel_unref(parent);
    pool_cancel_unref(child);
}

static void a_gone_child_is_not_visited(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_cancel *children[3], *root = token_make(NULL, 0, NULL);
    for (int gone = 0; gone < 3; gone++) { /* the first, one in the middle, the last of the line */
        for (int i = 0; i < 3; i++)
            children[i] = token_make(root, 0, NULL);
        pool_cancel_unref(children[gone]);
        assert_status(pool_cancel_now(children[(gone + 1) % 3], POOL_FAILED), POOL_OK);
        assert_status(pool_cancel_check(children[(gone + 2) % 3]), POOL_OK);
        pool_cancel_unref(children[(gone + 1) % 3]);
        pool_cancel_unref(children[(gone + 2) % 3]);
        assert_int_equal(faults.blocks_held - held, 2); /* the root, and what the tree shares */
    }
    assert_status(pool_cancel_now(root, POOL_FAILED), POOL_OK);
    pool_cancel_unref(root);
    assert_int_equal(faults.blocks_held, held);
}

static void a_reference_keeps_it(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    assert_ptr_equal(pool_cancel_ref(token), token);
    pool_cancel_unref(token);
    assert_status(pool_cancel_now(token, POOL_FAILED), POOL_OK);
    pool_cancel_unref(token);
    assert_int_equal(faults.blocks_held, held);
}

/* Recursion would need DEEP frames of stack, several times over. */
static void a_deep_tree_needs_no_deep_stack(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_cancel *root = token_make(NULL, 0, NULL), *leaf = pool_cancel_ref(root);
    for (int i = 0; i < DEEP; i++) {
        struct pool_cancel *below = token_make(leaf, 0, NULL);
        pool_cancel_unref(leaf); /* its child keeps it */
        leaf = below;
    }
    assert_status(pool_cancel_check(leaf), POOL_OK);
    assert_status(pool_cancel_now(root, POOL_STOPPED), POOL_OK);
    assert_status(pool_cancel_check(leaf), POOL_STOPPED);
    pool_cancel_unref(root);
    assert_int_equal(faults.blocks_held - held, DEEP + 2);
    pool_cancel_unref(leaf); /* and with it all of them */
    assert_int_equal(faults.blocks_held, held);
}

static void a_detached_one_goes_its_own_way(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct tree tree = tree_make();
    assert_status(pool_cancel_detach(tree.root), POOL_EMPTY);
    assert_status(pool_cancel_detach(tree.a), POOL_OK);
    assert_status(pool_cancel_detach(tree.a), POOL_EMPTY);
    assert_status(pool_cancel_now(tree.root, POOL_FAILED), POOL_OK);
    assert_status(pool_cancel_check(tree.b), POOL_FAILED);
    assert_status(pool_cancel_check(tree.a), POOL_OK);
    assert_status(pool_cancel_check(tree.below_a), POOL_OK);
    assert_status(pool_cancel_now(tree.a, POOL_STOPPED), POOL_OK);
    assert_status(pool_cancel_check(tree.below_a), POOL_STOPPED);
    tree_release(&tree);
    assert_int_equal(faults.blocks_held, held);
}

/* The child is the last that holds its parent. */
static void to_detach_may_free_the_parent(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_cancel *parent = token_make(NULL, 0, NULL), *child = token_make(parent, 0, NULL);
    pool_cancel_unref(parent);
    assert_int_equal(faults.blocks_held - held, 3);
    assert_status(pool_cancel_detach(child), POOL_OK);
    assert_int_equal(faults.blocks_held - held, 2);
    assert_status(pool_cancel_check(child), POOL_OK);
    pool_cancel_unref(child);
    assert_int_equal(faults.blocks_held, held);
}

/* --- deadlines ------------------------------------------------------------------------------------------ */

static void a_deadline_cancels_who_looks(void **state)
{
    (void)state;
    _Atomic uint64_t now = 99;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel *token = token_make(NULL, 100, &clock), *endless = token_make(NULL, 0, &clock);
    assert_status(pool_cancel_check(token), POOL_OK);
    now = 100;
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status(pool_cancel_now(token, POOL_FAILED), POOL_ALREADY);
    now = UINT64_MAX;
    assert_status(pool_cancel_check(endless), POOL_OK);
    pool_cancel_unref(token);
    pool_cancel_unref(endless);
}

static void who_was_cancelled_before_keeps_that_reason(void **state)
{
    (void)state;
    _Atomic uint64_t now = 100;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel *token = token_make(NULL, 100, &clock);
    assert_status(pool_cancel_now(token, POOL_FAILED), POOL_OK);
    assert_status(pool_cancel_check(token), POOL_FAILED);
    pool_cancel_unref(token);
}

static void a_child_has_the_earlier_deadline(void **state)
{
    (void)state;
    _Atomic uint64_t now = 0;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel *root = token_make(NULL, 100, &clock);
    struct pool_cancel *early = token_make(root, 50, NULL), *late = token_make(root, 200, NULL);
    struct pool_cancel *below = token_make(early, 0, NULL);
    now = 50;
    assert_status(pool_cancel_check(root), POOL_OK);
    assert_status(pool_cancel_check(late), POOL_OK);
    assert_status(pool_cancel_check(below), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(early), POOL_TIMED_OUT);
    now = 100;
    assert_status(pool_cancel_check(late), POOL_TIMED_OUT);
    struct pool_cancel *born_late = token_make(root, 0, NULL); /* nobody had looked at root yet */
    now = 0;
    assert_status(pool_cancel_check(born_late), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(root), POOL_TIMED_OUT);
    pool_cancel_unref(root);
    pool_cancel_unref(early);
    pool_cancel_unref(late);
    pool_cancel_unref(below);
    pool_cancel_unref(born_late);
}

static void who_detaches_leaves_the_parents_deadline(void **state)
{
    (void)state;
    _Atomic uint64_t now = 0;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now};
    struct pool_cancel *root = token_make(NULL, 100, &clock), *child = token_make(root, 300, NULL);
    struct pool_cancel *below = token_make(child, 200, NULL), *free_below = token_make(child, 0, NULL);
    assert_status(pool_cancel_detach(child), POOL_OK);
    now = 199;
    assert_status(pool_cancel_check(child), POOL_OK);
    assert_status(pool_cancel_check(below), POOL_OK);
    now = 299;
    assert_status(pool_cancel_check(below), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(free_below), POOL_OK);
    now = 300;
    assert_status(pool_cancel_check(free_below), POOL_TIMED_OUT);
    pool_cancel_unref(root);
    pool_cancel_unref(child);
    pool_cancel_unref(below);
    pool_cancel_unref(free_below);
}

/* --- waiting -------------------------------------------------------------------------------------------- */

struct wait {
    struct pool_cancel *token;
    const struct timespec *deadline;
};

static void *wait_for_it(void *arg)
{
    struct wait *wait = arg;
    return (void *)(intptr_t)pool_cancel_wait(wait->token, wait->deadline);
}

static void await_sleepers(struct pool_cancel *token, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&token->family->lock);
        there = token->cancelled.waiting == count;
        lock_drop(&token->family->lock);
    }
}

static void a_waiter_hears_of_it(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct timespec later = moment_after(3600 * 1000);
        struct pool_cancel *root = token_make(NULL, 0, NULL), *child = token_make(root, 0, NULL);
        struct wait on_child = {child, NULL}, on_root = {root, &later};
        pthread_t one = thread_start(wait_for_it, &on_child), two = thread_start(wait_for_it, &on_root);
        if (round % 2) {
            await_sleepers(child, 1);
            await_sleepers(root, 1);
        }
        assert_status(pool_cancel_now(root, POOL_CANCELLED), POOL_OK);
        assert_status((enum pool_status)(intptr_t)thread_join(one), POOL_OK);
        assert_status((enum pool_status)(intptr_t)thread_join(two), POOL_OK);
        pool_cancel_unref(child);
        pool_cancel_unref(root);
    }
}

static void a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    struct timespec past = moment_after(-1000), soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    assert_status(pool_cancel_wait(token, &past), POOL_TIMED_OUT);
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT);
    assert_true(moment_has_passed(soon));
    assert_status(pool_cancel_now(token, POOL_CANCELLED), POOL_OK);
    assert_status(pool_cancel_wait(token, &past), POOL_OK);
    assert_status(pool_cancel_wait(token, NULL), POOL_OK);
    pool_cancel_unref(token);
}

static void a_wait_ends_at_the_tokens_deadline(void **state)
{
    (void)state;
    struct timespec later = moment_after(3600 * 1000), past = moment_after(-1000);
    uint64_t soon = pool_clock_now(NULL) + 2 * POOL_MILLISECOND;
    struct pool_cancel *token = token_make(NULL, soon, NULL), *other = token_make(NULL, soon, NULL);
    struct pool_cancel *far = token_make(NULL, UINT64_MAX - 1, NULL);
    assert_status(pool_cancel_wait(token, &later), POOL_OK);
    assert_true(pool_clock_now(NULL) >= soon);
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status(pool_cancel_wait(other, NULL), POOL_OK);
    assert_status(pool_cancel_wait(far, &past), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(far), POOL_OK);
    pool_cancel_unref(token);
    pool_cancel_unref(other);
    pool_cancel_unref(far);
}

/* A clock of the user's own: its deadline cannot wake a sleeper, the check of whoever moved it does. */
static void a_check_wakes_who_waits_by_another_clock(void **state)
{
    (void)state;
    _Atomic uint64_t now = 0;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now}, unset = {.now = NULL};
    struct timespec soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 1, &clock);
    struct wait wait = {token, NULL};
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT); /* not at 1 ns of the system's */
    pthread_t waiter = thread_start(wait_for_it, &wait);
    await_sleepers(token, 1);
    now = 1;
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status((enum pool_status)(intptr_t)thread_join(waiter), POOL_OK);
    pool_cancel_unref(token);
    token = token_make(NULL, pool_clock_now(NULL) + 5 * POOL_MILLISECOND, &unset);
    assert_status(pool_cancel_wait(token, NULL), POOL_OK); /* a clock that is none: the system's */
    pool_cancel_unref(token);
}

static void cancel(void *token)
{
    pool_cancel_now(token, POOL_FAILED);
}

static void what_is_cancelled_at_the_last_moment_counts(void **state)
{
    (void)state;
    struct timespec soon = moment_after(1);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    sleeps_end(1, ETIMEDOUT, cancel, token);
    assert_status(pool_cancel_wait(token, &soon), POOL_OK);
    pool_cancel_unref(token);
}

static void a_wait_that_wakes_for_no_reason_goes_on(void **state)
{
    (void)state;
    struct timespec soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    sleeps_end(3, 0, NULL, NULL);
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_true(moment_has_passed(soon));
    pool_cancel_unref(token);
}

/* The nearer of two moments within one second ends the sleep. */
static void the_sooner_deadline_counts_to_the_nanosecond(void **state)
{
    (void)state;
    struct timespec deadline = {.tv_sec = moment_after(3600 * 1000).tv_sec, .tv_nsec = 1};
    struct pool_cancel *token = token_make(NULL, (uint64_t)deadline.tv_sec * POOL_SECOND + 2, NULL);
    sleeps_end(1, ETIMEDOUT, NULL, NULL);
    assert_status(pool_cancel_wait(token, &deadline), POOL_TIMED_OUT);
    pool_cancel_unref(token);
}

static void detach(void *token)
{
    pool_cancel_detach(token);
}

/* The sleep ends at the deadline that the token had from its parent, and it has none any more. */
static void who_is_detached_meanwhile_waits_on(void **state)
{
    (void)state;
    struct timespec soon = moment_after(3600 * 1000);
    struct pool_cancel *parent = token_make(NULL, pool_clock_now(NULL) + 60 * POOL_SECOND, NULL);
    struct pool_cancel *child = token_make(parent, 0, NULL);
    sleeps_end(2, ETIMEDOUT, detach,
               child); /* the first at the minute of the parent, the second at the hour */
    assert_status(pool_cancel_wait(child, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_status(pool_cancel_check(child), POOL_OK);
    pool_cancel_unref(parent);
    pool_cancel_unref(child);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(memory_runs_out_in_create),
        CASE(it_is_cancelled_once),
        CASE(all_below_are_cancelled_and_nobody_else),
        CASE(the_child_of_a_cancelled_one_is_born_cancelled),
        CASE(a_gone_child_is_not_visited),
        CASE(a_reference_keeps_it),
        CASE(a_deep_tree_needs_no_deep_stack),
        CASE(a_detached_one_goes_its_own_way),
        CASE(to_detach_may_free_the_parent),
        CASE(a_deadline_cancels_who_looks),
        CASE(who_was_cancelled_before_keeps_that_reason),
        CASE(a_child_has_the_earlier_deadline),
        CASE(who_detaches_leaves_the_parents_deadline),
        CASE(a_waiter_hears_of_it),
        CASE(a_wait_ends_at_its_deadline),
        CASE(a_wait_ends_at_the_tokens_deadline),
        CASE(a_check_wakes_who_waits_by_another_clock),
        CASE(what_is_cancelled_at_the_last_moment_counts),
        CASE(the_sooner_deadline_counts_to_the_nanosecond),
        CASE(who_is_detached_meanwhile_waits_on),
        CASE(a_wait_that_wakes_for_no_reason_goes_on),
    };
    return cmocka_run_group_tests_name("core: cancel", cases, NULL, NULL);
}
