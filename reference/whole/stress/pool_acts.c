/* pool_acts.c - the scene of the pool, with any switches: actors who submit in every way, pause, resize,
 * look, and end it while others still submit.
 *
 * Every errand has a line in a book (ledger.h). When all have gone the book must have no impossible note, its
 * ledger must balance, the pool's own counts must agree with it, every failure has been told, and every
 * worker that started has stopped. Tasks fail, leave by pthread_exit, submit further ones, and give the
 * processor away.
 */
#include "stress.h"

#include "ledger.h"
#include "pool_control.h"
#include "pool_task.h"
#include <stddef.h>

enum { ERRANDS = 120, ACTORS_MOST = 4, ACTS_MOST = 40, BATCH_MOST = 5 };

struct errand {
    struct pool_job job;
    struct arena *arena;
    struct chance chance; /* of the thread that runs it */
    size_t line;          /* in the book */
};

struct arena {
    struct pool *pool;
    struct pool_book *book;
    struct pool_options options;
    atomic_size_t taken;  /* errands that have been offered */
    atomic_bool over;     /* somebody has begun to end it */
    atomic_uint failures; /* that on_failure was told */
    atomic_int workers;   /* started and not stopped */
    struct errand errands[ERRANDS];
};

/* --- errands ------------------------------------------------------------------------------------------ */

static void note(const struct errand *errand, enum pool_entry entry)
{
    claim(pool_book_note(errand->arena->book, errand->line, entry) == POOL_OK);
}

static void offer(struct arena *arena, struct chance *chance);

/* Tasks inside each other, when a thread helps. Only the outermost one of a worker may leave its thread. */
static _Thread_local int depth;

static void fail_somehow(struct errand *errand)
{
    note(errand, POOL_ENTRY_FAILED);
    if (depth == 1 && pool_task_worker() >= 0 && chance_in(&errand->chance, 4))
        pthread_exit(NULL);
    claim(pool_task_fail(1) == POOL_OK);
}

static void run_errand(void *arg)
{
    struct errand *errand = arg;
    depth++;
    pool_task_label("errand");
    note(errand, POOL_ENTRY_RUNNING);
    chance_yield(&errand->chance, 4);
    if (chance_in(&errand->chance, 5))
        offer(errand->arena, &errand->chance); /* from inside */
    if (chance_in(&errand->chance, 10))
        fail_somehow(errand);
    else
        note(errand, POOL_ENTRY_COMPLETED);
    depth--;
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

/* The next errand, on its way; NULL: there is none left. */
static struct errand *next_errand(struct arena *arena, struct chance *chance)
{
    size_t line = atomic_fetch_add(&arena->taken, 1);
    if (line >= ERRANDS)
        return NULL;
    struct errand *errand = &arena->errands[line];
    *errand = (struct errand){.arena = arena, .chance = {chance_next(chance)}, .line = line};
    note(errand, POOL_ENTRY_SUBMITTED);
    return errand;
}

static void offer(struct arena *arena, struct chance *chance)
{
    struct errand *errand = next_errand(arena, chance);
    if (!errand)
        return;
    unsigned way = chance_weighted(chance, &ways[0].weight, sizeof ways / sizeof *ways, sizeof *ways);
    enum pool_status status = ways[way].submit(errand, chance);
    if (is_refusal(status))
        note(errand, POOL_ENTRY_REJECTED);
    else
        claim(status == POOL_OK || status == POOL_DISCARDED || status == POOL_FAILED);
}

static void offer_several(struct arena *arena, struct chance *chance)
{
    struct errand *errands[BATCH_MOST];
    struct pool_item items[BATCH_MOST];
    size_t count = 0, taken = 0;
    for (unsigned i = 1 + chance_of(chance, BATCH_MOST); i > 0; i--)
        if ((errands[count] = next_errand(arena, chance))) {
            items[count] = (struct pool_item){.run = run_errand, .arg = errands[count]};
            count++;
        }
    enum pool_status status = pool_submit_batch(arena->pool, items, count, &taken);
    claim(taken <= count && (taken == count) == (status == POOL_OK || count == 0));
    claim(status == POOL_OK || is_refusal(status));
    for (size_t i = taken; i < count; i++)
        note(errands[i], POOL_ENTRY_REJECTED);
}

/* --- other things to do to a pool --------------------------------------------------------------------- */

static void look(struct arena *arena, struct chance *chance)
{
    struct pool_worker_info info[8];
    struct pool_counts now = pool_counts(arena->pool);
    const struct pool_options *options = &arena->options;
    (void)chance;
    claim(now.submitted == now.completed + now.failed + now.discarded + now.queued + now.running);
    claim(options->queue == POOL_UNBOUNDED ||
          now.queued <= options->capacity + (size_t)options->ceiling * options->batch);
    claim(pool_workers(arena->pool, info, 8) <= options->ceiling);
}

/* Whoever has paused it resumes it, and waits for nothing in between. */
static void pause_a_moment(struct arena *arena, struct chance *chance)
{
    enum pool_status status = pool_pause(arena->pool);
    claim(status == POOL_OK || status == POOL_ALREADY || status == POOL_STOPPED);
    if (status != POOL_OK)
        return;
    chance_yield(chance, 10);
    status = pool_resume(arena->pool);
    claim(status == POOL_OK || status == POOL_STOPPED || status == POOL_ALREADY);
}

static void resize(struct arena *arena, struct chance *chance)
{
    const struct pool_options *options = &arena->options;
    unsigned least = options->floor ? options->floor : 1;
    enum pool_status status =
        pool_resize(arena->pool, least + chance_of(chance, options->ceiling - least + 1));
    claim(status == POOL_OK || status == POOL_STOPPED);
}

static void wait_idle(struct arena *arena, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    enum pool_status status = pool_wait_idle(arena->pool, &deadline);
    claim(status == POOL_OK || status == POOL_TIMED_OUT);
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
static const struct act acts[] = {{50, offer}, {8, offer_several},  {8, look},
                                  {6, resize}, {3, pause_a_moment}, {3, wait_idle},
                                  {1, stop},   {1, drain},          {1, drain_a_moment}};

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

static void claim_pool_agrees(const struct pool_book *of, struct pool_counts counts)
{
    struct pool_ledger book = pool_book_ledger(of), pool = pool_ledger_of(counts);
    claim(pool_ledger_check(&pool, NULL) == POOL_OK);
    claim(pool.queued + pool.running == 0);
    claim(book.submitted == pool.submitted && book.rejected == pool.rejected);
    claim(book.completed == pool.completed && book.failed == pool.failed);
    claim(book.cancelled + book.discarded == pool.cancelled + pool.discarded);
}

static int worker_starts(void *context, unsigned index, void **state)
{
    struct arena *arena = context;
    (void)index;
    atomic_fetch_add(&arena->workers, 1);
    *state = arena;
    return 0;
}

static void worker_stops(void *context, void *state)
{
    struct arena *arena = context;
    claim(state == arena);
    atomic_fetch_sub(&arena->workers, 1);
}

static void hear_of_failure(void *context, const struct pool_failure *failure)
{
    struct arena *arena = context;
    claim(failure->left || failure->code == 1);
    atomic_fetch_add(&arena->failures, 1);
}

/* Any switches that do not contradict each other. */
static struct pool_options options_by_chance(struct arena *arena, struct chance *chance)
{
    unsigned workers = 1 + chance_of(chance, 4);
    struct pool_options options = {
        .workers = workers,
        .queue = chance_in(chance, 2) ? POOL_UNBOUNDED : POOL_BOUNDED,
        .overflow = (enum pool_overflow)chance_of(chance, POOL_CALLER_RUNS + 1),
        .wake = (enum pool_wake)chance_of(chance, 2),
        .start = (enum pool_start)chance_of(chance, 2),
        .waiting = (enum pool_waiting)chance_of(chance, 2),
        .notes = (enum pool_notes)chance_of(chance, 2),
        .floor = chance_of(chance, workers + 1),
        .ceiling = workers + chance_of(chance, 3),
        .idle_ms = chance_of(chance, 3),
        .batch = chance_of(chance, 2) * chance_of(chance, 9),
        .spin_us = chance_of(chance, 2) * 20,
        .discard = discard_errand,
        .worker_start = worker_starts,
        .worker_stop = worker_stops,
        .on_failure = hear_of_failure,
        .context = arena,
    };
    if (options.queue == POOL_UNBOUNDED) {
        options.inner = (enum pool_inner)chance_of(chance, 2);
        options.shards = chance_of(chance, 2) * chance_of(chance, 4);
        options.nap_us = chance_of(chance, 2) * 30;
        options.overflow = POOL_BLOCK;
    } else {
        options.capacity = 1 + chance_of(chance, 8);
    }
    if (options.overflow == POOL_DROP_OLDEST || options.overflow == POOL_KEEP_LATEST)
        options.batch = 0;
    return options;
}

void play_pool(struct chance *chance)
{
    struct arena arena = {.options = options_by_chance(&arena, chance)};
    struct actor actors[ACTORS_MOST];
    struct crew crew = {0};

    claim(pool_create(&arena.pool, &arena.options) == POOL_OK);
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
    claim(arena.workers == 0 && arena.failures == pool_book_ledger(arena.book).failed);
    if (!abrupt)
        claim_pool_agrees(arena.book, counts);
    pool_book_destroy(arena.book);
}
