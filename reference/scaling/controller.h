/* controller.h - the loop around a decider: sample, decide, keep bounds and cooldowns, resize, write it down.
 *
 *     struct pool_controller_options options = {
 *         .floor = 4, .ceiling = 64, .initial = 8, .decider = decider, .log = 256,
 *         .up = 2 * POOL_SECOND, .down = 30 * POOL_SECOND, .sample = look, .resize = set, .context = me};
 *     if (pool_controller_create(&controller, &options) != POOL_OK) ...
 *     every 100 ms, from any timer:  pool_controller_tick(controller);
 *
 * The controller has no thread: whoever has a timer ticks it, in a test the test. So it cannot die in silence
 * (I26): a sample that fails is counted and written down, the next tick tries again, and `decided` in the
 * state is a heartbeat for an alarm. Callbacks run without any lock, in the thread that ticks; they may call
 * everything here but tick (POOL_REJECTED) and destroy.
 *
 * Any thread may call anything else at any time. What is not ordered by the caller happens in some order;
 * only destroy must be the last. POOL_INVALID answers NULL. Nothing here is ever 0 workers or unlimited:
 * pausing a pool is a call of its own, and a controller without a ceiling is none (X12).
 */
#ifndef DEEPEND_POOL_CONTROLLER_H
#define DEEPEND_POOL_CONTROLLER_H

#include "deciders.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_controller;

enum { POOL_CONTROLLER_MOST_EVENTS = 1 << 16 };

struct pool_controller_options {
    unsigned floor, ceiling;     /* 1 <= floor <= ceiling; no resize ever asks for anything outside */
    unsigned initial;            /* the size that the pool has now, inside the bounds */
    struct pool_decider decider; /* copied; what its `self` points to must live as long as the controller */
    uint64_t smoothing; /* ns; time constant of an EWMA over every signal; 0: none. Costs that much delay */
    uint64_t up, down;  /* ns; cooldowns, see cooldown.h */
    unsigned patience;  /* after so many failed samples in a row, go to `fallback`; 0: never */
    unsigned fallback;  /* inside the bounds, or 0 with patience 0 */
    size_t log;         /* events that are kept, 1 to POOL_CONTROLLER_MOST_EVENTS */
    const struct pool_clock *clock; /* NULL: the system's; copied */
    void *context;

    /* Fill *SAMPLE, which is all 0 before; `at` and `workers` are the controller's to set. POOL_OK, or
     * anything else if it could not; a value that is not finite counts as that too. */
    enum pool_status (*sample)(void *context, struct pool_sample *sample);

    /* Make SIZE the pool's target. Returns the target that it has now: SIZE, or what else could be had (no
     * thread, no budget), or the old one. An answer outside the bounds is taken as the nearest inside. Should
     * not wait for workers. */
    unsigned (*resize)(void *context, unsigned size);
};

/* POOL_INVALID or POOL_NO_MEMORY leave *CONTROLLER NULL. All memory is taken here; nothing is resized. */
POOL_MUST_LOOK enum pool_status pool_controller_create(struct pool_controller **controller,
                                                       const struct pool_controller_options *options);
void pool_controller_destroy(struct pool_controller *controller); /* NULL is fine */

/* One round. POOL_OK: a decision was made, also the one to stay. POOL_FAILED: no sample; the size stays, or
 * goes to the fallback. POOL_REJECTED: a tick is under way already, in another thread or around this call.
 * Lasts as long as the callbacks. */
enum pool_status pool_controller_tick(struct pool_controller *controller);

/* By hand: from the next tick on the size is SIZE, whatever the decider says and without a cooldown, until
 * let go. POOL_INVALID if SIZE is not inside the bounds; bounds that are changed later still win. */
enum pool_status pool_controller_hold(struct pool_controller *controller, unsigned size);
enum pool_status pool_controller_let_go(struct pool_controller *controller);

/* New bounds, 1 <= floor <= ceiling. A size outside goes to the nearest bound at the next tick, without a
 * cooldown. Waits for a tick under way, so that after it nothing asks for a size outside; from inside a
 * callback it does not wait, and the sample callback's new bounds already hold for this tick. Deciders with
 * bounds of their own have to be told, too. */
enum pool_status pool_controller_set_bounds(struct pool_controller *controller, unsigned floor,
                                            unsigned ceiling);

/* --- asking -------------------------------------------------------------------------------------------- */

struct pool_controller_state {
    unsigned size, floor, ceiling;
    unsigned held;             /* by hand; 0: not */
    unsigned failures;         /* samples failed in a row */
    uint64_t decided;          /* ns of the clock: when the last decision was made; 0: never. The heartbeat */
    uint64_t ticks, decisions; /* counts since create; they wrap around */
    uint64_t grew, shrank, refused, failed, cooled; /* cooled: wishes that a cooldown held back */
};
struct pool_controller_state pool_controller_state(struct pool_controller *controller); /* all 0 for NULL */

#define POOL_SCALE_REASONS(X)                                                                                \
    X(POOL_SCALE_DECIDED, "the decider wanted it")                                                           \
    X(POOL_SCALE_HELD, "set by hand")                                                                        \
    X(POOL_SCALE_BOUNDS, "the bounds changed")                                                               \
    X(POOL_SCALE_FALLBACK, "too many samples failed")                                                        \
    X(POOL_SCALE_SAMPLE_FAILED, "a sample failed")

enum pool_scale_reason {
#define X(code, text) code,
    POOL_SCALE_REASONS(X)
#undef X
};
const char *pool_scale_reason_text(enum pool_scale_reason reason); /* static; for a number that is none too */

/* One line of the log: a resize, or a failed sample (the first of a row). */
struct pool_scale_event {
    uint64_t number;           /* 1, 2, 3, ...; a gap between two reads tells how many were lost */
    uint64_t at;               /* ns */
    unsigned from, wanted, to; /* wanted: of the resize; to: what came of it */
    enum pool_scale_reason reason;
};

/* Copy the kept events from NUMBER on, oldest first, at most ROOM; returns how many. 0 for a NULL. */
size_t pool_controller_events(struct pool_controller *controller, uint64_t number,
                              struct pool_scale_event *events, size_t room);

#ifdef __cplusplus
}
#endif

#endif
