/* wrapped.h - every function that the explorer's runtime stands before, one a line. The linker gets
 * --wrap=NAME for each. */
#ifndef DEEPEND_EXPLORE_WRAPPED_H
#define DEEPEND_EXPLORE_WRAPPED_H

#define EXPLORE_WRAPPED(X)                                                                                   \
    X(main)                                                                                                  \
    X(exit) X(__assert_fail) X(pthread_create) X(pthread_join) X(pthread_detach) X(pthread_exit) X(          \
        pthread_tryjoin_np) X(pthread_timedjoin_np) X(pthread_cancel) X(pthread_kill) X(pthread_mutex_init)  \
        X(pthread_mutex_destroy) X(pthread_mutex_lock) X(pthread_mutex_trylock) X(pthread_mutex_timedlock)   \
            X(pthread_mutex_clocklock) X(pthread_mutex_unlock) X(pthread_mutex_consistent)                   \
                X(pthread_cond_init) X(pthread_cond_destroy) X(pthread_cond_wait) X(pthread_cond_timedwait)  \
                    X(pthread_cond_clockwait) X(pthread_cond_signal) X(pthread_cond_broadcast)               \
                        X(pthread_rwlock_init) X(pthread_rwlock_destroy) X(pthread_rwlock_rdlock)            \
                            X(pthread_rwlock_wrlock) X(pthread_rwlock_tryrdlock) X(pthread_rwlock_trywrlock) \
                                X(pthread_rwlock_unlock) X(pthread_rwlock_timedrdlock) X(                    \
                                    pthread_rwlock_timedwrlock) X(pthread_spin_init) X(pthread_spin_destroy) \
                                    X(pthread_spin_lock) X(pthread_spin_trylock) X(pthread_spin_unlock)      \
                                        X(pthread_barrier_init) X(pthread_barrier_destroy)                   \
                                            X(pthread_barrier_wait) X(pthread_once) X(sem_init)              \
                                                X(sem_destroy) X(sem_wait) X(sem_trywait) X(sem_timedwait)   \
                                                    X(sem_clockwait) X(sem_post) X(sched_yield)              \
                                                        X(pthread_yield) X(sleep) X(usleep) X(nanosleep)     \
                                                            X(clock_nanosleep) X(clock_gettime)              \
                                                                X(gettimeofday) X(time) X(malloc) X(calloc)  \
                                                                    X(realloc) X(thrd_create) X(mtx_lock)    \
                                                                        X(cnd_wait) X(fork) X(select)        \
                                                                            X(poll) X(accept) X(recv)        \
                                                                                X(sigwait) X(pause)

#endif
