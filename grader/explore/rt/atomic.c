/* atomic.c - C11 atomics of the program: a scheduling point before each, then the operation.
 *
 * One thread runs at a time, so every atomic behaves as if it were sequentially consistent: what only a
 * weaker memory order would show is not explored. The orders do count for races: acquire and release make
 * edges, relaxed makes none.
 */
#include "explore/rt/inside.h"

#define HERE __builtin_return_address(0)

typedef unsigned __int128 a128;
typedef uint64_t a64;
typedef uint32_t a32;
typedef uint16_t a16;
typedef uint8_t a8;

/* The orders as clang passes them: those of __ATOMIC_*. */
static int acquires(int order)
{
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

static int releases(int order)
{
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

static void before(enum explore_operation operation, const void *address, unsigned size, int order,
                   const void *pc)
{
    if (!rt_active())
        return;
    rt_point(operation, address, pc, size);
    freed_check(address, pc);
    if (rt_request()->detect_races)
        rt_accessed(address, size, operation != OPERATION_ATOMIC_READ, 1, pc);
    if (operation != OPERATION_ATOMIC_WRITE && acquires(order))
        rt_acquire(address);
    if (operation != OPERATION_ATOMIC_READ && releases(order))
        rt_release(address);
}

static void changed(int is_other)
{
    if (is_other)
        rt_changed();
}

#define LOAD_STORE(bits)                                                                                     \
    a##bits __tsan_atomic##bits##_load(const a##bits *address, int order);                                   \
    a##bits __tsan_atomic##bits##_load(const a##bits *address, int order)                                    \
    {                                                                                                        \
        before(OPERATION_ATOMIC_READ, address, bits / 8, order, HERE);                                       \
        return *address;                                                                                     \
    }                                                                                                        \
    void __tsan_atomic##bits##_store(a##bits *address, a##bits value, int order);                            \
    void __tsan_atomic##bits##_store(a##bits *address, a##bits value, int order)                             \
    {                                                                                                        \
        before(OPERATION_ATOMIC_WRITE, address, bits / 8, order, HERE);                                      \
        changed(*address != value);                                                                          \
        *address = value;                                                                                    \
    }

#define UPDATE(bits, name, result)                                                                           \
    a##bits __tsan_atomic##bits##_##name(a##bits *address, a##bits value, int order);                        \
    a##bits __tsan_atomic##bits##_##name(a##bits *address, a##bits value, int order)                         \
    {                                                                                                        \
        before(OPERATION_ATOMIC_UPDATE, address, bits / 8, order, HERE);                                     \
        a##bits old = *address;                                                                              \
        changed((a##bits)(result) != old);                                                                   \
        *address = (a##bits)(result);                                                                        \
        return old;                                                                                          \
    }

#define COMPARE(bits, name)                                                                                  \
    int __tsan_atomic##bits##_##name(a##bits *address, a##bits *expected, a##bits value, int order,          \
                                     int failure);                                                           \
    int __tsan_atomic##bits##_##name(a##bits *address, a##bits *expected, a##bits value, int order,          \
                                     int failure)                                                            \
    {                                                                                                        \
        (void)failure;                                                                                       \
        before(OPERATION_ATOMIC_UPDATE, address, bits / 8, order, HERE);                                     \
        a##bits old = *address;                                                                              \
        if (old == *expected) {                                                                              \
            changed(old != value);                                                                           \
            *address = value;                                                                                \
            return 1;                                                                                        \
        }                                                                                                    \
        *expected = old;                                                                                     \
        return 0;                                                                                            \
    }

#define COMPARE_VALUE(bits)                                                                                  \
    a##bits __tsan_atomic##bits##_compare_exchange_val(a##bits *address, a##bits expected, a##bits value,    \
                                                       int order, int failure);                              \
    a##bits __tsan_atomic##bits##_compare_exchange_val(a##bits *address, a##bits expected, a##bits value,    \
                                                       int order, int failure)                               \
    {                                                                                                        \
        (void)failure;                                                                                       \
        before(OPERATION_ATOMIC_UPDATE, address, bits / 8, order, HERE);                                     \
        a##bits old = *address;                                                                              \
        if (old == expected) {                                                                               \
            changed(old != value);                                                                           \
            *address = value;                                                                                \
        }                                                                                                    \
        return old;                                                                                          \
    }

#define ALL(bits)                                                                                            \
    LOAD_STORE(bits)                                                                                         \
    UPDATE(bits, exchange, value)                                                                            \
    UPDATE(bits, fetch_add, old + value)                                                                     \
    UPDATE(bits, fetch_sub, old - value)                                                                     \
    UPDATE(bits, fetch_and, old &value)                                                                      \
    UPDATE(bits, fetch_or, old | value)                                                                      \
    UPDATE(bits, fetch_xor, old ^ value)                                                                     \
    UPDATE(bits, fetch_nand, ~(old & value))                                                                 \
    COMPARE(bits, compare_exchange_strong)                                                                   \
    COMPARE(bits, compare_exchange_weak)                                                                     \
    COMPARE_VALUE(bits)

ALL(8)
ALL(16)
ALL(32)
ALL(64)
ALL(128)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

/* A stand-alone fence orders with others of its kind: taken as one object that all fences share. */
static const char fence = 0;

void __tsan_atomic_thread_fence(int order)
{
    if (!rt_active())
        return;
    rt_point(OPERATION_OTHER, &fence, HERE, 0);
    if (acquires(order))
        rt_acquire(&fence);
    if (releases(order))
        rt_release(&fence);
}

void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}
