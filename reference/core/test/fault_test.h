/* fault_test.h - memory and threads that run out when a test says so.
 *
 * A program that includes this needs among its first lines FAULT_LINK's comment:
 *     link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create
 * The wrappers see the calls of the program and of the library, not those inside the C library or cmocka.
 */
#ifndef DEEPEND_FAULT_TEST_H
#define DEEPEND_FAULT_TEST_H

#include "parts_test.h"

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    atomic_int blocks_allowed, threads_allowed; /* this many more; then refuse. Below 0: without end */
    atomic_int blocks_held;                     /* allocated and not freed */
} faults = {.blocks_allowed = -1, .threads_allowed = -1};

static inline bool fault_spend(atomic_int *allowed)
{
    int left = atomic_load(allowed);
    if (left > 0)
        atomic_fetch_sub(allowed, 1);
    return left != 0;
}

static inline void *fault_count(void *block)
{
    if (block)
        atomic_fetch_add(&faults.blocks_held, 1);
    return block;
}

void *__real_malloc(size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

void *__wrap_malloc(size_t size)
{
    return fault_spend(&faults.blocks_allowed) ? fault_count(__real_malloc(size)) : NULL;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fault_spend(&faults.blocks_allowed) ? fault_count(__real_aligned_alloc(alignment, size)) : NULL;
}

void __wrap_free(void *block)
{
    if (block)
        atomic_fetch_sub(&faults.blocks_held, 1);
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return fault_spend(&faults.threads_allowed) ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
}

static inline void faults_allow(int blocks, int threads)
{
    atomic_store(&faults.blocks_allowed, blocks);
    atomic_store(&faults.threads_allowed, threads);
}

#endif
