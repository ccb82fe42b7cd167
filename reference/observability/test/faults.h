/* faults.h - every allocation and every thread creation fails once in turn.
 *
 *     for (faults_begin(); faults_again();)          // the 1st call fails, then the 2nd, ... until none did
 *         status = create(&thing, ...);
 *
 * The test's link comment wraps what it uses: malloc, calloc, realloc, aligned_alloc, free, pthread_create.
 * Includes definitions: for one file of a program. Counts blocks, so that a case can see that none was kept.
 */
#ifndef DEEPEND_FAULTS_H
#define DEEPEND_FAULTS_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    atomic_bool armed, fired;
    atomic_long left;   /* calls until the one that fails */
    atomic_long blocks; /* given and not taken back */
    long next;
} faults;

/* Weak: a program that does not wrap one of them links all the same. */
#define WEAK __attribute__((weak))
WEAK void *__real_malloc(size_t size);
WEAK void *__real_calloc(size_t count, size_t size);
WEAK void *__real_realloc(void *block, size_t size);
WEAK void *__real_aligned_alloc(size_t alignment, size_t size);
WEAK void __real_free(void *block);
WEAK int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
                               void *arg);

static inline bool faults_strike(void)
{
    if (!atomic_load(&faults.armed) || atomic_fetch_sub(&faults.left, 1) != 0)
        return false;
    atomic_store(&faults.fired, true);
    return true;
}

static inline void *faults_given(void *block)
{
    if (block)
        atomic_fetch_add(&faults.blocks, 1);
    return block;
}

void *__wrap_malloc(size_t size)
{
    return faults_strike() ? NULL : faults_given(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return faults_strike() ? NULL : faults_given(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (faults_strike())
        return NULL;
    void *moved = __real_realloc(block, size);
    return block ? moved : faults_given(moved);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return faults_strike() ? NULL : faults_given(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    if (block)
        atomic_fetch_sub(&faults.blocks, 1);
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return faults_strike() ? EAGAIN : __real_pthread_create(thread, attr, start, arg);
}

/* The next round fails call number `next`; no round yet. */
static inline void faults_begin(void)
{
    faults.next = 0;
    atomic_store(&faults.fired, true);
}

/* Arm for another round, unless the last one came to its end without a failure. */
static inline bool faults_again(void)
{
    atomic_store(&faults.armed, false);
    if (!atomic_load(&faults.fired))
        return false;
    atomic_store(&faults.fired, false);
    atomic_store(&faults.left, faults.next++);
    atomic_store(&faults.armed, true);
    return true;
}

/* A call failed in this round; from here to the next round none does. */
static inline bool faults_fired(void)
{
    atomic_store(&faults.armed, false);
    return atomic_load(&faults.fired);
}

#endif
