/* over_tsan.c - the same scheduling points with clang's ThreadSanitizer beneath, linked in the place of
 * access.c, atomic.c and races.c.
 *
 * The linker sends the program's __tsan_read4 and its kin to __wrap___tsan_read4, which makes the point and
 * then jumps on to the sanitizer: jumps, because the sanitizer takes the line of an access from the return
 * address. It judges the races; the runtime itself is not instrumented and hands the turn over by raw system
 * calls, so that it orders nothing in the sanitizer's eyes. What the sanitizer does not see happen, because
 * the model stands in for it (barriers, once), it is told by rt_release and rt_acquire.
 *
 * Only races and uses of freed memory are taken from it. Locks in two orders are not: the explorer finds the
 * deadlocks that there are, and says nothing where a gate makes them impossible.
 */
#include "explore/rt/inside.h"

#include <string.h>

#define HERE __builtin_return_address(0)
#define JUMP __attribute__((musttail)) return

typedef unsigned __int128 a128;
typedef uint64_t a64;
typedef uint32_t a32;
typedef uint16_t a16;
typedef uint8_t a8;

/* --- accesses ------------------------------------------------------------------------------------------- */

static void before(enum explore_operation operation, const void *address, unsigned long size, const void *pc)
{
    if (size > 0 && rt_active() && rt_request()->memory_points && !rt_alone())
        rt_point(operation, address, pc, size > 255 ? 255 : (unsigned)size);
}

#define ACCESS(name, size, operation)                                                                        \
    void __real___tsan_##name(void *address);                                                                \
    void __wrap___tsan_##name(void *address)                                                                 \
    {                                                                                                        \
        before(operation, address, size, HERE);                                                              \
        JUMP __real___tsan_##name(address);                                                                  \
    }
#define SIZES(name, operation)                                                                               \
    ACCESS(name##1, 1, operation)                                                                            \
    ACCESS(name##2, 2, operation)                                                                            \
    ACCESS(name##4, 4, operation)                                                                            \
    ACCESS(name##8, 8, operation)                                                                            \
    ACCESS(name##16, 16, operation)                                                                          \
    ACCESS(unaligned_##name##2, 2, operation)                                                                \
    ACCESS(unaligned_##name##4, 4, operation)                                                                \
    ACCESS(unaligned_##name##8, 8, operation)                                                                \
    ACCESS(unaligned_##name##16, 16, operation)
SIZES(read, OPERATION_READ)
SIZES(write, OPERATION_WRITE)

#define RANGE(name, operation)                                                                               \
    void __real___tsan_##name(void *address, unsigned long size);                                            \
    void __wrap___tsan_##name(void *address, unsigned long size)                                             \
    {                                                                                                        \
        before(operation, address, size, HERE);                                                              \
        JUMP __real___tsan_##name(address, size);                                                            \
    }
RANGE(read_range, OPERATION_READ)
RANGE(write_range, OPERATION_WRITE)

#define COPY(name)                                                                                           \
    void *__real_##name(void *to, const void *from, size_t size);                                            \
    void *__wrap_##name(void *to, const void *from, size_t size)                                             \
    {                                                                                                        \
        before(OPERATION_READ, from, size, HERE);                                                            \
        before(OPERATION_WRITE, to, size, HERE);                                                             \
        JUMP __real_##name(to, from, size);                                                                  \
    }
COPY(memcpy)
COPY(memmove)

void *__real_memset(void *to, int byte, size_t size);
void *__wrap_memset(void *to, int byte, size_t size)
{
    before(OPERATION_WRITE, to, size, HERE);
    JUMP __real_memset(to, byte, size);
}

/* --- atomics -------------------------------------------------------------------------------------------- */

static void atomic(enum explore_operation operation, const void *address, unsigned size, const void *pc)
{
    if (rt_active())
        rt_point(operation, address, pc, size);
}

#define LOAD_STORE(bits)                                                                                     \
    a##bits __real___tsan_atomic##bits##_load(const a##bits *address, int order);                            \
    a##bits __wrap___tsan_atomic##bits##_load(const a##bits *address, int order)                             \
    {                                                                                                        \
        atomic(OPERATION_ATOMIC_READ, address, bits / 8, HERE);                                              \
        JUMP __real___tsan_atomic##bits##_load(address, order);                                              \
    }                                                                                                        \
    void __real___tsan_atomic##bits##_store(a##bits *address, a##bits value, int order);                     \
    void __wrap___tsan_atomic##bits##_store(a##bits *address, a##bits value, int order)                      \
    {                                                                                                        \
        atomic(OPERATION_ATOMIC_WRITE, address, bits / 8, HERE);                                             \
        JUMP __real___tsan_atomic##bits##_store(address, value, order);                                      \
    }
#define UPDATE(bits, name)                                                                                   \
    a##bits __real___tsan_atomic##bits##_##name(a##bits *address, a##bits value, int order);                 \
    a##bits __wrap___tsan_atomic##bits##_##name(a##bits *address, a##bits value, int order)                  \
    {                                                                                                        \
        atomic(OPERATION_ATOMIC_UPDATE, address, bits / 8, HERE);                                            \
        JUMP __real___tsan_atomic##bits##_##name(address, value, order);                                     \
    }
#define COMPARE(bits, type, name, expectation)                                                               \
    type __real___tsan_atomic##bits##_##name(a##bits *address, expectation expected, a##bits value,          \
                                             int order, int failure);                                        \
    type __wrap___tsan_atomic##bits##_##name(a##bits *address, expectation expected, a##bits value,          \
                                             int order, int failure)                                         \
    {                                                                                                        \
        atomic(OPERATION_ATOMIC_UPDATE, address, bits / 8, HERE);                                            \
        JUMP __real___tsan_atomic##bits##_##name(address, expected, value, order, failure);                  \
    }
#define ALL(bits)                                                                                            \
    LOAD_STORE(bits)                                                                                         \
    UPDATE(bits, exchange)                                                                                   \
    UPDATE(bits, fetch_add)                                                                                  \
    UPDATE(bits, fetch_sub)                                                                                  \
    UPDATE(bits, fetch_and)                                                                                  \
    UPDATE(bits, fetch_or)                                                                                   \
    UPDATE(bits, fetch_xor)                                                                                  \
    UPDATE(bits, fetch_nand)                                                                                 \
    COMPARE(bits, int, compare_exchange_strong, a##bits *)                                                   \
    COMPARE(bits, int, compare_exchange_weak, a##bits *)                                                     \
    COMPARE(bits, a##bits, compare_exchange_val, a##bits)
ALL(8)
ALL(16)
ALL(32)
ALL(64)
ALL(128)

void __real___tsan_atomic_thread_fence(int order);
void __wrap___tsan_atomic_thread_fence(int order)
{
    atomic(OPERATION_OTHER, NULL, 0, HERE);
    JUMP __real___tsan_atomic_thread_fence(order);
}

/* --- order that the sanitizer does not see ----------------------------------------------------------------
 */

void __tsan_acquire(void *address);
void __tsan_release(void *address);

void rt_release(const void *object)
{
    __tsan_release((void *)object);
}

void rt_acquire(const void *object)
{
    __tsan_acquire((void *)object);
}

/* --- memory that was given back: the sanitizer knows ------------------------------------------------------
 */

int freed_keep(const void *block, size_t size, const void *pc)
{
    (void)block, (void)size, (void)pc;
    return 0;
}

void freed_check(const void *address, const void *pc)
{
    (void)address, (void)pc;
}

void freed_check_twice(const void *block, const void *pc)
{
    (void)block, (void)pc;
}

/* --- what it reports ------------------------------------------------------------------------------------ */

/* Lines are found later, from the addresses, by the explorer. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "report_bugs=1:symbolize=0:atexit_sleep_ms=0:report_thread_leaks=0:detect_deadlocks=0:"
           "report_mutex_bugs=0:report_signal_unsafe=0:exitcode=0:history_size=4";
}

int __tsan_get_report_data(void *report, const char **description, int *count, int *stack_count,
                           int *mop_count, int *loc_count, int *mutex_count, int *thread_count,
                           int *unique_tid_count, void **sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void *report, unsigned long index, int *tid, void **address, int *size, int *write,
                          int *atomic, void **trace, unsigned long trace_size);
void __tsan_on_report(void *report);

/* Called by the sanitizer, in the thread that has the turn, before it would print. */
void __tsan_on_report(void *report)
{
    const char *what = "";
    int count[8], tid, size, write, is_atomic;
    void *sleep[1], *address = NULL, *first[2] = {NULL, NULL}, *second[2] = {NULL, NULL};

    __tsan_get_report_data(report, &what, &count[0], &count[1], &count[2], &count[3], &count[4], &count[5],
                           &count[6], sleep, 1);
    if (count[2] < 1)
        return;
    __tsan_get_report_mop(report, 0, &tid, &address, &size, &write, &is_atomic, first, 2);
    if (count[2] > 1)
        __tsan_get_report_mop(report, 1, &tid, &address, &size, &write, &is_atomic, second, 2);
    rt.outer[0] = first[1]; /* memcpy and its kin touch memory in the sanitizer's own code */
    rt.outer[1] = second[1];
    rt_fail(strstr(what, "use-after-free") ? CLASS_INVALID_MEMORY : CLASS_RACE, first[0], second[0], address,
            "ThreadSanitizer tells of a %s", what);
}
