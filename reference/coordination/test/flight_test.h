/* flight_test.h - works and callers for the tests of the single flight. */
#ifndef DEEPEND_FLIGHT_TEST_H
#define DEEPEND_FLIGHT_TEST_H

#include "flight.h"
#include "timeout_test.h"

static atomic_int values_freed;

static inline void free_value(void *value)
{
    atomic_fetch_add(&values_freed, 1);
    free(value);
}

static inline struct pool_flight *flight_make(void)
{
    struct pool_flight *flight;
    atomic_store(&values_freed, 0);
    assert_int_equal(pool_flight_create(&flight, &(struct pool_flight_options){.free_value = free_value}),
                     POOL_OK);
    return flight;
}

static inline struct pool_flight_key key_of(const char *text)
{
    return pool_flight_string(text);
}

/* --- works -------------------------------------------------------------------------------------------- */

struct desk {
    struct gate gate;
    atomic_int ran;
};

static inline int make_value(void *arg, void **value)
{
    *value = malloc(8);
    strcpy(*value, "done");
    if (arg)
        atomic_fetch_add(&((struct desk *)arg)->ran, 1);
    return 0;
}

static inline int stay(void *arg, void **value)
{
    gate_pass(&((struct desk *)arg)->gate);
    return make_value(arg, value);
}

/* A do in a thread of its own. */
struct caller {
    struct call call;
    struct pool_flight *flight;
    struct pool_flight_key key;
    pool_flight_work *work;
    void *arg;
    const struct timespec *deadline;
    const struct pool_flight_answer *answer;
};

static inline enum pool_status caller_do(void *arg)
{
    struct caller *caller = arg;
    if (caller->deadline)
        return pool_flight_do_until(caller->flight, caller->key, caller->work, caller->arg, caller->deadline,
                                    &caller->answer);
    return pool_flight_do(caller->flight, caller->key, caller->work, caller->arg, &caller->answer);
}

static inline void caller_start(struct caller *caller, struct pool_flight *flight, const char *key,
                                pool_flight_work *work, void *arg)
{
    *caller = (struct caller){.flight = flight, .key = key_of(key), .work = work, .arg = arg};
    call_start(&caller->call, caller_do, caller);
}

#endif
