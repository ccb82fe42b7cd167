/* test_two_lock_memory.c - the queue with a lock at each end: the memory that it takes, uses again and gives back.
 *
 * malloc and free are counted, and refuse when told.
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "two_lock_test.h"

static void no_memory_changes_nothing(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    for (int segments = 0; segments < 3; segments++) { /* it fails for the first, second, third segment */
        faults_allow(0, -1);
        for (int again = 0; again < 2; again++)
            assert_status(two_lock_push(&queue, numbered(7)), POOL_NO_MEMORY);
        faults_allow(-1, -1);
        assert_segments(held, segments);
        assert_int_equal(queue.filled, segments * SEGMENT);
        two_lock_show(&queue);
        assert_inside(&queue, (size_t)segments * SEGMENT);
        push(&queue, (uintptr_t)segments * SEGMENT, SEGMENT);
    }
    pop(&queue, 0, 3 * SEGMENT);
    pool_two_lock_release(&queue);
    assert_segments(held, 0);
}

static void the_first_segment_is_taken_by_the_first_push(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    push(&queue, 0, SEGMENT);
    assert_segments(held, 1);
    push(&queue, SEGMENT, 1);
    assert_segments(held, 2);
    pool_two_lock_release(&queue);
    assert_segments(held, 0);
}

/* The steady state of a shard: a queue that never grows long asks malloc for nothing. */
static void a_short_queue_uses_the_same_segments_again(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    push(&queue, 0, SEGMENT + 1);
    pop(&queue, 0, 1);
    faults_allow(0, -1);
    for (uintptr_t i = 1; i < 10 * SEGMENT; i++) {
        pop(&queue, i, 1);
        push(&queue, i + SEGMENT, 1);
    }
    faults_allow(-1, -1);
    assert_segments(held, 2);
    pool_two_lock_release(&queue);
    assert_segments(held, 0);
}

/* A segment is given back when the first item beyond it is popped. */
static void a_burst_is_given_back(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    push(&queue, 0, 100 * SEGMENT);
    assert_segments(held, 100);
    for (int i = 0; i < 90; i++) {
        pop(&queue, (uintptr_t)i * SEGMENT, SEGMENT);
        assert_segments(held, 100 - (i > SPARES ? i - SPARES : 0));
    }
    pop(&queue, (uintptr_t)90 * SEGMENT, 1);
    assert_segments(held, 10 + SPARES);
    faults_allow(0, -1);
    push(&queue, (uintptr_t)100 * SEGMENT, (size_t)SPARES * SEGMENT); /* all spares, and no more */
    assert_status(two_lock_push(&queue, numbered(7)), POOL_NO_MEMORY);
    faults_allow(-1, -1);
    assert_segments(held, 10 + SPARES);
    pop(&queue, (uintptr_t)90 * SEGMENT + 1, (size_t)(10 + SPARES) * SEGMENT - 1);
    assert_segments(held, 1 + SPARES);
    pool_two_lock_release(&queue);
    assert_segments(held, 0);
}

static void a_spare_that_is_used_ends_the_line(void **state)
{
    (void)state;
    struct two_lock_queue queue = {.first = NULL};
    int held = faults.blocks_held;
    push(&queue, 0, 3 * SEGMENT);
    pop(&queue, 0, 3 * SEGMENT); /* two spares, each with a link to what came after it */
    push(&queue, 0, SEGMENT + 1);
    assert_null(queue.last->next);
    pool_two_lock_release(&queue); /* what is in the line and what is spare, each once */
    assert_segments(held, 0);
}

/* PUSHED items, of which POPPED are popped: before the first pop, in the middle, at a seam, with all spares. */
static void release_frees_all_segments(void **state)
{
    (void)state;
    static const size_t pushed[] = {1, SEGMENT, SEGMENT + 1, 9 * SEGMENT};
    for (size_t i = 0; i < sizeof pushed / sizeof *pushed; i++)
        for (size_t popped = 0; popped <= pushed[i]; popped += popped + 85 > pushed[i] ? 1 : 85) {
            struct two_lock_queue queue = {.first = NULL};
            int held = faults.blocks_held;
            push(&queue, 0, pushed[i]);
            pop(&queue, 0, popped);
            hide(&queue, pushed[i], pushed[i] % 2); /* what was not shown is freed too */
            pool_two_lock_release(&queue);
            assert_segments(held, 0);
        }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(no_memory_changes_nothing),
        CASE(the_first_segment_is_taken_by_the_first_push),
        CASE(a_short_queue_uses_the_same_segments_again),
        CASE(a_burst_is_given_back),
        CASE(a_spare_that_is_used_ends_the_line),
        CASE(release_frees_all_segments),
    };
    return cmocka_run_group_tests_name("core: a lock at each end, memory", cases, NULL, NULL);
}
