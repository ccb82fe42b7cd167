/* minimise.c - a failing schedule made short: few preemptions, few choices other than the default.
 *
 * First the schedule itself is reduced, after Zeller and Hildebrandt's delta debugging ("Simplifying and
 * isolating failure-inducing input", 2002): its picks are left out in halves, quarters, ... and singly, from
 * the end, as long as the same fault remains. What random scheduling found may still switch in odd places. So
 * schedules with fewer preemptions than are left are searched depth-first, none first; what that finds has as
 * few as can be. Everything is bounded by a number of schedules, not by time, so that it comes to the same
 * each time.
 */
#include "explore/schedule.h"

#include <string.h>
#include <talloc.h>

struct work {
    void *mem;
    struct explore_session *session;
    struct schedule *best;
    const struct explore_outcome *fault;
    uint32_t preemptions; /* of the best */
    unsigned left;        /* schedules that may still be run */
    struct error *err;
    int failed; /* the server is gone */
};

static int is_better(const struct work *work, uint32_t preemptions, size_t picks)
{
    return preemptions < work->preemptions ||
           (preemptions == work->preemptions && picks < work->best->pick_count);
}

/* Take what stands in the arena if it shows the fault, and is better. */
static int adopt(struct work *work)
{
    const struct explore_arena *arena = session_arena(work->session, 0);
    struct schedule found = *work->best;

    if (!outcome_same(&arena->last, work->fault))
        return 0;
    schedule_take(work->mem, arena, &found);
    if (!is_better(work, arena->last.preemptions, found.pick_count))
        return 0;
    work->preemptions = arena->last.preemptions;
    *work->best = found;
    return 1;
}

/* The best without its picks FROM to TO. 1 when it is better so. */
static int try_without(struct work *work, size_t from, size_t to)
{
    struct schedule trial;

    if (work->left == 0 || work->failed || session_stopped(work->session))
        return 0;
    work->left--;
    schedule_copy(work->mem, work->best, &trial);
    memmove(&trial.picks[from], &trial.picks[to], (trial.pick_count - to) * sizeof trial.picks[0]);
    trial.pick_count -= to - from;
    if (schedule_play(work->session, &trial, 0, work->err) != 0) {
        work->failed = 1;
        return 0;
    }
    return adopt(work);
}

/* The end may not matter: the shortest head that does, by halving. */
static void cut_tail(struct work *work)
{
    size_t low = 0;

    while (low < work->best->pick_count) {
        size_t keep = low + (work->best->pick_count - low) / 2;
        if (try_without(work, keep, work->best->pick_count))
            continue;
        if (work->left == 0 || work->failed || session_stopped(work->session))
            return;
        low = keep + 1;
    }
}

/* Leave out SIZE picks at a time, from the end. Returns whether that helped anywhere. */
static int leave_out(struct work *work, size_t size)
{
    int helped = 0;
    size_t to = work->best->pick_count;

    while (to > 0 && work->left > 0 && !work->failed) {
        size_t from = to > size ? to - size : 0;
        helped |= try_without(work, from, to);
        to = from < work->best->pick_count ? from : work->best->pick_count;
    }
    return helped;
}

static void reduce(struct work *work)
{
    size_t size;

    cut_tail(work);
    for (size = work->best->pick_count / 2; size > 1; size /= 2)
        leave_out(work, size);
    while (leave_out(work, 1))
        ;
}

/* Look depth-first for the fault with at most BOUND preemptions. 1: found; 0: there is none, or it was not
 * met in time. */
static int search(struct work *work, uint32_t bound, unsigned count)
{
    struct explore_request request = work->best->request;

    request.version = EXPLORE_VERSION;
    request.strategy = EXPLORE_DFS;
    request.stride = 1;
    request.count = count;
    request.bound = bound;
    request.stop_at_first = 1;
    if (session_ask(work->session, 0, &request, work->err) != 0 ||
        session_wait(work->session, work->err) != 0) {
        work->failed = 1;
        return 0;
    }
    uint64_t run = session_arena(work->session, 0)->batch.run;
    work->left -= run < work->left ? (unsigned)run : work->left;
    return session_arena(work->session, 0)->batch.first > 0 && adopt(work);
}

int minimise(void *mem, struct explore_session *session, struct schedule *schedule,
             const struct explore_outcome *fault, unsigned limit, struct error *err)
{
    void *scratch = talloc_new(mem);
    struct schedule best;
    struct work work = {.mem = scratch,
                        .session = session,
                        .best = &best,
                        .fault = fault,
                        .preemptions = fault->preemptions,
                        .left = limit / 2,
                        .err = err};

    schedule_copy(scratch, schedule, &best);
    reduce(&work);
    work.left += limit / 2;
    for (uint32_t bound = 0;
         bound < work.preemptions && work.left > limit / 8 && !work.failed && !session_stopped(session);
         bound++)
        if (search(&work, bound, work.left - limit / 8))
            reduce(&work);
    schedule_copy(mem, &best, schedule);
    talloc_free(scratch);
    return work.failed ? -1 : 0;
}
