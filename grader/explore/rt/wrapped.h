/* wrapped.h - every function that the explorer's runtime stands before. The linker gets --wrap=NAME for each.
 */
#ifndef DEEPEND_EXPLORE_WRAPPED_H
#define DEEPEND_EXPLORE_WRAPPED_H

static const char *const explore_wrapped[] = {
    "main",
    "exit",
    "__assert_fail",
    "pthread_create",
    "pthread_join",
    "pthread_detach",
    "pthread_exit",
    "pthread_tryjoin_np",
    "pthread_timedjoin_np",
    "pthread_cancel",
    "pthread_testcancel",
    "pthread_setcancelstate",
    "pthread_setcanceltype",
    "pthread_kill",
    "pthread_mutex_init",
    "pthread_mutex_destroy",
    "pthread_mutex_lock",
    "pthread_mutex_trylock",
    "pthread_mutex_timedlock",
    "pthread_mutex_clocklock",
    "pthread_mutex_unlock",
    "pthread_mutex_consistent",
    "pthread_cond_init",
    "pthread_cond_destroy",
    "pthread_cond_wait",
    "pthread_cond_timedwait",
    "pthread_cond_clockwait",
    "pthread_cond_signal",
    "pthread_cond_broadcast",
    "pthread_rwlock_init",
    "pthread_rwlock_destroy",
    "pthread_rwlock_rdlock",
    "pthread_rwlock_wrlock",
    "pthread_rwlock_tryrdlock",
    "pthread_rwlock_trywrlock",
    "pthread_rwlock_unlock",
    "pthread_rwlock_timedrdlock",
    "pthread_rwlock_timedwrlock",
    "pthread_spin_init",
    "pthread_spin_destroy",
    "pthread_spin_lock",
    "pthread_spin_trylock",
    "pthread_spin_unlock",
    "pthread_barrier_init",
    "pthread_barrier_destroy",
    "pthread_barrier_wait",
    "pthread_once",
    "sem_init",
    "sem_destroy",
    "sem_wait",
    "sem_trywait",
    "sem_timedwait",
    "sem_clockwait",
    "sem_post",
    "sched_yield",
    "pthread_yield",
    "sleep",
    "usleep",
    "nanosleep",
    "clock_nanosleep",
    "clock_gettime",
    "gettimeofday",
    "time",
    "malloc",
    "calloc",
    "realloc",
    "free",
    "memcpy",
    "memmove",
    "memset",
    "printf",
    "vprintf",
    "fprintf",
    "vfprintf",
    "puts",
    "putchar",
    "putc",
    "fputc",
    "fputs",
    "fwrite",
    "fflush",
    "perror",
    "write",
    "thrd_create",
    "mtx_lock",
    "cnd_wait",
    "fork",
    "select",
    "poll",
    "accept",
    "recv",
    "read",
    "sigwait",
    "pause",
};

/* With ThreadSanitizer beneath these too, see over_tsan.c; without it they are ours altogether. */
#define EXPLORE_ATOMIC(bits)                                                                                 \
    "__tsan_atomic" #bits "_load", "__tsan_atomic" #bits "_store", "__tsan_atomic" #bits "_exchange",        \
        "__tsan_atomic" #bits "_fetch_add", "__tsan_atomic" #bits "_fetch_sub",                              \
        "__tsan_atomic" #bits "_fetch_and", "__tsan_atomic" #bits "_fetch_or",                               \
        "__tsan_atomic" #bits "_fetch_xor", "__tsan_atomic" #bits "_fetch_nand",                             \
        "__tsan_atomic" #bits "_compare_exchange_strong", "__tsan_atomic" #bits "_compare_exchange_weak",    \
        "__tsan_atomic" #bits "_compare_exchange_val"
#define EXPLORE_ACCESS(kind)                                                                                 \
    "__tsan_" #kind "1", "__tsan_" #kind "2", "__tsan_" #kind "4", "__tsan_" #kind "8",                      \
        "__tsan_" #kind "16", "__tsan_unaligned_" #kind "2", "__tsan_unaligned_" #kind "4",                  \
        "__tsan_unaligned_" #kind "8", "__tsan_unaligned_" #kind "16", "__tsan_" #kind "_range"

static const char *const explore_wrapped_sanitizer[] __attribute__((unused)) = {
    EXPLORE_ACCESS(read), EXPLORE_ACCESS(write), EXPLORE_ATOMIC(8),   EXPLORE_ATOMIC(16),
    EXPLORE_ATOMIC(32),   EXPLORE_ATOMIC(64),    EXPLORE_ATOMIC(128), "__tsan_atomic_thread_fence",
};

#endif
