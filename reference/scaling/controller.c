/* controller.c - one tick: look and decide without the lock, choose under it, resize without it, book under
 * it.
 *
 * `ticker` stands for the right to tick: whoever sets `ticking` may use the decider, the averages and the
 * callbacks, and nobody else may until it is cleared. Bounds and the size set by hand may change meanwhile;
 * they are read when the size is chosen, and whoever changes the bounds from another thread waits for the end
 * of the tick.
 */
#include "controller.h"
#include "cooldown.h"
#include "pool_monitor.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>

struct pool_controller {
    /* fixed after create */
    struct pool_controller_options options; /* but its bounds, which are in `state` */
    struct pool_clock clock;

    struct lock lock;
    struct bell idle; /* waited for until: !ticking */

    /* guarded by lock */
    bool ticking;
    pthread_t ticker; /* who, while ticking */
    struct pool_controller_state state;
    struct pool_cooldown cooldown;
    uint64_t events; /* written since create */

    /* the ticker only */
    struct pool_ewma averages[POOL_SIGNALS];

    struct pool_scale_event log[]; /* guarded by lock; a ring, the event of number N at N % options.log */
};

const char *pool_scale_reason_text(enum pool_scale_reason reason)
{
    static const char *const texts[] = {
#define X(code, text) [code] = text,
        POOL_SCALE_REASONS(X)
#undef X
    };
    return (unsigned)reason < sizeof texts / sizeof texts[0] ? texts[reason] : "unknown reason";
}

/* --- create -------------------------------------------------------------------------------------------- */

static bool is_inside(unsigned size, unsigned floor, unsigned ceiling)
{
    return floor <= size && size <= ceiling;
}

static bool options_are_good(const struct pool_controller_options *o)
{
    return o && o->floor >= 1 && is_inside(o->initial, o->floor, o->ceiling) && o->decider.decide &&
           o->sample && o->resize && o->log >= 1 && o->log <= POOL_CONTROLLER_MOST_EVENTS &&
           (o->patience == 0 || is_inside(o->fallback, o->floor, o->ceiling));
}

enum pool_status pool_controller_create(struct pool_controller **controller,
                                        const struct pool_controller_options *options)
{
    if (!controller)
        return POOL_INVALID;
    *controller = NULL;
    if (!options_are_good(options))
        return POOL_INVALID;
    struct pool_controller *made = calloc(1, sizeof *made + options->log * sizeof made->log[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->options = *options;
    if (options->clock)
        made->clock = *options->clock;
    made->state = (struct pool_controller_state){
        .size = options->initial, .floor = options->floor, .ceiling = options->ceiling};
    pool_cooldown_init(&made->cooldown, options->up, options->down);
    for (unsigned i = 0; i < POOL_SIGNALS; i++)
        pool_ewma_init(&made->averages[i], options->smoothing);
    lock_init(&made->lock);
    bell_init(&made->idle, &made->lock);
    *controller = made;
    return POOL_OK;
}

void pool_controller_destroy(struct pool_controller *controller)
{
    if (!controller)
        return;
    assert(!controller->ticking);
    bell_release(&controller->idle);
    lock_release(&controller->lock);
    free(controller);
}

/* --- a tick -------------------------------------------------------------------------------------------- */

/* The right to tick, and the size to decide from. False if somebody has it. */
static bool tick_begins(struct pool_controller *it, unsigned *size)
{
    lock_take(&it->lock);
    bool mine = !it->ticking;
    if (mine) {
        it->ticking = true;
        it->ticker = pthread_self();
        it->state.ticks++;
        *size = it->state.size;
    }
    lock_drop(&it->lock);
    return mine;
}

static void tick_ends(struct pool_controller *it)
{
    lock_take(&it->lock);
    it->ticking = false;
    bell_ring_all(&it->idle);
    lock_drop(&it->lock);
}

/* Fill and smooth the sample. False if there is none that can be used. */
static bool look(struct pool_controller *it, unsigned size, struct pool_sample *sample)
{
    *sample = (struct pool_sample){0};
    if (it->options.sample(it->options.context, sample) != POOL_OK)
        return false;
    for (unsigned i = 0; i < POOL_SIGNALS; i++)
        if (!isfinite(sample->value[i]))
            return false;
    sample->at = pool_clock_now(&it->clock);
    sample->workers = size;
    for (unsigned i = 0; i < POOL_SIGNALS; i++)
        sample->value[i] = pool_ewma_add(&it->averages[i], sample->at, sample->value[i]);
    return true;
}

static void write_down_locked(struct pool_controller *it, struct pool_scale_event event)
{
    assert(lock_is_mine(&it->lock));
    event.number = ++it->events;
    it->log[event.number % it->options.log] = event;
}

/* What the wish becomes. */
struct choice {
    unsigned from, to;
    enum pool_scale_reason reason;
    unsigned floor, ceiling; /* when it was made */
};

static unsigned inside(const struct choice *choice, unsigned size)
{
    return size < choice->floor ? choice->floor : size > choice->ceiling ? choice->ceiling : size;
}

/* A size set by hand comes first, then bounds that the size is outside of; a decider's wish asks the
 * cooldown. */
static struct choice choose_locked(struct pool_controller *it, unsigned wish, uint64_t now)
{
    struct choice choice = {.from = it->state.size,
                            .reason = POOL_SCALE_BOUNDS,
                            .floor = it->state.floor,
                            .ceiling = it->state.ceiling};

    choice.to = inside(&choice, choice.from);
    if (it->state.held) {
        choice.to = inside(&choice, it->state.held);
        choice.reason = POOL_SCALE_HELD;
    } else if (choice.to == choice.from) {
        choice.to = inside(&choice, wish);
        choice.reason = POOL_SCALE_DECIDED;
        enum pool_direction direction = choice.to > choice.from ? POOL_GROW : POOL_SHRINK;
        if (choice.to != choice.from && !pool_cooldown_allows(&it->cooldown, direction, now)) {
            it->state.cooled++;
            choice.to = choice.from;
        }
    }
    return choice;
}

/* The pool's target is GOT now. A refused move starts the cooldown too: asking again at every tick would not
 * help. */
static void book_locked(struct pool_controller *it, struct choice choice, unsigned got, uint64_t now)
{
    /* Inside the bounds of that moment: if they have changed since, the next tick sees the size outside. */
    got = inside(&choice, got);
    it->state.size = got;
    it->state.grew += got > choice.from;
    it->state.shrank += got < choice.from;
    it->state.refused += got != choice.to;
    pool_cooldown_moved(&it->cooldown, choice.to > choice.from ? POOL_GROW : POOL_SHRINK, now);
    write_down_locked(
        it, (struct pool_scale_event){
                .at = now, .from = choice.from, .wanted = choice.to, .to = got, .reason = choice.reason});
}

static void carry_out(struct pool_controller *it, struct choice choice, uint64_t now)
{
    if (choice.to == choice.from)
        return;
    unsigned got = it->options.resize(it->options.context, choice.to);
    lock_take(&it->lock);
    book_locked(it, choice, got, now);
    lock_drop(&it->lock);
}

static void decided(struct pool_controller *it, unsigned wish, uint64_t now)
{
    lock_take(&it->lock);
    it->state.decisions++;
    it->state.decided = now;
    it->state.failures = 0;
    struct choice choice = choose_locked(it, wish, now);
    lock_drop(&it->lock);
    carry_out(it, choice, now);
}

/* Without a sample the size stays; hand and bounds still count, and after too many the fallback. */
static void failed(struct pool_controller *it, uint64_t now)
{
    lock_take(&it->lock);
    unsigned size = it->state.size, patience = it->options.patience;
    it->state.failed++;
    it->state.failures += it->state.failures < UINT_MAX;
    if (it->state.failures == 1)
        write_down_locked(
            it, (struct pool_scale_event){
                    .at = now, .from = size, .wanted = size, .to = size, .reason = POOL_SCALE_SAMPLE_FAILED});
    struct choice choice = choose_locked(it, size, now);
    if (patience && it->state.failures >= patience && !it->state.held) {
        choice.to = inside(&choice, it->options.fallback);
        choice.reason = POOL_SCALE_FALLBACK;
    }
    lock_drop(&it->lock);
    carry_out(it, choice, now);
}

enum pool_status pool_controller_tick(struct pool_controller *it)
{
    struct pool_sample sample;
    unsigned size;

    if (!it)
        return POOL_INVALID;
    if (!tick_begins(it, &size))
        return POOL_REJECTED;
    bool good = look(it, size, &sample);
    if (good)
        decided(it, pool_decide(&it->options.decider, &sample), sample.at);
    else
        failed(it, pool_clock_now(&it->clock));
    tick_ends(it);
    return good ? POOL_OK : POOL_FAILED;
}

/* --- by hand ------------------------------------------------------------------------------------------- */

enum pool_status pool_controller_hold(struct pool_controller *it, unsigned size)
{
    if (!it)
        return POOL_INVALID;
    lock_take(&it->lock);
    bool good = is_inside(size, it->state.floor, it->state.ceiling);
    if (good)
        it->state.held = size;
    lock_drop(&it->lock);
    return good ? POOL_OK : POOL_INVALID;
}

enum pool_status pool_controller_let_go(struct pool_controller *it)
{
    if (!it)
        return POOL_INVALID;
    lock_take(&it->lock);
    it->state.held = 0;
    lock_drop(&it->lock);
    return POOL_OK;
}

enum pool_status pool_controller_set_bounds(struct pool_controller *it, unsigned floor, unsigned ceiling)
{
    if (!it || floor == 0 || floor > ceiling)
        return POOL_INVALID;
    lock_take(&it->lock);
    it->state.floor = floor;
    it->state.ceiling = ceiling;
    uint64_t under_way = it->state.ticks; /* later ones have read the new bounds */
    while (it->ticking && it->state.ticks == under_way && !pthread_equal(it->ticker, pthread_self()))
        bell_wait(&it->idle, NULL);
    lock_drop(&it->lock);
    return POOL_OK;
}

/* --- asking -------------------------------------------------------------------------------------------- */

struct pool_controller_state pool_controller_state(struct pool_controller *it)
{
    if (!it)
        return (struct pool_controller_state){0};
    lock_take(&it->lock);
    struct pool_controller_state state = it->state;
    lock_drop(&it->lock);
    return state;
}

size_t pool_controller_events(struct pool_controller *it, uint64_t number, struct pool_scale_event *events,
                              size_t room)
{
    size_t count = 0;

    if (!it || !events)
        return 0;
    lock_take(&it->lock);
    uint64_t oldest = it->events > it->options.log ? it->events - it->options.log + 1 : 1;
    for (uint64_t n = number > oldest ? number : oldest; n <= it->events && count < room; n++)
        events[count++] = it->log[n % it->options.log];
    lock_drop(&it->lock);
    return count;
}
