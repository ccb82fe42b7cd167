/* two_lock_test.h - a queue with a lock at each end, for its tests: numbered items, and segments counted.
 *
 * A program that includes this needs the link line of fault_test.h.
 */
#ifndef DEEPEND_TWO_LOCK_TEST_H
#define DEEPEND_TWO_LOCK_TEST_H

#include "fault_test.h"
#include "pool_two_lock.h"

enum { SEGMENT = POOL_SEGMENT_ITEMS, SPARES = POOL_SEGMENTS_SPARES };

static inline struct pool_item numbered(uintptr_t number)
{
    return (struct pool_item){.run = free, .arg = (void *)number}; /* never called */
}

/* Push COUNT items and do not show them. */
static inline void hide(struct two_lock_queue *queue, uintptr_t from, size_t count)
{
    end_enter(&queue->pushing);
    for (size_t i = 0; i < count; i++)
        assert_status(two_lock_push(queue, numbered(from + i)), POOL_OK);
    end_go(&queue->pushing);
}

static inline void push(struct two_lock_queue *queue, uintptr_t from, size_t count)
{
    hide(queue, from, count);
    end_enter(&queue->pushing);
    two_lock_show(queue);
    end_go(&queue->pushing);
}

static inline size_t ready(struct two_lock_queue *queue)
{
    end_enter(&queue->popping);
    size_t count = two_lock_ready(queue);
    end_go(&queue->popping);
    return count;
}

/* Pop COUNT items, of which the last look has told. */
static inline void pop_looked_at(struct two_lock_queue *queue, uintptr_t from, size_t count)
{
    end_enter(&queue->popping);
    for (size_t i = 0; i < count; i++) {
        struct pool_item item = two_lock_pop(queue);
        assert_int_equal((uintptr_t)item.arg, from + i);
        assert_ptr_equal(item.run, free);
    }
    end_go(&queue->popping);
}

static inline void tell(struct two_lock_queue *queue)
{
    end_enter(&queue->popping);
    two_lock_tell(queue);
    end_go(&queue->popping);
}

static inline void pop(struct two_lock_queue *queue, uintptr_t from, size_t count)
{
    assert_true(ready(queue) >= count);
    pop_looked_at(queue, from, count);
    tell(queue);
}

static inline void assert_inside(struct two_lock_queue *queue, size_t count)
{
    assert_int_equal(ready(queue), count);
    assert_int_equal(two_lock_count_hint(queue), count);
}

/* How many segments malloc has given since HELD blocks were out, and has not got back. */
static inline void assert_segments(int held, int segments)
{
    assert_int_equal(faults.blocks_held - held, segments);
}

#endif
