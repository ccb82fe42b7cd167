/* watch.c - the accounts of the watchdog, see watch.h. Reads /proc only; acts on nothing. */
#include "run/watch.h"

#include "base/process.h"

#include <talloc.h>

/* Patience, in seconds. A span between two looks counts for at most LONGEST_STEP, so that a grader that was
 * itself stopped charges nobody. */
static const double longest_step = 0.1;
static const double census_patience =
    2.0; /* idle time a thread has to leave after the check's function returned */
static const double wall_patience = 120.0; /* native; for a machine so busy that nothing can be judged */

void watch_begin(struct watch *watch, void *mem, const struct variant *variant, const struct limits *limits)
{
    *watch = (struct watch){.mem = mem, .limits = *limits};
    watch->tools.hidden_first = variant->tool == TOOL_TSAN;
    watch->limits.cpu_ms *= variant->time_factor;
    watch->limits.memory_mb = limits->memory_mb * variant->memory_factor + variant->memory_base_mb;
    watch->started = watch->looked = clock_seconds();
}

void watch_asked(struct watch *watch, enum question question)
{
    watch->asked = question;
    watch->idle_since_question = 0;
}

/* Add the span since the last look to the accounts. */
static void account(struct watch *watch, double now, double cpu, const struct census *census)
{
    double step = now - watch->looked;

    if (step > longest_step)
        step = longest_step;
    if (!census_active(census) && cpu <= watch->cpu) {
        watch->idle += step;
        watch->idle_since_question += step;
    }
    watch->cpu = cpu;
    watch->looked = now;
}

/* Everybody but the asking thread is blocked for good, or gone. What does that mean now? */
static enum sight settled_means(const struct watch *watch, size_t blocked, const struct census *census)
{
    int asking = blocked < census->count;

    if (asking && watch->asked != ASKED_NOTHING)
        return SIGHT_SETTLED;
    return asking ? SIGHT_GOING_ON : SIGHT_STUCK; /* asking, unanswered: its packet is on the way to us */
}

/* Threads before memory: their stacks take some, so too many of them may be over both limits at one look and
 * over the first alone at another. */
static enum sight over_limit(const struct watch *watch, const struct census *census, long resident_kb,
                             double now)
{
    if (census->count > watch->limits.threads)
        return SIGHT_THREADS;
    if (resident_kb > (long)watch->limits.memory_mb * 1024)
        return SIGHT_MEMORY;
    if (watch->cpu * 1000 > watch->limits.cpu_ms)
        return SIGHT_BUSY;
    if (watch->idle * 1000 > watch->limits.idle_ms)
        return SIGHT_IDLE;
    if (now - watch->started > wall_patience + watch->limits.cpu_ms / 1000.0 * 4)
        return SIGHT_ABANDONED;
    return SIGHT_GOING_ON;
}

enum sight watch_look(struct watch *watch, double now)
{
    struct census census;
    double cpu;
    long resident_kb;
    size_t blocked;

    if (process_usage(watch->pid, &cpu, &resident_kb) != 0 ||
        census_take(watch->mem, watch->pid, &watch->tools, &census) != 0)
        return SIGHT_GONE;
    account(watch, now, cpu, &census);
    if (resident_kb > watch->peak_kb)
        watch->peak_kb = resident_kb;
    enum sight sight = census.count ? over_limit(watch, &census, resident_kb, now) : SIGHT_EMPTY;
    if (sight == SIGHT_GOING_ON && watch->last.threads && census_settled(&watch->last, &census, &blocked))
        sight = settled_means(watch, blocked, &census);
    if (sight == SIGHT_GOING_ON && watch->asked == ASKED_CENSUS &&
        watch->idle_since_question > census_patience)
        sight = SIGHT_OVERSTAY;
    talloc_free(watch->last.threads);
    watch->last = census;
    return sight;
}
