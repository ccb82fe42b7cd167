/* timers_test.h - what the polled tests of timers share: a stage with a clock of its own, and timers that
 * note. */
#ifndef DEEPEND_TIMERS_TEST_H
#define DEEPEND_TIMERS_TEST_H

#include "timers.h"

#include "fault_test.h"
#include <string.h>

/* Timers by a hand clock, and what their callbacks noted. */
struct stage {
    _Atomic uint64_t now;
    struct pool_clock clock;
    struct pool_timers *timers;
    char notes[64];
    struct pool_tick tick; /* the last */
};

static inline void stage_set(struct stage *stage)
{
    *stage = (struct stage){.clock = {.now = hand_clock_now, .context = &stage->now}};
    struct pool_timers_options options = {.driver = POOL_TIMERS_POLLED, .clock = &stage->clock};
    assert_status(pool_timers_create(&stage->timers, &options), POOL_OK);
}

static inline void stage_clear(struct stage *stage)
{
    pool_timers_destroy(stage->timers);
}

static inline size_t poll_at(struct stage *stage, uint64_t now)
{
    atomic_store(&stage->now, now);
    return pool_timers_poll(stage->timers, NULL);
}

/* A timer that notes its letter. */
struct noting {
    struct pool_timer timer;
    struct stage *stage;
    char letter;
    struct noting *other;
    enum pool_status answer;
};

static inline void note(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    size_t length = strlen(noting->stage->notes);
    if (length + 1 < sizeof noting->stage->notes)
        noting->stage->notes[length] = noting->letter;
    noting->stage->tick = *tick;
}

static inline void add(struct stage *stage, struct noting *noting, char letter, uint64_t due, uint64_t period,
                       pool_timer_run *run)
{
    *noting = (struct noting){.stage = stage, .letter = letter};
    assert_status(pool_timers_add(stage->timers, &noting->timer, due, period, run, noting), POOL_OK);
}

static inline void assert_tick(const struct stage *stage, uint64_t due, uint64_t now, uint64_t missed)
{
    assert_int_equal(stage->tick.due, due);
    assert_int_equal(stage->tick.now, now);
    assert_int_equal(stage->tick.missed, missed);
}

#endif
