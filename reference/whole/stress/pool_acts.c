/* pool_acts.c - the scene of the pool: actors who submit in every way, look, and end it while others still
 * submit.
 *
 * Every errand has a line in a book (ledger.h). When all have gone the book must have no impossible note, its
 * ledger must balance, and the pool's own counts must agree with it. Tasks fail, submit further ones, and
 * give the processor away.
 */
#include "stress.h"

#include "ledger.h"
#include <sched.h>
#include <stddef.h>

enum { ERRANDS = 120, ACTORS_MOST = 4, ACTS_MOST = 40 };

struct errand {
    struct pool_job job;
    struct arena *arena;
    struct chance chance; /* of the thread that runs it */
    size_t line;          /* in the book */
};

struct arena {
    struct pool *pool;
    struct pool_book *book;
    size_t capacity;
    atomic_size_t taken; /* errands that have been offered */
    atomic_bool over;    /* somebody has begun to end it */
    struct errand errands[ERRANDS];
};

/* --- errands ------------------------------------------------------------------------------------------ */

static void note(const struct errand *errand, enum pool_entry entry)
{
    claim(pool_book_note(errand->arena->book, errand->line, entry) == POOL_OK);
}

static void offer(struct arena *arena, struct chance *chance);

static void run_errand(void *arg)
{
    struct errand *errand = arg;
    note(errand, POOL_ENTRY_RUNNING);
    chance_yield(&errand->chance, 4);
    if (chance_in(&errand->chance, 5))
        offer(errand->arena, &errand->chance); /* from inside */
    note(errand, chance_in(&errand->chance, 10) ? POOL_ENTRY_FAILED : POOL_ENTRY_COMPLETED);
}

static void discard_errand(void *arg)
{
    note(arg, POOL_ENTRY_DISCARDED);
}

static void run_job(struct pool_job *job)
{
    run_errand((char *)job - offsetof(struct errand, job));
}

static void discard_job(struct pool_job *job)
{
    discard_errand((char *)job - offsetof(struct errand, job));
}

/* --- ways to submit ----------------------------------------------------------------------------------- */

static enum pool_status by_submit(struct errand *errand, struct chance *chance)
{
    (void)chance;
    return pool_submit(errand->arena->pool, run_errand, errand);
}

static enum pool_status by_try(struct errand *errand, struct chance *chance)
{
    (void)chance;
    return pool_try_submit(errand->arena->pool, run_errand, errand);
}

static enum pool_status by_until(struct errand *errand, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    return pool_submit_until(errand->arena->pool, run_errand, errand, &deadline);
}

static enum pool_status by_wait(struct errand *errand, struct chance *chance)
{
    (void)chance;
    return pool_submit_wait(errand->arena->pool, run_errand, errand);
}

static enum pool_status by_job(struct errand *errand, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    errand->job = (struct pool_job){.run = run_job, .discard = discard_job};
    return pool_submit_job(errand->arena->pool, &errand->job, chance_in(chance, 2) ? &deadline : NULL);
}

struct way {
    unsigned weight;
    enum pool_status (*submit)(struct errand *errand, struct chance *chance);
};
static const struct way ways[] = {{3, by_submit}, {3, by_try}, {3, by_until}, {2, by_wait}, {2, by_job}};

static bool is_refusal(enum pool_status status)
{
    return status == POOL_FULL || status == POOL_STOPPED || status == POOL_TIMED_OUT ||
           status == POOL_WOULD_DEADLOCK;
}

static void offer(struct arena *arena, struct chance *chance)
{
    size_t line = atomic_fetch_add(&arena->taken, 1);
    if (line >= ERRANDS)
        return;
    struct errand *errand = &arena->errands[line];
    unsigned way = chance_weighted(chance, &ways[0].weight, sizeof ways / sizeof *ways, sizeof *ways);
    *errand = (struct errand){.arena = arena, .chance = {chance_next(chance)}, .line = line};
    note(errand, POOL_ENTRY_SUBMITTED);
    enum pool_status status = ways[way].submit(errand, chance);
    if (is_refusal(status))
        note(errand, POOL_ENTRY_REJECTED);
    else
        claim(status == POOL_OK || status == POOL_DISCARDED);
}

/* --- other things to do to a pool --------------------------------------------------------------------- */

static void look(struct arena *arena, struct chance *chance)
{
    struct pool_counts now = pool_counts(arena->pool);
    (void)chance;
    claim(now.submitted == now.completed + now.discarded + now.queued + now.running);
    claim(now.queued <= arena->capacity);
}

static void stop(struct arena *arena, struct chance *chance)
{
    (void)chance;
    atomic_store(&arena->over, true);
    claim(pool_stop(arena->pool) == POOL_OK);
}

static void drain(struct arena *arena, struct chance *chance)
{
    (void)chance;
    atomic_store(&arena->over, true);
    claim(pool_drain(arena->pool) == POOL_OK);
}

static void drain_a_moment(struct arena *arena, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    struct pool_leftover left;
    atomic_store(&arena->over, true);
    enum pool_status status = pool_drain_until(arena->pool, &deadline, &left);
    claim(status == POOL_OK || status == POOL_TIMED_OUT);
    claim(status == POOL_TIMED_OUT || left.discarded + left.running == 0);
}

/* What an actor may do, from outside. A new operation of the pool gets a line here. */
struct act {
    unsigned weight;
    void (*act)(struct arena *arena, struct chance *chance);
};
static const struct act acts[] = {{60, offer}, {8, look}, {1, stop}, {1, drain}, {1, drain_a_moment}};

struct actor {
    struct arena *arena;
    struct chance chance;
};

/* Goes on a little after the end, to be refused. */
static void *actor_main(void *arg)
{
    struct actor *actor = arg;
    for (int late = 0, n = 0; n < ACTS_MOST && late < 3; n++) {
        unsigned which =
            chance_weighted(&actor->chance, &acts[0].weight, sizeof acts / sizeof *acts, sizeof *acts);
        acts[which].act(actor->arena, &actor->chance);
        late += atomic_load(&actor->arena->over);
    }
    return NULL;
}

/* --- the scene ---------------------------------------------------------------------------------------- */

static void claim_book_is_closed(const struct pool_book *book)
{
    struct pool_ledger ledger = pool_book_ledger(book);
    size_t impossible;
    claim(pool_book_check(book, NULL, NULL, 0, &impossible) == POOL_OK);
    claim(pool_ledger_check(&ledger, NULL) == POOL_OK);
    claim(ledger.queued + ledger.running == 0);
}

/* That a task failed is known to the book alone: to a pool without a failure handler it has completed. */
static void claim_pool_agrees(const struct pool_book *of, struct pool_counts counts)
{
    struct pool_ledger book = pool_book_ledger(of), pool = pool_ledger_of(counts);
    claim(pool_ledger_check(&pool, NULL) == POOL_OK);
    claim(pool.queued + pool.running == 0);
    claim(book.submitted == pool.submitted && book.rejected == pool.rejected);
    claim(book.completed + book.failed == pool.completed + pool.failed);
    claim(book.cancelled + book.discarded == pool.cancelled + pool.discarded);
}

void play_pool(struct chance *chance)
{
    struct arena arena = {.capacity = 1 + chance_of(chance, 8)};
    struct actor actors[ACTORS_MOST];
    struct pool_options options = {
        .workers = 1 + chance_of(chance, 4), .capacity = arena.capacity, .discard = discard_errand};
    struct crew crew = {0};

    claim(pool_create(&arena.pool, &options) == POOL_OK);
    claim(pool_book_create(&arena.book, ERRANDS) == POOL_OK);
    for (unsigned i = 1 + chance_of(chance, ACTORS_MOST); i > 0; i--) {
        actors[i - 1] = (struct actor){&arena, {chance_next(chance)}};
        crew_add(&crew, actor_main, &actors[i - 1]);
    }
    crew_join(&crew);
    bool abrupt = chance_in(chance, 4);
    struct pool_counts counts = {0};
    if (!abrupt) {
        (chance_in(chance, 2) ? stop : drain)(&arena, chance);
        counts = pool_counts(arena.pool);
    }
    pool_destroy(arena.pool);
    claim_book_is_closed(arena.book);
    if (!abrupt)
        claim_pool_agrees(arena.book, counts);
    pool_book_destroy(arena.book);
}
