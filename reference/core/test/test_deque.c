/* test_deque.c - the work-stealing deque: both ends, growth, overflow, and every item exactly once.
 *
 * It includes deque.c to stop an owner or a thief between two steps, which no gate can reach.
 */
/* -fno-builtin: a compiler that sees both ends takes a malloc that is only compared with NULL for granted. */
/* link: -fno-builtin -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "../deque.c" /* NOLINT: the inside is tested */

#include "fault_test.h"

static struct pool_item numbered(uintptr_t number)
{
    return (struct pool_item){.run = free, .arg = (void *)number}; /* never called */
}

static struct pool_deque *deque_make(size_t capacity, size_t first_index)
{
    struct pool_deque *deque;
    struct pool_deque_options options = {.capacity = capacity, .first_index = first_index};
    assert_status(pool_deque_create(&deque, &options), POOL_OK);
    return deque;
}

static void push(struct pool_deque *deque, uintptr_t from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_status(pool_deque_push(deque, numbered(from + i)), POOL_OK);
}

static void assert_pops(struct pool_deque *deque, uintptr_t number)
{
    struct pool_item item;
    assert_status(pool_deque_pop(deque, &item), POOL_OK);
    assert_int_equal((uintptr_t)item.arg, number);
    assert_ptr_equal(item.run, free);
}

static void assert_steals(struct pool_deque *deque, uintptr_t number)
{
    struct pool_item item;
    assert_status(pool_deque_steal(deque, &item), POOL_OK);
    assert_int_equal((uintptr_t)item.arg, number);
    assert_ptr_equal(item.run, free);
}

static void assert_empty(struct pool_deque *deque)
{
    struct pool_item item = numbered(7);
    assert_status(pool_deque_pop(deque, &item), POOL_EMPTY);
    assert_status(pool_deque_steal(deque, &item), POOL_EMPTY);
    assert_int_equal((uintptr_t)item.arg, 7);
    assert_int_equal(pool_deque_count(deque), 0);
}

/* --- one thread ----------------------------------------------------------------------------------------- */

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_deque *deque = (struct pool_deque *)&faults;
    struct pool_item item = numbered(1);
    assert_status(pool_deque_create(NULL, NULL), POOL_INVALID);
    assert_status(pool_deque_create(&deque, &(struct pool_deque_options){.capacity = SIZE_MAX}),
                  POOL_INVALID);
    assert_null(deque);
    assert_status(pool_deque_push(NULL, item), POOL_INVALID);
    assert_status(pool_deque_pop(NULL, &item), POOL_INVALID);
    assert_status(pool_deque_steal(NULL, &item), POOL_INVALID);
    assert_int_equal(pool_deque_count(NULL), 0);
    pool_deque_destroy(NULL);
    assert_status(pool_deque_create(&deque, NULL), POOL_OK);
    assert_status(pool_deque_pop(deque, NULL), POOL_INVALID);
    assert_status(pool_deque_steal(deque, NULL), POOL_INVALID);
    assert_empty(deque);
    pool_deque_destroy(deque);
}

static void memory_runs_out_in_create(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    for (int allowed = 0; allowed < 2; allowed++) {
        struct pool_deque *deque = (struct pool_deque *)&faults;
        faults_allow(allowed, -1);
        assert_status(pool_deque_create(&deque, NULL), POOL_NO_MEMORY);
        faults_allow(-1, -1);
        assert_null(deque);
        assert_int_equal(faults.blocks_held, held);
    }
}

static void the_owner_pops_the_newest_a_thief_the_oldest(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(0, 0);
    push(deque, 1, 5);
    assert_int_equal(pool_deque_count(deque), 5);
    assert_pops(deque, 5);
    assert_steals(deque, 1);
    assert_steals(deque, 2);
    assert_pops(deque, 4);
    assert_pops(deque, 3);
    assert_empty(deque);
    push(deque, 6, 1);
    assert_steals(deque, 6);
    assert_empty(deque);
    pool_deque_destroy(deque);
}

/* From every capacity and with the ends at every place in it; and where the indices overflow. */
static void it_grows_and_keeps_the_order(void **state)
{
    (void)state;
    enum { MANY = 70 };
    for (size_t capacity = 1; capacity <= 9; capacity++)
        for (size_t first = 0; first < 20; first++) {
            struct pool_deque *deque = deque_make(capacity, (size_t)0 - first);
            push(deque, 1, 3);
            assert_steals(deque, 1);
            push(deque, 4, MANY - 3);
            assert_int_equal(pool_deque_count(deque), MANY - 1);
            for (uintptr_t i = 0; i < MANY / 2 - 1; i++) {
                assert_steals(deque, 2 + i);
                assert_pops(deque, MANY - i);
            }
            assert_pops(deque, MANY / 2 + 1);
            assert_empty(deque);
            pool_deque_destroy(deque);
        }
}

static void old_arrays_live_until_destroy(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_deque *deque = deque_make(2, 0);
    assert_int_equal(faults.blocks_held - held, 2);
    push(deque, 0, 2);
    assert_int_equal(faults.blocks_held - held, 2);
    push(deque, 2, 15);
    assert_int_equal(faults.blocks_held - held, 2 + 4); /* 4, 8, 16, 32 */
    pool_deque_destroy(deque);
    assert_int_equal(faults.blocks_held, held);
}

static void a_ring_of_slots_is_used_again(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(4, 0);
    faults_allow(0, -1);
    for (uintptr_t i = 0; i < 100; i++) {
        push(deque, i, 4);
        for (uintptr_t k = 0; k < 4; k++)
            assert_steals(deque, i + k);
    }
    faults_allow(-1, -1);
    pool_deque_destroy(deque);
}

static void no_memory_to_grow_changes_nothing(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(2, 0);
    push(deque, 1, 2);
    faults_allow(0, -1);
    assert_status(pool_deque_push(deque, numbered(3)), POOL_NO_MEMORY);
    faults_allow(-1, -1);
    assert_int_equal(pool_deque_count(deque), 2);
    push(deque, 3, 1);
    assert_steals(deque, 1);
    assert_pops(deque, 3);
    assert_pops(deque, 2);
    pool_deque_destroy(deque);
}

/* An array that could not double: what grow sees cannot be reached by filling it. */
static void a_deque_has_an_upper_bound(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(1, 0);
    struct array *array = atomic_load(&deque->array);
    array->capacity = (size_t)1 << 60; /* 2 * 2^60 * 16 bytes would be 0 bytes */
    assert_null(grow(deque, array, 0, 0));
    array->capacity = 1;
    pool_deque_destroy(deque);
}

/* --- a thief that stops between two steps --------------------------------------------------------------- */

/* The owner has announced that it takes index 0, of one item, and looks at top next: a thief leaves it. */
static void a_thief_respects_the_announcement(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(4, 0);
    push(deque, 1, 1);
    atomic_store(&deque->bottom, 0);
    struct pool_item item;
    assert_status(pool_deque_steal(deque, &item), POOL_EMPTY);
    assert_int_equal(pool_deque_count(deque), 0);
    atomic_store(&deque->bottom, 1);
    assert_pops(deque, 1);
    assert_empty(deque);
    pool_deque_destroy(deque);
}

/* The owner takes the last item as a thief does: by the step of top, which only one of them can make. */
static void the_last_item_is_taken_at_the_top(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(4, 0);
    push(deque, 1, 2);
    assert_pops(deque, 2);
    assert_int_equal(atomic_load(&deque->top), 0);
    assert_pops(deque, 1);
    assert_int_equal(atomic_load(&deque->top), 1);
    assert_int_equal(atomic_load(&deque->bottom), 1);
    pool_deque_destroy(deque);
}

/* A thief has read the old array's slot when the deque grows: the array is still there, the item the same. */
static void a_slow_thief_may_read_the_old_array(void **state)
{
    (void)state;
    struct pool_deque *deque = deque_make(2, 0);
    push(deque, 1, 2);
    struct array *seen = atomic_load(&deque->array);
    push(deque, 3, 20);
    assert_ptr_not_equal(seen, atomic_load(&deque->array));
    assert_int_equal((uintptr_t)cell_get(seen, 0).arg, 1);
    assert_steals(deque, 1);
    pool_deque_destroy(deque);
}

/* --- many threads --------------------------------------------------------------------------------------- */

enum { THIEVES = 3, ITEMS = 60000 };

struct heist {
    struct pool_deque *deque;
    atomic_uchar taken[ITEMS];
    atomic_int left;
};

static void take(struct heist *heist, struct pool_item item)
{
    atomic_fetch_add(&heist->taken[(uintptr_t)item.arg], 1);
    atomic_fetch_sub(&heist->left, 1);
}

static void *steal_all(void *arg)
{
    struct heist *heist = arg;
    struct pool_item item;
    while (atomic_load(&heist->left) > 0)
        if (pool_deque_steal(heist->deque, &item) == POOL_OK)
            take(heist, item);
        else
            sched_yield();
    return NULL;
}

/* The owner pushes one to eight, pops about half of them: mostly it and the thieves meet at the last item. */
static void own(struct heist *heist)
{
    struct pool_item item;
    uintptr_t next = 0;
    for (unsigned round = 1; next < ITEMS; round++) {
        for (unsigned i = 0; i < round % 8 + 1 && next < ITEMS; i++)
            push(heist->deque, next++, 1);
        for (unsigned i = 0; i < round % 5; i++)
            if (pool_deque_pop(heist->deque, &item) == POOL_OK)
                take(heist, item);
    }
    while (pool_deque_pop(heist->deque, &item) == POOL_OK)
        take(heist, item);
}

static void every_item_is_taken_exactly_once(void **state)
{
    (void)state;
    struct heist *heist = calloc(1, sizeof *heist);
    pthread_t thieves[THIEVES];
    assert_non_null(heist);
    heist->deque = deque_make(1, (size_t)0 - ITEMS / 2);
    heist->left = ITEMS;
    for (int i = 0; i < THIEVES; i++)
        thieves[i] = thread_start(steal_all, heist);
    own(heist);
    for (int i = 0; i < THIEVES; i++)
        thread_join(thieves[i]);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(heist->taken[i], 1);
    assert_empty(heist->deque);
    pool_deque_destroy(heist->deque);
    __real_free(heist);
}

/* What an item's argument points to is written before the push and read after the steal, without an atomic:
 * the deque must order that. */
static void *steal_and_read(void *arg)
{
    struct pool_item item;
    intptr_t sum = 0;
    for (int got = 0; got < 1000;)
        if (pool_deque_steal(arg, &item) == POOL_OK) {
            sum += *(int *)item.arg;
            got++;
        } else {
            sched_yield();
        }
    return (void *)sum;
}

static void a_steal_sees_what_was_written_before_the_push(void **state)
{
    (void)state;
    int values[1000];
    struct pool_deque *deque = deque_make(1, 0);
    pthread_t thief = thread_start(steal_and_read, deque);
    for (int i = 0; i < 1000; i++) {
        values[i] = i;
        assert_status(pool_deque_push(deque, (struct pool_item){.arg = &values[i]}), POOL_OK);
    }
    assert_int_equal((intptr_t)thread_join(thief), 1000 * 999 / 2);
    pool_deque_destroy(deque);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(memory_runs_out_in_create),
        CASE(the_owner_pops_the_newest_a_thief_the_oldest),
        CASE(it_grows_and_keeps_the_order),
        CASE(old_arrays_live_until_destroy),
        CASE(a_ring_of_slots_is_used_again),
        CASE(no_memory_to_grow_changes_nothing),
        CASE(a_deque_has_an_upper_bound),
        CASE(a_thief_respects_the_announcement),
        CASE(the_last_item_is_taken_at_the_top),
        CASE(a_slow_thief_may_read_the_old_array),
        CASE(every_item_is_taken_exactly_once),
        CASE(a_steal_sees_what_was_written_before_the_push),
    };
    return cmocka_run_group_tests_name("core: deque", cases, NULL, NULL);
}
