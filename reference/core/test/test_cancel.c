/* test_cancel.c - cancel tokens: reasons, trees, deadlines, and the life of tokens.
 *
 * Not here: waiting (test_cancel_wait.c), callbacks (test_cancel_callbacks.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "cancel.h"

#include "fault_test.h"

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
    };
    return cmocka_run_group_tests_name("core: cancel", cases, NULL, NULL);
}
