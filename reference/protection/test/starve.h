/* starve.h - allocations that fail on demand, and a count of what is still out. Include it once in a test
 * program that links with -Wl,--wrap=malloc,--wrap=calloc,--wrap=free.
 *
 * The wrappers have no argument for their state, so it is global. Only the main thread may starve.
 */
#ifndef DEEPEND_PROTECTION_STARVE_H
#define DEEPEND_PROTECTION_STARVE_H

#include "protection_test.h"

static struct {
    bool counting;
    int allowed; /* so many more allocations, while counting */
    int out;     /* given and not taken back, while counting */
} starve;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *block);

static inline bool starve_refuses(void)
{
    if (!starve.counting)
        return false;
    if (starve.allowed-- <= 0)
        return true;
    starve.out++;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return starve_refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return starve_refuses() ? NULL : __real_calloc(count, size);
}

void __wrap_free(void *block)
{
    if (starve.counting && block)
        starve.out--;
    __real_free(block);
}

/* CREATE tries to make something and answers the status, with *MADE as the library left it; DESTROY undoes
 * it. Every allocation of CREATE fails once in turn; each time the answer must be POOL_NO_MEMORY, nothing be
 * left and *MADE be NULL. In the end it succeeds, after at least one failure. */
static inline void assert_survives_hunger(enum pool_status (*create)(void **made),
                                          void (*destroy)(void *made))
{
    int allowed = 0;
    for (enum pool_status status = POOL_NO_MEMORY; status == POOL_NO_MEMORY; allowed++) {
        void *made = &starve;
        starve.counting = true;
        starve.allowed = allowed;
        starve.out = 0;
        status = create(&made);
        if (status == POOL_OK)
            destroy(made);
        starve.counting = false;
        assert_int_equal(starve.out, 0);
        if (status != POOL_OK) {
            assert_int_equal(status, POOL_NO_MEMORY);
            assert_null(made);
        }
    }
    assert_true(allowed > 1);
}

#endif
