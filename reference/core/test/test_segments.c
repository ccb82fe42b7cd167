/* test_segments.c - the queue in pieces: order over the seams, the memory it takes and gives back.
 *
 * malloc and free are counted; nothing here has a thread, since a lock of the caller's is the contract.
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "segments.h"

#include "fault_test.h"

enum { SEGMENT = POOL_SEGMENT_ITEMS, SPARES = POOL_SEGMENTS_SPARES };

static struct pool_item numbered(uintptr_t number)
{
    return (struct pool_item){.run = free, .arg = (void *)number}; /* never called */
}

static void push(struct pool_segments *queue, uintptr_t from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_status(pool_segments_push(queue, numbered(from + i)), POOL_OK);
}

static void pop(struct pool_segments *queue, uintptr_t from, size_t count)
{
    struct pool_item item;
    for (size_t i = 0; i < count; i++) {
        assert_status(pool_segments_pop(queue, &item), POOL_OK);
        assert_int_equal((uintptr_t)item.arg, from + i);
        assert_ptr_equal(item.run, free);
    }
}

/* How many segments malloc has given the queue and not got back. */
static void assert_segments(const struct pool_segments *queue, int held, int segments)
{
    assert_int_equal(faults.blocks_held - held, segments);
    assert_int_equal(pool_segments_bytes(queue), (size_t)segments * sizeof(struct pool_segment));
}

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_segments queue;
    struct pool_item item = numbered(7);
    pool_segments_init(&queue);
    assert_status(pool_segments_pop(&queue, &item), POOL_EMPTY);
    assert_int_equal((uintptr_t)item.arg, 7);
    assert_status(pool_segments_reserve(NULL, 1), POOL_INVALID);
    assert_status(pool_segments_reserve(&queue, SIZE_MAX), POOL_INVALID);
    assert_int_equal(pool_segments_bytes(NULL), 0);
    pool_segments_trim(NULL);
    pool_segments_release(NULL);
    pool_segments_trim(&queue);
    pool_segments_release(&queue);
}

static void items_leave_in_order(void **state)
{
    (void)state;
    static const size_t waves[] = {1, 2, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 5 * SEGMENT + 7};
    struct pool_segments queue;
    int held = faults.blocks_held;
    uintptr_t in = 0, out = 0;
    pool_segments_init(&queue);
    assert_segments(&queue, held, 0);
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) { /* push a wave, pop half of what is there */
        push(&queue, in, waves[i]);
        in += waves[i];
        assert_int_equal(queue.count, in - out);
        pop(&queue, out, (in - out) / 2);
        out += (in - out) / 2;
        assert_int_equal(queue.count, in - out);
    }
    pop(&queue, out, in - out);
    assert_status(pool_segments_pop(&queue, &(struct pool_item){0}), POOL_EMPTY);
    push(&queue, 1, 3);
    pop(&queue, 1, 3);
    pool_segments_release(&queue);
    assert_segments(&queue, held, 0);
}

static void several_are_popped_at_once(void **state)
{
    (void)state;
    enum { ALL = SEGMENT + 10 };
    struct pool_segments queue;
    struct pool_item items[2 * ALL];
    pool_segments_init(&queue);
    push(&queue, 0, ALL);
    assert_int_equal(pool_segments_pop_some(&queue, items, 0), 0);
    assert_int_equal(pool_segments_pop_some(&queue, items, 5), 5);
    assert_int_equal(pool_segments_pop_some(&queue, items + 5, 2 * ALL - 5), ALL - 5);
    for (uintptr_t i = 0; i < ALL; i++)
        assert_int_equal((uintptr_t)items[i].arg, i);
    pool_segments_release(&queue);
}

static void a_long_queue_takes_17_bytes_an_item_at_most(void **state)
{
    (void)state;
    enum { MANY = 100000, MALLOCS_OWN = 8 };
    struct pool_segments queue;
    int held = faults.blocks_held;
    pool_segments_init(&queue);
    push(&queue, 0, MANY);
    size_t bytes = pool_segments_bytes(&queue) + (size_t)(faults.blocks_held - held) * MALLOCS_OWN;
    assert_segments(&queue, held, (MANY + SEGMENT - 1) / SEGMENT);
    assert_true(bytes <= 17 * (size_t)MANY);
    pool_segments_release(&queue);
}

static void a_burst_is_given_back(void **state)
{
    (void)state;
    struct pool_segments queue;
    int held = faults.blocks_held;
    pool_segments_init(&queue);
    push(&queue, 0, 100 * SEGMENT);
    assert_segments(&queue, held, 100);
    pop(&queue, 0, 90 * SEGMENT);
    assert_segments(&queue, held, 10 + SPARES);
    pop(&queue, 90 * SEGMENT, 10 * SEGMENT);
    assert_segments(&queue, held, 1 + SPARES);
    pool_segments_trim(&queue);
    assert_segments(&queue, held, 0);
    push(&queue, 5, 2);
    pool_segments_trim(&queue); /* what holds items stays */
    assert_segments(&queue, held, 1);
    pop(&queue, 5, 2);
    pool_segments_release(&queue);
}

/* The steady state of a pool: a queue that never grows long asks malloc for nothing. */
static void a_short_queue_uses_the_same_segments_again(void **state)
{
    (void)state;
    struct pool_segments queue;
    int held = faults.blocks_held;
    pool_segments_init(&queue);
    push(&queue, 0, SEGMENT + 1);
    faults_allow(0, -1);
    for (uintptr_t i = 0; i < 10 * SEGMENT; i++) {
        pop(&queue, i, 1);
        push(&queue, i + SEGMENT + 1, 1);
    }
    faults_allow(-1, -1);
    assert_segments(&queue, held, 2); /* the line of one or two, and a spare in between */
    pool_segments_release(&queue);
}

static void a_popped_slot_is_cleared(void **state)
{
    (void)state;
    struct pool_segments queue;
    pool_segments_init(&queue);
    push(&queue, 1, 2);
    pop(&queue, 1, 1);
    assert_null(queue.first->items[0].arg);
    assert_null(queue.first->items[0].run);
    assert_non_null(queue.first->items[1].arg);
    pool_segments_release(&queue); /* with one inside */
    assert_int_equal(queue.count, 0);
}

static void an_empty_queue_begins_at_the_start_of_its_segment(void **state)
{
    (void)state;
    struct pool_segments queue;
    pool_segments_init(&queue);
    push(&queue, 1, 3);
    pop(&queue, 1, 3);
    push(&queue, 4, 1);
    assert_int_equal((uintptr_t)queue.first->items[0].arg, 4);
    pool_segments_release(&queue);
}

static void a_spare_that_is_used_forgets_the_other_spares(void **state)
{
    (void)state;
    struct pool_segments queue;
    int held = faults.blocks_held;
    pool_segments_init(&queue);
    push(&queue, 0, 3 * SEGMENT);
    pop(&queue, 0, 3 * SEGMENT); /* two spares, linked */
    push(&queue, 0, SEGMENT + 1);
    assert_null(queue.last->next);
    pool_segments_release(&queue); /* what is in the line and what is spare, each once */
    assert_segments(&queue, held, 0);
}

static void no_memory_changes_nothing(void **state)
{
    (void)state;
    struct pool_segments queue;
    pool_segments_init(&queue);
    faults_allow(0, -1);
    assert_status(pool_segments_push(&queue, numbered(0)), POOL_NO_MEMORY);
    assert_int_equal(queue.count, 0);
    faults_allow(1, -1);
    push(&queue, 0, SEGMENT);
    assert_status(pool_segments_push(&queue, numbered(SEGMENT)), POOL_NO_MEMORY);
    assert_int_equal(queue.count, SEGMENT);
    faults_allow(-1, -1);
    push(&queue, SEGMENT, 1);
    pop(&queue, 0, SEGMENT + 1);
    pool_segments_release(&queue);
}

static void what_is_reserved_cannot_fail(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, SEGMENT, SEGMENT + 1, 7 * SEGMENT};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t before = 0; before <= SEGMENT; before += SEGMENT / 3) {
            struct pool_segments queue;
            pool_segments_init(&queue);
            push(&queue, 0, before);
            assert_status(pool_segments_reserve(&queue, counts[i]), POOL_OK);
            size_t bytes = pool_segments_bytes(&queue);
            faults_allow(0, -1);
            push(&queue, before, counts[i]);
            assert_status(pool_segments_reserve(&queue, 0), POOL_OK);
            faults_allow(-1, -1);
            assert_true(bytes < (before + counts[i] + SEGMENT) * 17); /* and not much more than that */
            pop(&queue, 0, before + counts[i]);
            pool_segments_release(&queue);
        }
}

static void a_reserve_that_fails_keeps_what_it_got(void **state)
{
    (void)state;
    struct pool_segments queue;
    int held = faults.blocks_held;
    pool_segments_init(&queue);
    faults_allow(2, -1);
    assert_status(pool_segments_reserve(&queue, 3 * SEGMENT), POOL_NO_MEMORY);
    assert_segments(&queue, held, 2);
    push(&queue, 0, 2 * SEGMENT);
    faults_allow(-1, -1);
    pool_segments_release(&queue);
    assert_segments(&queue, held, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(items_leave_in_order),
        CASE(several_are_popped_at_once),
        CASE(a_long_queue_takes_17_bytes_an_item_at_most),
        CASE(a_burst_is_given_back),
        CASE(a_short_queue_uses_the_same_segments_again),
        CASE(a_popped_slot_is_cleared),
        CASE(an_empty_queue_begins_at_the_start_of_its_segment),
        CASE(a_spare_that_is_used_forgets_the_other_spares),
        CASE(no_memory_changes_nothing),
        CASE(what_is_reserved_cannot_fail),
        CASE(a_reserve_that_fails_keeps_what_it_got),
    };
    return cmocka_run_group_tests_name("core: segments", cases, NULL, NULL);
}
