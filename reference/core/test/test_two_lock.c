/* test_two_lock.c - the queue with a lock at each end: order over the seams of its segments, what may be popped and
 * when, and its two locks. Its memory is test_two_lock_memory.c.
 *
 * All but the last cases have one thread, so they are exact; what the memory orders are good for is shown by
 * ThreadSanitizer there, and by the explorer (explore/two_lock.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create,--wrap=sched_yield */
#include "two_lock_test.h"
#include <signal.h>
#include <sys/wait.h>

/* --- what comes out ------------------------------------------------------------------------------------- */

static void a_queue_of_zeros_is_empty(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    assert_inside(&queue, 0);
    tell(&queue);
    assert_inside(&queue, 0);
    pool_two_lock_release(&queue);
    assert_segments(held, 0);
}

static void items_leave_in_order(void **state)
{
    (void)state;
    static const size_t waves[] = {1, 2, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 5 * SEGMENT + 7};
    struct two_lock_queue queue = {.first = NULL};
    uintptr_t in = 0, out = 0;
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) { /* push a wave, pop half of what is there */
        push(&queue, in, waves[i]);
        in += waves[i];
        assert_inside(&queue, in - out);
        size_t half = (in - out) / 2;
        pop(&queue, out, half);
        out += half;
        assert_inside(&queue, in - out);
    }
    pop(&queue, out, in - out);
    assert_inside(&queue, 0);
    push(&queue, 1, 3);
    pop(&queue, 1, 3);
    pool_two_lock_release(&queue);
}

/* Empty in between, so that each wave ends at another place of a segment, often just at a seam. */
static void a_queue_that_is_empty_goes_on_where_it_was(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    uintptr_t in = 0;
    for (size_t wave = 1; wave <= 2 * SEGMENT + 1; wave += wave < 20 ? 1 : 47) {
        push(&queue, in, SEGMENT - in % SEGMENT); /* to the seam */
        pop(&queue, in, SEGMENT - in % SEGMENT);
        in += SEGMENT - in % SEGMENT;
        assert_inside(&queue, 0);
        push(&queue, in, wave);
        pop(&queue, in, wave);
        in += wave;
        assert_inside(&queue, 0);
    }
    assert_int_equal(queue.filled, in);
    assert_int_equal(queue.pushed, in);
    assert_int_equal(queue.popped, in);
    pool_two_lock_release(&queue);
}

static void what_is_not_shown_is_not_ready(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    hide(&queue, 0, 3);
    assert_inside(&queue, 0);
    assert_int_equal(queue.pushed, 0);
    push(&queue, 3, 0); /* shows them all at once */
    assert_inside(&queue, 3);
    hide(&queue, 3, 2 * SEGMENT); /* the segments are there, and linked */
    assert_inside(&queue, 3);
    pop(&queue, 0, 3);
    assert_inside(&queue, 0);
    push(&queue, 2 * SEGMENT + 3, 1);
    assert_inside(&queue, 2 * SEGMENT + 1);
    pop(&queue, 3, 2 * SEGMENT + 1);
    pool_two_lock_release(&queue);
}

/* More may have come since the look; they are told by the next one. */
static void ready_is_how_many_at_least(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    push(&queue, 0, 5);
    assert_int_equal(ready(&queue), 5);
    push(&queue, 5, SEGMENT);
    pop_looked_at(&queue, 0, 3);
    pop_looked_at(&queue, 3, 2);
    assert_int_equal(ready(&queue), SEGMENT);
    pop_looked_at(&queue, 5, SEGMENT - 1);
    assert_int_equal(ready(&queue), 1);
    pool_two_lock_release(&queue);
}

static void the_hint_goes_by_what_was_shown_and_told(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    push(&queue, 0, 10);
    assert_int_equal(ready(&queue), 10);
    pop_looked_at(&queue, 0, 4);
    assert_int_equal(two_lock_count_hint(&queue), 10);
    tell(&queue);
    assert_int_equal(two_lock_count_hint(&queue), 6);
    hide(&queue, 10, 1);
    assert_int_equal(two_lock_count_hint(&queue), 6);
    push(&queue, 11, 1);
    assert_int_equal(two_lock_count_hint(&queue), 8);
    pool_two_lock_release(&queue);
}

/* To pop more than the last look has told is caught, although there are more. */
static void to_pop_too_many_is_caught(void **state)
{
    (void)state;
#ifdef NDEBUG
    skip();
#else
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct two_lock_queue queue = {.first = NULL};
        fclose(stderr);           /* the assertion's words are expected and of no use */
        signal(SIGABRT, SIG_DFL); /* nor is what cmocka would say about it */
        push(&queue, 0, 2);
        pop(&queue, 0, 2);
        push(&queue, 2, 2);
        (void)two_lock_pop(&queue);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
}

/* --- the ends ------------------------------------------------------------------------------------------- */

/* From the end of one field to the beginning of another. */
#define GAP(before, after)                                                                                   \
    (offsetof(struct two_lock_queue, after) - offsetof(struct two_lock_queue, before) -                      \
     sizeof((struct two_lock_queue *)0)->before)

static void the_ends_lie_apart(void **state)
{
    (void)state;
    assert_true(GAP(filled, pushed) >= POOL_APART);
    assert_true(GAP(pushed, popping) >= POOL_APART);
    assert_true(GAP(popped, emptied) >= POOL_APART);
    assert_true(sizeof(struct two_lock_queue) - offsetof(struct two_lock_queue, emptied) -
                    sizeof((struct two_lock_queue *)0)->emptied >=
                POOL_APART); /* from the next queue of an array */
    assert_true(offsetof(struct two_lock_queue, filled) < offsetof(struct two_lock_queue, pushed));
    assert_true(offsetof(struct two_lock_queue, popping) < offsetof(struct two_lock_queue, popped));
}

/* With the other end's lock taken all the time: it would wait for ever. */
static void no_end_waits_for_the_other(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    end_enter(&queue.popping);
    hide(&queue, 0, 2 * SEGMENT);
    two_lock_show(&queue);
    end_go(&queue.popping);
    end_enter(&queue.pushing);
    pop(&queue, 0, 2 * SEGMENT);
    end_go(&queue.pushing);
    assert_int_equal(two_lock_count_hint(&queue), 0);
    pool_two_lock_release(&queue);
}

struct visit {
    struct end end;
    int inside; /* guarded by end */
};

/* Waiters that have let others run. The wrapper has no argument for this. */
static sem_t *_Atomic yielded;

int __real_sched_yield(void);
int __wrap_sched_yield(void)
{
    sem_t *heard = yielded;
    if (heard)
        sem_post(heard);
    return __real_sched_yield();
}

static void *visit(void *arg)
{
    struct visit *visit = arg;
    end_enter(&visit->end);
    visit->inside++;
    end_go(&visit->end);
    return NULL;
}

/* The owner goes on only when the others have found its lock taken and have let it run, more than once. */
static void who_finds_a_lock_taken_waits_and_lets_others_run(void **state)
{
    (void)state;
    enum { VISITORS = 3, TIMES = 20 };
    struct visit here = {.inside = 0};
    pthread_t threads[VISITORS];
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    end_enter(&here.end);
    yielded = &semaphore;
    for (int i = 0; i < VISITORS; i++)
        threads[i] = thread_start(visit, &here);
    for (int i = 0; i < TIMES; i++)
        semaphore_wait(&semaphore);
    assert_int_equal(here.inside, 0);
    yielded = NULL;
    end_go(&here.end);
    for (int i = 0; i < VISITORS; i++)
        thread_join(threads[i]);
    assert_int_equal(here.inside, VISITORS);
    assert_false(here.end.taken);
    sem_destroy(&semaphore);
}

/* --- four threads --------------------------------------------------------------------------------------- */

enum { PUSHERS = 2, POPPERS = 2, EACH = 100000 };

struct thing {
    unsigned pusher, number; /* written before the push, read after the pop */
};

struct crowd {
    struct two_lock_queue queue;
    struct thing *things;     /* PUSHERS times EACH */
    _Atomic unsigned pushers; /* that have begun */
    _Atomic unsigned left;    /* to be popped */
    _Atomic unsigned wrong;   /* answers */
    unsigned popped[PUSHERS]; /* of each pusher's things; guarded by queue.popping */
};

/* In groups of one to seven. */
static void *push_things(void *arg)
{
    struct crowd *crowd = arg;
    unsigned me = crowd->pushers++;
    struct thing *mine = crowd->things + (size_t)me * EACH;
    for (unsigned i = 0; i < EACH;) {
        end_enter(&crowd->queue.pushing);
        for (unsigned group = i % 7 + 1; group > 0 && i < EACH; group--, i++) {
            mine[i] = (struct thing){me, i};
            crowd->wrong += two_lock_push(&crowd->queue, (struct pool_item){.arg = &mine[i]}) != POOL_OK;
        }
        two_lock_show(&crowd->queue);
        end_go(&crowd->queue.pushing);
    }
    return NULL;
}

/* Under the lock of this end the order of each pusher is whole: its next one, each once. */
static unsigned pop_things(struct crowd *crowd, size_t most)
{
    unsigned count = 0;
    end_enter(&crowd->queue.popping);
    for (size_t n = two_lock_ready(&crowd->queue); n > 0 && count < most; n--, count++) {
        const struct thing *thing = two_lock_pop(&crowd->queue).arg;
        crowd->wrong += thing->pusher >= PUSHERS || thing->number != crowd->popped[thing->pusher]++;
    }
    two_lock_tell(&crowd->queue);
    end_go(&crowd->queue.popping);
    return count;
}

static void *pop_all(void *arg)
{
    struct crowd *crowd = arg;
    for (size_t round = 0; crowd->left > 0; round++) {
        crowd->wrong += two_lock_count_hint(&crowd->queue) > (size_t)PUSHERS * EACH;
        unsigned count = pop_things(crowd, round % 11 + 1);
        crowd->left -= count;
        if (count == 0)
            sched_yield();
    }
    return NULL;
}

static void what_many_push_many_pop_once_and_in_order(void **state)
{
    (void)state;
    struct crowd crowd = {.left = PUSHERS * EACH};
    pthread_t threads[PUSHERS + POPPERS];
    int held = faults.blocks_held;
    crowd.things = malloc(sizeof *crowd.things * PUSHERS * EACH);
    assert_non_null(crowd.things);
    for (int i = 0; i < PUSHERS + POPPERS; i++)
        threads[i] = thread_start(i % 2 ? pop_all : push_things, &crowd);
    for (int i = 0; i < PUSHERS + POPPERS; i++)
        thread_join(threads[i]);
    assert_int_equal(crowd.wrong, 0);
    for (int i = 0; i < PUSHERS; i++)
        assert_int_equal(crowd.popped[i], EACH);
    assert_inside(&crowd.queue, 0);
    pool_two_lock_release(&crowd.queue);
    free(crowd.things);
    assert_segments(held, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(to_pop_too_many_is_caught), /* first: it forks */
        CASE(a_queue_of_zeros_is_empty),
        CASE(items_leave_in_order),
        CASE(a_queue_that_is_empty_goes_on_where_it_was),
        CASE(what_is_not_shown_is_not_ready),
        CASE(ready_is_how_many_at_least),
        CASE(the_hint_goes_by_what_was_shown_and_told),
        CASE(the_ends_lie_apart),
        CASE(no_end_waits_for_the_other),
        CASE(who_finds_a_lock_taken_waits_and_lets_others_run),
        CASE(what_many_push_many_pop_once_and_in_order),
    };
    return cmocka_run_group_tests_name("core: a lock at each end", cases, NULL, NULL);
}
