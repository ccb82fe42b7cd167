/* atomics.h - C11's atomics, told to Helgrind. Private to `make check-valgrind`.
 *
 *     clang -include reference/whole/valgrind/atomics.h ...
 *
 * Helgrind does not know atomics: to it they are plain loads and stores, so every one of them is a race, and
 * what is handed over by them is another. Suppressing those would hide real races beside them. So the
 * variant of the library that runs under Valgrind is compiled with this file in front: each atomic operation
 * tells what it is, by Valgrind's client requests, and then does what it always did. The library itself knows
 * nothing of it.
 *
 * An operation with release order says "what I did until now comes before", one with acquire order "what was
 * said of this object comes before me", a relaxed one says neither: a missing acquire or release is a race
 * that Helgrind reports. The bytes of the object are no longer looked at; memory that is freed and allocated
 * again is.
 *
 * It errs to the quiet side: Helgrind joins all releases of one object, also those of a compare-and-swap that
 * failed, and an acquire that has read an old value is ordered after a newer release. ThreadSanitizer,
 * which knows atomics, runs the same tests. Not here: fences (the library has none) and operators on atomic
 * objects (`x++`), which stay what they are to Helgrind unless the object was also used by name.
 */
#ifndef DEEPEND_VALGRIND_ATOMICS_H
#define DEEPEND_VALGRIND_ATOMICS_H

#ifndef __clang__
#error "this header is written for clang's atomics"
#endif
#include <stdatomic.h>
#include <valgrind/helgrind.h>

#define VG_RELEASES(order)                                                                                   \
    ((order) == memory_order_release || (order) == memory_order_acq_rel || (order) == memory_order_seq_cst)
#define VG_ACQUIRES(order)                                                                                   \
    ((order) == memory_order_acquire || (order) == memory_order_acq_rel || (order) == memory_order_seq_cst)

#define VG_BEFORE(object, order)                                                                             \
    do {                                                                                                     \
        VALGRIND_HG_DISABLE_CHECKING((void *)(object), sizeof *(object));                                    \
        if (VG_RELEASES(order))                                                                              \
            ANNOTATE_HAPPENS_BEFORE(object);                                                                 \
    } while (0)
#define VG_AFTER(object, order)                                                                              \
    do {                                                                                                     \
        if (VG_ACQUIRES(order))                                                                              \
            ANNOTATE_HAPPENS_AFTER(object);                                                                  \
    } while (0)

/* An operation that answers the value it has read. */
#define VG_READING(object, order, operation)                                                                 \
    __extension__({                                                                                          \
        __auto_type vg_object = (object);                                                                    \
        VG_BEFORE(vg_object, order);                                                                         \
        __auto_type vg_value = operation;                                                                    \
        VG_AFTER(vg_object, order);                                                                          \
        vg_value;                                                                                            \
    })

#undef atomic_init
#define atomic_init(object, value)                                                                           \
    __extension__({                                                                                          \
        __auto_type vg_object = (object);                                                                    \
        VG_BEFORE(vg_object, memory_order_relaxed);                                                          \
        __c11_atomic_init(vg_object, value);                                                                 \
    })

#undef atomic_load_explicit
#undef atomic_load
#define atomic_load_explicit(object, order) VG_READING(object, order, __c11_atomic_load(vg_object, order))
#define atomic_load(object)                 atomic_load_explicit(object, memory_order_seq_cst)

#undef atomic_store_explicit
#undef atomic_store
#define atomic_store_explicit(object, value, order)                                                          \
    __extension__({                                                                                          \
        __auto_type vg_object = (object);                                                                    \
        VG_BEFORE(vg_object, order);                                                                         \
        __c11_atomic_store(vg_object, value, order);                                                         \
    })
#define atomic_store(object, value) atomic_store_explicit(object, value, memory_order_seq_cst)

#undef atomic_exchange_explicit
#undef atomic_exchange
#define atomic_exchange_explicit(object, value, order)                                                       \
    VG_READING(object, order, __c11_atomic_exchange(vg_object, value, order))
#define atomic_exchange(object, value) atomic_exchange_explicit(object, value, memory_order_seq_cst)

#undef atomic_fetch_add_explicit
#undef atomic_fetch_add
#define atomic_fetch_add_explicit(object, value, order)                                                      \
    VG_READING(object, order, __c11_atomic_fetch_add(vg_object, value, order))
#define atomic_fetch_add(object, value) atomic_fetch_add_explicit(object, value, memory_order_seq_cst)

#undef atomic_fetch_sub_explicit
#undef atomic_fetch_sub
#define atomic_fetch_sub_explicit(object, value, order)                                                      \
    VG_READING(object, order, __c11_atomic_fetch_sub(vg_object, value, order))
#define atomic_fetch_sub(object, value) atomic_fetch_sub_explicit(object, value, memory_order_seq_cst)

#undef atomic_fetch_or_explicit
#undef atomic_fetch_or
#define atomic_fetch_or_explicit(object, value, order)                                                       \
    VG_READING(object, order, __c11_atomic_fetch_or(vg_object, value, order))
#define atomic_fetch_or(object, value) atomic_fetch_or_explicit(object, value, memory_order_seq_cst)

#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak_explicit
#undef atomic_compare_exchange_weak
#define VG_COMPARE(how, object, expected, value, order, failing)                                             \
    __extension__({                                                                                          \
        __auto_type vg_object = (object);                                                                    \
        VG_BEFORE(vg_object, order);                                                                         \
        _Bool vg_done = __c11_atomic_compare_exchange_##how(vg_object, expected, value, order, failing);     \
        VG_AFTER(vg_object, order);                                                                          \
        if (!VG_ACQUIRES(order))                                                                             \
            VG_AFTER(vg_object, failing);                                                                    \
        vg_done;                                                                                             \
    })
#define atomic_compare_exchange_strong_explicit(object, expected, value, order, failing)                     \
    VG_COMPARE(strong, object, expected, value, order, failing)
#define atomic_compare_exchange_weak_explicit(object, expected, value, order, failing)                       \
    VG_COMPARE(weak, object, expected, value, order, failing)
#define atomic_compare_exchange_strong(object, expected, value)                                              \
    VG_COMPARE(strong, object, expected, value, memory_order_seq_cst, memory_order_seq_cst)
#define atomic_compare_exchange_weak(object, expected, value)                                                \
    VG_COMPARE(weak, object, expected, value, memory_order_seq_cst, memory_order_seq_cst)

#endif
