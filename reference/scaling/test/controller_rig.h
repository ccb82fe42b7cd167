/* controller_rig.h - a controller around a wish, for its tests: the decider wants what the test says, the
 * callbacks answer what the test says, and the clock moves when the test turns it.
 */
#ifndef DEEPEND_CONTROLLER_RIG_H
#define DEEPEND_CONTROLLER_RIG_H

#include "scaling_test.h"
#include "controller.h"
#include <limits.h>
#include <semaphore.h>

#define S POOL_SECOND

/* --- a rig: a controller around a wish ----------------------------------------------------------------- */

struct rig {
    struct hand_clock hand;
    struct pool_controller *controller;
    struct pool_controller_options options;
    unsigned wish;           /* what the decider will want */
    enum pool_status answer; /* of the sample callback */
    double value;            /* of every signal */
    unsigned grants;         /* resize gives at most this */
    unsigned size;           /* that the pool has */
    int resizes, samples;
    struct pool_sample seen;         /* by the decider */
    unsigned least, most;            /* ever asked of the pool */
    void (*inside)(struct rig *rig); /* called in the callbacks; NULL: nothing */
    sem_t arrived, open;
};

static inline unsigned rig_decide(void *self, const struct pool_sample *sample)
{
    struct rig *rig = self;
    rig->seen = *sample;
    return rig->wish;
}

static inline enum pool_status rig_sample(void *context, struct pool_sample *sample)
{
    struct rig *rig = context;
    rig->samples++;
    if (sample->workers != 0) /* all 0 before. Not an assertion: this may be another thread */
        abort();
    for (int i = 0; i < POOL_SIGNALS; i++)
        sample->value[i] = rig->value;
    sample->downstream = POOL_DOWNSTREAM_TRYING;
    if (rig->inside)
        rig->inside(rig);
    return rig->answer;
}

static inline unsigned rig_resize(void *context, unsigned size)
{
    struct rig *rig = context;
    rig->resizes++;
    rig->least = size < rig->least ? size : rig->least;
    rig->most = size > rig->most ? size : rig->most;
    rig->size = size < rig->grants ? size : rig->grants;
    if (rig->inside)
        rig->inside(rig);
    return rig->size;
}

static inline void rig_prepare(struct rig *rig)
{
    *rig = (struct rig){.wish = 10, .grants = UINT_MAX, .size = 10, .least = UINT_MAX};
    hand_clock_init(&rig->hand);
    sem_init(&rig->arrived, 0, 0);
    sem_init(&rig->open, 0, 0);
    rig->options = (struct pool_controller_options){.floor = 4,
                                                    .ceiling = 64,
                                                    .initial = 10,
                                                    .decider = {rig_decide, rig},
                                                    .log = 8,
                                                    .clock = &rig->hand.clock,
                                                    .context = rig,
                                                    .sample = rig_sample,
                                                    .resize = rig_resize};
}

static inline void rig_create(struct rig *rig)
{
    assert_int_equal(pool_controller_create(&rig->controller, &rig->options), POOL_OK);
}

static inline void rig_make(struct rig *rig)
{
    rig_prepare(rig);
    rig_create(rig);
}

static inline void rig_release(struct rig *rig)
{
    pool_controller_destroy(rig->controller);
    sem_destroy(&rig->arrived);
    sem_destroy(&rig->open);
}

/* One tick 100 ms later, with WISH; returns the size after it. */
static inline unsigned tick(struct rig *rig, unsigned wish)
{
    hand_clock_turn(&rig->hand, S / 10);
    rig->wish = wish;
    assert_int_equal(pool_controller_tick(rig->controller), POOL_OK);
    assert_int_equal(pool_controller_state(rig->controller).size, rig->size);
    return rig->size;
}

static inline struct pool_scale_event last_event(struct rig *rig)
{
    struct pool_scale_event events[64] = {{0}};
    size_t count = pool_controller_events(rig->controller, 0, events, 64);
    return count ? events[count - 1] : (struct pool_scale_event){0};
}

#endif
