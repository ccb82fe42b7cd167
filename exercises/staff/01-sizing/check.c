/* check.c - keeps the plan its promise, when the queue is simulated? No formula is compared with any other.
 */
#include "check.h"
#include "simulate.h"

enum { TASKS = 200 * 1000, SEED = 7 };

/* The promise is one task in a hundred; a simulation of this length strays by less than a quarter of that. */
static const double promised = 0.01, tolerated = 0.0125;

static const struct workload without_limits[] = {
    {"web shop: large", 1000, 200, 1, 20, 100000, 10, 100000, 1},
    {"order desk: middling", 400, 50, 1, 25, 100000, 10, 100000, 1},
};

static const struct workload small_ones[] = {
    {"door bell: tiny", 4, 100, 1, 100, 1000, 10, 1000, 1},
    {"two printers: small", 20, 60, 1, 120, 1000, 10, 1000, 1},
    {"help desk: small", 30, 50, 1, 100, 1000, 10, 1000, 1},
};

static const struct workload spread_ones[] = {
    {"thumbnails: all alike", 300, 40, 0, 20, 10000, 10, 10000, 1},
    {"reports: some are long", 200, 100, 4, 50, 10000, 10, 10000, 1},
    {"exports: few are very long", 50, 80, 9, 100, 10000, 10, 10000, 1},
};

static const struct workload possible_ones[] = {
    {"memory for a few more", 300, 50, 1, 25, 460, 20, 1000, 1},
    {"a fair share of the database", 300, 50, 1, 25, 10000, 20, 92, 4},
};

static const struct workload impossible_ones[] = {
    {"memory for too few", 300, 50, 1, 25, 320, 20, 1000, 1},
    {"too small a share of the database", 300, 50, 1, 25, 10000, 20, 64, 4},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static double load_of(const struct workload *w)
{
    return w->arrivals * w->service_ms / 1000;
}

/* Simulate the learner's plan and put it into the report's table. */
static struct outcome try_plan(const struct workload *w, unsigned workers)
{
    CHECK_THAT(workers != CANNOT_BE_MET, CLASS_WRONG_RESULT,
               "%s: the plan says that the promise cannot be kept, but it can", w->name);
    CHECK_THAT(workers <= 100000, CLASS_OVERLOAD, "%s: %u workers are no plan", w->name, workers);
    struct outcome outcome = simulate(w, workers, TASKS, SEED);
    check_note(
        "%-28s %6.1f busy on average, %4u workers: %3.0f %% used, %6.2f %% of tasks wait longer than %g ms%s",
        w->name, load_of(w), workers, 100 * outcome.busy, 100 * outcome.late, w->wait_ms,
        outcome.growing ? ", and the queue grows without end" : "");
    return outcome;
}

static void keeps_promise(const struct workload *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = try_plan(&list[i], plan_workers(&list[i]));
        CHECK_THAT(outcome.late <= tolerated, CLASS_WRONG_RESULT,
                   "%s: %.1f %% of the tasks wait longer than promised, %.0f %% were agreed", list[i].name,
                   100 * outcome.late, 100 * promised);
    }
}

static void promise(void)
{
    keeps_promise(without_limits, COUNT(without_limits));
}

static void small_pools(void)
{
    keeps_promise(small_ones, COUNT(small_ones));
}

static void spread(void)
{
    keeps_promise(spread_ones, COUNT(spread_ones));
}

/* A plan is wasteful when three quarters of it, and one worker less, keep the promise as well. */
static void frugal(void)
{
    for (size_t i = 0; i < COUNT(without_limits); i++) {
        const struct workload *w = &without_limits[i];
        unsigned workers = plan_workers(w), fewer = workers > 2 ? (workers - 1) * 3 / 4 : 1;
        try_plan(w, workers);
        struct outcome with_fewer = simulate(w, fewer, TASKS, SEED);
        CHECK_THAT(with_fewer.late > promised, CLASS_WRONG_RESULT,
                   "%s: %u workers are planned where %u keep the promise, too", w->name, workers, fewer);
    }
}

static void within_limits(const struct workload *w, unsigned workers)
{
    CHECK_THAT((double)workers * w->worker_mb <= w->memory_mb, CLASS_OVERLOAD,
               "%s: %u workers of %u MB need more than the %u MB there are", w->name, workers, w->worker_mb,
               w->memory_mb);
    CHECK_THAT((double)workers * w->replicas <= w->connections, CLASS_OVERLOAD,
               "%s: %u replicas with %u workers each need more than the %u connections there are", w->name,
               w->replicas, workers, w->connections);
}

static void limits(void)
{
    for (size_t i = 0; i < COUNT(possible_ones); i++) {
        unsigned workers = plan_workers(&possible_ones[i]);
        within_limits(&possible_ones[i], workers);
        keeps_promise(&possible_ones[i], 1);
    }
    for (size_t i = 0; i < COUNT(impossible_ones); i++) {
        unsigned workers = plan_workers(&impossible_ones[i]);
        within_limits(&impossible_ones[i], workers);
        CHECK_THAT(workers == CANNOT_BE_MET, CLASS_WRONG_RESULT,
                   "%s: %u workers are planned, with which %.1f %% of the tasks wait too long; say that it "
                   "cannot be met",
                   impossible_ones[i].name, workers,
                   100 * simulate(&impossible_ones[i], workers, TASKS, SEED).late);
    }
}

CHECKS({"promise", promise}, {"small", small_pools}, {"spread", spread}, {"frugal", frugal},
       {"limits", limits});
