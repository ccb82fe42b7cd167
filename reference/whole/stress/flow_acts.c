/* flow_acts.c - the scenes in which things flow: the pipeline with backpressure, and the batcher.
 *
 * Every parcel meets one fate: refused at the door, used up by a step, failed, taken at the other end, or
 * thrown out.
 */
#include "stress.h"

#include "batcher.h"
#include "pipeline.h"

enum { PUSHERS = 2, TAKERS = 2, STAGES = 3, ADDERS = 3 };

struct flow {
    struct pool_pipeline *line;
    struct pool_batcher *batcher;
    bool output, may_cancel;
    struct parcel parcels[PARCELS];
    atomic_uint taken;
};

struct actor {
    struct flow *flow;
    struct chance chance;
};

static struct parcel *next_parcel(struct flow *flow)
{
    unsigned n = atomic_fetch_add(&flow->taken, 1);
    return n < PARCELS ? &flow->parcels[n] : NULL;
}

static void settle(void *item)
{
    parcel_settle(item);
}

/* --- the pipeline ------------------------------------------------------------------------------------- */

static int pass(void *context, void *item, void **out)
{
    struct parcel *parcel = item;
    struct chance chance = {parcel->yields};
    (void)context;
    chance_yield(&chance, 1 + parcel->yields);
    *out = item;
    return 0;
}

/* Uses some up, and fails rarely enough that most pipelines live to their end. */
static int choose(void *context, void *item, void **out)
{
    struct parcel *parcel = item;
    if (!parcel->fails)
        return pass(context, item, out);
    parcel_settle(parcel);
    return parcel->yields == 0 ? 9 : 0;
}

static enum pool_status push_somehow(struct flow *flow, void *item, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    switch (chance_of(chance, 3)) {
    case 0:
        return pool_pipeline_try_push(flow->line, item);
    case 1:
        return pool_pipeline_push_until(flow->line, item, &deadline);
    default:
        return pool_pipeline_push(flow->line, item);
    }
}

static void *pusher_main(void *arg)
{
    struct actor *me = arg;
    for (struct parcel *parcel; (parcel = next_parcel(me->flow));) {
        if (me->flow->may_cancel && chance_in(&me->chance, 40))
            claim(pool_pipeline_cancel(me->flow->line) == POOL_OK);
        if (push_somehow(me->flow, parcel, &me->chance) != POOL_OK)
            parcel_settle(parcel);
    }
    return NULL;
}

static void *taker_main(void *arg)
{
    struct actor *me = arg;
    enum pool_status status;
    do {
        void *item;
        struct timespec deadline = chance_deadline(&me->chance);
        status = chance_in(&me->chance, 2) ? pool_pipeline_take(me->flow->line, &item)
                                           : pool_pipeline_take_until(me->flow->line, &item, &deadline);
        if (status == POOL_OK)
            parcel_settle(item);
    } while (status == POOL_OK || status == POOL_TIMED_OUT);
    claim(status == POOL_STOPPED || status == POOL_CANCELLED);
    return NULL;
}

static void run_line(struct flow *flow, struct chance *chance)
{
    struct actor actors[PUSHERS + TAKERS];
    struct crew pushers = {0}, takers = {0};
    for (int i = 0; i < PUSHERS + TAKERS; i++)
        actors[i] = (struct actor){flow, {chance_next(chance)}};
    for (int i = 0; i < PUSHERS; i++)
        crew_add(&pushers, pusher_main, &actors[i]);
    for (int i = 0; flow->output && i < TAKERS; i++)
        crew_add(&takers, taker_main, &actors[PUSHERS + i]);
    crew_join(&pushers);
    enum pool_status status = pool_pipeline_drain(flow->line, NULL);
    claim(status == POOL_OK || status == POOL_FAILED || status == POOL_CANCELLED);
    crew_join(&takers);
}

void play_pipeline(struct chance *chance)
{
    struct flow flow = {.output = chance_in(chance, 2), .may_cancel = chance_in(chance, 3)};
    struct pool_stage stages[STAGES];
    size_t count = 1 + chance_of(chance, STAGES);
    parcels_make(flow.parcels, PARCELS, &flow, chance);
    for (size_t i = 0; i < count; i++)
        stages[i] =
            (struct pool_stage){.step = chance_in(chance, 2) ? choose : pass,
                                .workers = 1 + chance_of(chance, 3),
                                .capacity = 1 + chance_of(chance, 4),
                                .order = chance_in(chance, 2) ? POOL_STAGE_ORDERED : POOL_STAGE_UNORDERED};
    struct pool_pipeline_options options = {.stages = stages,
                                            .count = count,
                                            .output = flow.output ? 1 + chance_of(chance, 3) : 0,
                                            .discard = settle};
    claim(pool_pipeline_create(&flow.line, &options) == POOL_OK);
    run_line(&flow, chance);
    struct pool_pipeline_counts counts = pool_pipeline_counts(flow.line);
    claim(counts.pushed == counts.delivered + counts.consumed + counts.failed + counts.discarded);
    pool_pipeline_destroy(flow.line);
    parcels_claim_one_fate(flow.parcels, PARCELS);
}

/* --- the batcher -------------------------------------------------------------------------------------- */

static int flush(void *context, void **items, size_t count)
{
    bool fails = false;
    (void)context;
    for (size_t i = 0; i < count; i++) {
        struct parcel *parcel = items[i];
        fails = fails || (parcel->fails && parcel->yields == 0);
        parcel_settle(parcel);
    }
    return fails ? 5 : 0;
}

static enum pool_status add_somehow(struct flow *flow, void *item, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    switch (chance_of(chance, 3)) {
    case 0:
        return pool_batcher_try_add(flow->batcher, item);
    case 1:
        return pool_batcher_add_until(flow->batcher, item, &deadline);
    default:
        return pool_batcher_add(flow->batcher, item);
    }
}

static void *adder_main(void *arg)
{
    struct actor *me = arg;
    for (struct parcel *parcel; (parcel = next_parcel(me->flow));) {
        if (chance_in(&me->chance, 20))
            (void)pool_batcher_flush(me->flow->batcher);
        if (me->flow->may_cancel && chance_in(&me->chance, 60))
            (void)pool_batcher_close(me->flow->batcher);
        if (add_somehow(me->flow, parcel, &me->chance) != POOL_OK)
            parcel_settle(parcel);
    }
    return NULL;
}

void play_batcher(struct chance *chance)
{
    struct flow flow = {.may_cancel = chance_in(chance, 3)};
    struct actor actors[ADDERS];
    struct crew crew = {0};
    size_t size = 1 + chance_of(chance, 8);
    struct pool_batcher_options options = {.size = size,
                                           .age = chance_of(chance, 3) * POOL_MILLISECOND,
                                           .capacity = size + chance_of(chance, 8),
                                           .driver =
                                               chance_in(chance, 2) ? POOL_BATCHER_THREAD : POOL_BATCHER_POLL,
                                           .flush = flush};
    parcels_make(flow.parcels, PARCELS, &flow, chance);
    claim(pool_batcher_create(&flow.batcher, &options) == POOL_OK);
    for (int i = 0; i < ADDERS; i++) {
        actors[i] = (struct actor){&flow, {chance_next(chance)}};
        crew_add(&crew, adder_main, &actors[i]);
    }
    crew_join(&crew);
    enum pool_status status = pool_batcher_close(flow.batcher);
    struct pool_batcher_counts counts = pool_batcher_counts(flow.batcher);
    claim(status == (counts.failed > 0 ? POOL_FAILED : POOL_OK));
    claim(counts.added == counts.sent + counts.failed && counts.waiting + counts.flushing == 0);
    pool_batcher_destroy(flow.batcher);
    parcels_claim_one_fate(flow.parcels, PARCELS);
}
