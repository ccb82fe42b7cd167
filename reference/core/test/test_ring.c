/* test_ring.c - the ring without a lock, and its one-to-one sister: capacity, order, overflow, many threads.
 *
 * It includes ring.c to stop a push or a pop between its two steps, which no gate can reach.
 */
/* -fno-builtin: a compiler that sees both ends takes a malloc that is only compared with NULL for granted. */
/* link: -fno-builtin -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "../ring.c" /* NOLINT: the inside is tested */

#include "fault_test.h"
#include "spsc.h"
#include <malloc.h>
#include <string.h>

static struct pool_item numbered(uintptr_t number)
{
    return (struct pool_item){.run = free, .arg = (void *)number}; /* never called */
}

static uintptr_t number_of(struct pool_item item)
{
    return (uintptr_t)item.arg;
}

static struct pool_ring *ring_make(size_t capacity, size_t first_lap)
{
    struct pool_ring *ring;
    struct pool_ring_options options = {.capacity = capacity, .first_lap = first_lap};
    assert_status(pool_ring_create(&ring, &options), POOL_OK);
    return ring;
}

static void assert_pushed(struct pool_ring *ring, uintptr_t number)
{
    assert_status(pool_ring_push(ring, numbered(number)), POOL_OK);
}

static void assert_popped(struct pool_ring *ring, uintptr_t number)
{
    struct pool_item item;
    assert_status(pool_ring_pop(ring, &item), POOL_OK);
    assert_int_equal(number_of(item), number);
    assert_ptr_equal(item.run, free);
}

/* --- arguments and memory ------------------------------------------------------------------------------- */

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_ring *ring = (struct pool_ring *)&faults;
    struct pool_item item = numbered(7);
    assert_status(pool_ring_create(NULL, &(struct pool_ring_options){.capacity = 1}), POOL_INVALID);
    assert_status(pool_ring_create(&ring, NULL), POOL_INVALID);
    assert_null(ring);
    assert_status(pool_ring_create(&ring, &(struct pool_ring_options){.capacity = 0}), POOL_INVALID);
    assert_status(pool_ring_create(&ring, &(struct pool_ring_options){.capacity = SIZE_MAX}), POOL_INVALID);
    assert_status(pool_ring_push(NULL, item), POOL_INVALID);
    assert_status(pool_ring_pop(NULL, &item), POOL_INVALID);
    assert_int_equal(pool_ring_count(NULL) + pool_ring_capacity(NULL), 0);
    pool_ring_destroy(NULL);

    ring = ring_make(2, 0);
    assert_status(pool_ring_pop(ring, NULL), POOL_INVALID);
    assert_int_equal(pool_ring_push_some(NULL, &item, 1) + pool_ring_push_some(ring, NULL, 1), 0);
    assert_int_equal(pool_ring_pop_some(NULL, &item, 1) + pool_ring_pop_some(ring, NULL, 1), 0);
    assert_status(pool_ring_pop(ring, &item), POOL_EMPTY);
    assert_int_equal(number_of(item), 7);
    pool_ring_destroy(ring);
}

static void no_memory_leaves_nothing(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_ring *ring = (struct pool_ring *)&faults;
    struct pool_spsc *line = (struct pool_spsc *)&faults;
    faults_allow(0, -1);
    assert_status(pool_ring_create(&ring, &(struct pool_ring_options){.capacity = 3}), POOL_NO_MEMORY);
    assert_status(pool_spsc_create(&line, 3), POOL_NO_MEMORY);
    faults_allow(-1, -1);
    assert_null(ring);
    assert_null(line);
    assert_int_equal(faults.blocks_held, held);
}

/* --- one thread: capacity, order, overflow -------------------------------------------------------------- */

static void fill_and_empty(struct pool_ring *ring, size_t capacity)
{
    assert_int_equal(pool_ring_capacity(ring), capacity);
    for (size_t i = 0; i < capacity; i++) {
        assert_int_equal(pool_ring_count(ring), i);
        assert_pushed(ring, i);
    }
    assert_status(pool_ring_push(ring, numbered(99)), POOL_FULL);
    assert_int_equal(pool_ring_count(ring), capacity);
    for (size_t i = 0; i < capacity; i++)
        assert_popped(ring, i);
    assert_int_equal(pool_ring_count(ring), 0);
    assert_status(pool_ring_pop(ring, &(struct pool_item){0}), POOL_EMPTY);
}

static void the_capacity_is_exact(void **state)
{
    (void)state;
    for (size_t capacity = 1; capacity <= 17; capacity++) {
        struct pool_ring *ring = ring_make(capacity, 0);
        for (size_t shift = 0; shift <= 2 * capacity; shift++) {
            fill_and_empty(ring, capacity);
            assert_pushed(ring, 1); /* so that the next round begins one slot on */
            assert_popped(ring, 1);
        }
        pool_ring_destroy(ring);
    }
}

static void the_counters_may_overflow(void **state)
{
    (void)state;
    for (size_t capacity = 1; capacity <= 9; capacity++) {
        struct pool_ring *ring = ring_make(capacity, SIZE_MAX);
        size_t before = atomic_load(&ring->tail);
        for (int lap = 0; lap < 4; lap++)
            fill_and_empty(ring, capacity);
        assert_true(atomic_load(&ring->tail) < before); /* it did overflow */
        pool_ring_destroy(ring);
    }
}

static void batches_take_what_there_is(void **state)
{
    (void)state;
    enum { CAPACITY = 5, MANY = 9 };
    struct pool_item in[MANY], out[MANY];
    struct pool_ring *ring = ring_make(CAPACITY, SIZE_MAX);
    for (uintptr_t i = 0; i < MANY; i++)
        in[i] = numbered(i);
    for (int round = 0; round < 4; round++) { /* begins at slots 0, 3, 1, 4 */
        assert_int_equal(pool_ring_push_some(ring, in, 0), 0);
        assert_int_equal(pool_ring_push_some(ring, in, 3), 3);
        assert_int_equal(pool_ring_push_some(ring, in + 3, MANY - 3), 2);
        assert_int_equal(pool_ring_push_some(ring, in, MANY), 0);
        assert_int_equal(pool_ring_pop_some(ring, out, 0), 0);
        assert_int_equal(pool_ring_pop_some(ring, out, 2), 2);
        assert_int_equal(pool_ring_pop_some(ring, out + 2, MANY - 2), 3);
        assert_int_equal(pool_ring_pop_some(ring, out, MANY), 0);
        for (uintptr_t i = 0; i < CAPACITY; i++)
            assert_int_equal(number_of(out[i]), i);
        assert_int_equal(pool_ring_push_some(ring, in, 3), 3);
        assert_int_equal(pool_ring_pop_some(ring, out, 3), 3);
    }
    pool_ring_destroy(ring);
}

static void a_popped_slot_is_cleared(void **state)
{
    (void)state;
    struct pool_ring *ring = ring_make(1, 0);
    assert_pushed(ring, 5);
    assert_popped(ring, 5);
    assert_null(ring->slots[0].item.arg);
    assert_null(ring->slots[0].item.run);
    pool_ring_destroy(ring);
}

/* What a reader may see whom pushes and pops overtake between its two looks. */
static void a_count_stays_within_the_capacity(void **state)
{
    (void)state;
    struct pool_ring *ring = ring_make(3, 0);
    atomic_store(&ring->tail, 5 * ring->lap + 2);
    assert_int_equal(pool_ring_count(ring), 3);
    atomic_store(&ring->tail, 1);
    atomic_store(&ring->head, 2);
    assert_int_equal(pool_ring_count(ring), 0);
    pool_ring_destroy(ring);
}

/* --- a call that stops between its two steps ------------------------------------------------------------ */

static void an_interrupted_push_hides_what_is_behind_it(void **state)
{
    (void)state;
    struct pool_ring *ring = ring_make(4, SIZE_MAX);
    struct pool_item item;
    size_t ticket = 0;
    assert_int_equal(claim(ring, &ring->tail, TURN_PUSH, 1, &ticket), 1);
    assert_pushed(ring, 2);
    assert_status(pool_ring_pop(ring, &item), POOL_EMPTY);
    assert_int_equal(pool_ring_count(ring), 2);
    slot_of(ring, ticket)->item = numbered(1);
    atomic_store(&slot_of(ring, ticket)->stamp, ticket + 1);
    assert_popped(ring, 1);
    assert_popped(ring, 2);
    pool_ring_destroy(ring);
}

static void an_interrupted_pop_keeps_its_slot(void **state)
{
    (void)state;
    struct pool_ring *ring = ring_make(2, 0);
    size_t ticket = 0;
    assert_pushed(ring, 1);
    assert_pushed(ring, 2);
    assert_int_equal(claim(ring, &ring->head, TURN_POP, 1, &ticket), 1);
    assert_popped(ring, 2);
    assert_status(pool_ring_push(ring, numbered(3)), POOL_FULL);
    atomic_store(&slot_of(ring, ticket)->stamp, ticket + ring->lap);
    assert_pushed(ring, 3);
    assert_popped(ring, 3);
    pool_ring_destroy(ring);
}

/* --- many threads --------------------------------------------------------------------------------------- */

enum { PUSHERS = 3, POPPERS = 2, EACH = 20000, BATCH = 7 };

struct crowd {
    struct pool_ring *ring;
    atomic_uintptr_t sum;
    atomic_int left, pushers, out_of_order;
};

/* Numbers of one pusher, from ID * EACH on, in rising order; singly and in batches by turns. */
static void *push_many(void *arg)
{
    struct crowd *crowd = arg;
    uintptr_t base = (uintptr_t)atomic_fetch_add(&crowd->pushers, 1) * EACH, next = 0;
    while (next < EACH) {
        struct pool_item items[BATCH];
        size_t count = next % 2 ? 1 : BATCH;
        count = count < EACH - next ? count : EACH - next;
        for (size_t i = 0; i < count; i++)
            items[i] = numbered(base + next + i);
        size_t pushed = pool_ring_push_some(crowd->ring, items, count);
        if (pushed == 0)
            sched_yield();
        next += pushed;
    }
    return NULL;
}

static void *pop_many(void *arg)
{
    struct crowd *crowd = arg;
    uintptr_t newest[PUSHERS] = {0};
    size_t wanted = 1;
    while (atomic_load(&crowd->left) > 0) {
        struct pool_item items[BATCH];
        size_t count = pool_ring_pop_some(crowd->ring, items, wanted);
        for (size_t i = 0; i < count; i++) {
            uintptr_t number = number_of(items[i]), *before = &newest[number / EACH % PUSHERS];
            if (number + 1 <= *before)
                atomic_fetch_add(&crowd->out_of_order, 1);
            *before = number + 1;
            atomic_fetch_add(&crowd->sum, number);
        }
        atomic_fetch_sub(&crowd->left, (int)count);
        wanted = count == 0 ? 1 : wanted % BATCH + 1;
        if (count == 0)
            sched_yield();
    }
    return NULL;
}

static void every_item_arrives_once_and_in_order(void **state)
{
    (void)state;
    static const size_t capacities[] = {1, 3, 64};
    for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
        struct crowd crowd = {.ring = ring_make(capacities[c], SIZE_MAX), .left = PUSHERS * EACH};
        pthread_t threads[PUSHERS + POPPERS];
        for (int i = 0; i < PUSHERS + POPPERS; i++)
            threads[i] = thread_start(i < PUSHERS ? push_many : pop_many, &crowd);
        for (int i = 0; i < PUSHERS + POPPERS; i++)
            thread_join(threads[i]);
        uintptr_t all = PUSHERS * EACH;
        assert_int_equal(crowd.sum, all * (all - 1) / 2);
        assert_int_equal(crowd.left, 0);
        assert_int_equal(crowd.out_of_order, 0);
        pool_ring_destroy(crowd.ring);
    }
}

/* --- one to one ----------------------------------------------------------------------------------------- */

static void a_line_is_exact(void **state)
{
    (void)state;
    struct pool_item item = numbered(7);
    struct pool_spsc *line = (struct pool_spsc *)&faults;
    assert_status(pool_spsc_create(NULL, 1), POOL_INVALID);
    assert_status(pool_spsc_create(&line, 0), POOL_INVALID);
    assert_null(line);
    assert_status(pool_spsc_create(&line, SIZE_MAX), POOL_INVALID);
    assert_status(pool_spsc_push(NULL, item), POOL_INVALID);
    assert_status(pool_spsc_pop(NULL, &item), POOL_INVALID);
    pool_spsc_destroy(NULL);
    for (uintptr_t capacity = 1; capacity < 6; capacity++) {
        assert_status(pool_spsc_create(&line, capacity), POOL_OK);
        assert_status(pool_spsc_pop(line, NULL), POOL_INVALID);
        for (int round = 0; round < 12; round++) {
            for (uintptr_t i = 0; i < capacity; i++)
                assert_status(pool_spsc_push(line, numbered(i)), POOL_OK);
            assert_status(pool_spsc_push(line, numbered(9)), POOL_FULL);
            for (uintptr_t i = 0; i < capacity; i++) {
                assert_status(pool_spsc_pop(line, &item), POOL_OK);
                assert_int_equal(number_of(item), i);
            }
            assert_status(pool_spsc_pop(line, &item), POOL_EMPTY);
            assert_status(pool_spsc_push(line, numbered(8)), POOL_OK); /* the next round, one slot on */
            assert_status(pool_spsc_pop(line, &item), POOL_OK);
            assert_int_equal(number_of(item), 8);
        }
        pool_spsc_destroy(line);
    }
}

static void a_popped_slot_of_a_line_is_cleared(void **state)
{
    (void)state;
    struct pool_spsc *line;
    struct pool_item item;
    assert_status(pool_spsc_create(&line, 1), POOL_OK);
    assert_status(pool_spsc_push(line, numbered(0x5a5b5c5d)), POOL_OK);
    item = numbered(0x5a5b5c5d);
    assert_non_null(memmem(line, malloc_usable_size(line), &item, sizeof item));
    assert_status(pool_spsc_pop(line, &item), POOL_OK);
    assert_null(memmem(line, malloc_usable_size(line), &item, sizeof item));
    pool_spsc_destroy(line);
}

static void *push_down_the_line(void *arg)
{
    for (uintptr_t i = 0; i < PUSHERS * EACH;)
        if (pool_spsc_push(arg, numbered(i)) == POOL_OK)
            i++;
        else
            sched_yield();
    return NULL;
}

static void a_line_keeps_the_order_of_its_producer(void **state)
{
    (void)state;
    struct pool_spsc *line;
    struct pool_item item;
    assert_status(pool_spsc_create(&line, 3), POOL_OK);
    pthread_t producer = thread_start(push_down_the_line, line);
    for (uintptr_t i = 0; i < PUSHERS * EACH;)
        if (pool_spsc_pop(line, &item) == POOL_OK)
            assert_int_equal(number_of(item), i++);
        else
            sched_yield();
    thread_join(producer);
    pool_spsc_destroy(line);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(no_memory_leaves_nothing),
        CASE(the_capacity_is_exact),
        CASE(the_counters_may_overflow),
        CASE(batches_take_what_there_is),
        CASE(a_popped_slot_is_cleared),
        CASE(a_count_stays_within_the_capacity),
        CASE(an_interrupted_push_hides_what_is_behind_it),
        CASE(an_interrupted_pop_keeps_its_slot),
        CASE(every_item_arrives_once_and_in_order),
        CASE(a_line_is_exact),
        CASE(a_popped_slot_of_a_line_is_cleared),
        CASE(a_line_keeps_the_order_of_its_producer),
    };
    return cmocka_run_group_tests_name("core: ring", cases, NULL, NULL);
}
