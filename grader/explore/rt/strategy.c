/* strategy.c - who goes next. One function a strategy; each looks only at the seed and at what has happened.
 *
 * random  uniformly among the runnable threads.
 * PCT     a random priority for each thread, and `bound`-1 random moments at which the running thread falls
 * below all others (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A randomized scheduler with probabilistic
 * guarantees of finding bugs", ASPLOS 2010). POS     a random priority for each *pending operation*, drawn
 * anew when an operation on the same object overtakes it (Yuan, Yang, Gu: "Partial order aware concurrency
 * sampling", CAV 2018). SURW    the thread to do the next *interesting* operation is drawn in proportion to
 * how many such operations it has left, which makes all their orders about equally likely; what is not
 * interesting is scheduled at random (after "Selectively uniform concurrency testing", ASPLOS 2025).
 *         Interesting are the operations on one object, drawn anew for each schedule; how many a thread has
 * left is told by an earlier schedule.
 *
 * A thread that yields, or goes on and on while others could run (a spin loop), falls back in PCT and POS,
 * and SURW then draws among all, or they would never end.
 */
#include "explore/rt/inside.h"

enum { STREAK_MOST = 400 };

/* splitmix64 (Steele, Lea, Flood, 2014). */
uint64_t rt_random(void)
{
    uint64_t z = rt.random += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)(rt_random() % limit);
}

static unsigned pick_random(const int *enabled, unsigned count)
{
    (void)enabled;
    return below(count);
}

static unsigned highest(const int *enabled, unsigned count)
{
    unsigned best = 0;

    for (unsigned i = 1; i < count; i++)
        if (rt.thread[enabled[i]].priority > rt.thread[enabled[best]].priority)
            best = i;
    return best;
}

/* Does the thread that had the turn wait by going round? It says so, or has made very many steps in a row. */
static int spins(void)
{
    return self >= 0 && (rt.thread[self].operation == OPERATION_YIELD || rt.streak > STREAK_MOST);
}

/* Three bands of priorities: as drawn, with the top bit set; below them those lowered at a change point, each
 * further one lower; below all of them those that spin, who must not keep even a lowered one from its turn.
 */
static const uint64_t high = 1ULL << 63, lowered = 1ULL << 62, spinning = 1ULL << 61;

static unsigned pick_pct(const int *enabled, unsigned count)
{
    unsigned best = highest(enabled, count);

    for (unsigned i = 0; i + 1 < rt.request->bound && i < 16; i++)
        if (rt.change_points[i] == rt.steps)
            rt.thread[enabled[best]].priority = lowered - i;
    if (spins())
        rt.thread[self].priority = spinning - rt.steps;
    return highest(enabled, count);
}

static unsigned pick_pos(const int *enabled, unsigned count)
{
    if (spins())
        rt.thread[self].priority = 0;
    return highest(enabled, count);
}

/* How many operations THREAD has left, as far as is known; at least one. What a thread will start counts as
 * its own until it has. */
static uint64_t left(int thread)
{
    const struct rt_thread *t = &rt.thread[thread];
    return t->expected > t->steps ? t->expected - t->steps : 1;
}

static int is_interesting(const struct rt_thread *t)
{
    return t->object == rt.chosen_object;
}

static int draw_intended(const int *enabled, unsigned count)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += left(enabled[i]);
    uint64_t at = rt_random() % sum;
    for (unsigned i = 0; i < count; i++) {
        if (at < left(enabled[i]))
            return enabled[i];
        at -= left(enabled[i]);
    }
    return enabled[0];
}

static unsigned pick_surw(const int *enabled, unsigned count)
{
    unsigned candidates[EXPLORE_THREADS], found = 0, is_there = 0;

    if (spins())
        return below(count);
    for (unsigned i = 0; i < count; i++)
        is_there |= enabled[i] == rt.intended;
    if (!is_there)
        rt.intended = draw_intended(enabled, count);
    for (unsigned i = 0; i < count; i++)
        if (enabled[i] == rt.intended || !is_interesting(&rt.thread[enabled[i]]))
            candidates[found++] = i;
    unsigned picked = candidates[below(found)];
    if (enabled[picked] == rt.intended && is_interesting(&rt.thread[rt.intended]))
        rt.intended = -1; /* drawn anew at the next point */
    return picked;
}

static unsigned pick_default(const int *enabled, unsigned count)
{
    (void)enabled;
    (void)count;
    return 0;
}

static unsigned (*const picks[])(const int *enabled, unsigned count) = {
    [EXPLORE_RANDOM] = pick_random, [EXPLORE_PCT] = pick_pct,     [EXPLORE_POS] = pick_pos,
    [EXPLORE_SURW] = pick_surw,     [EXPLORE_DFS] = pick_default, [EXPLORE_REPLAY] = pick_default,
};

unsigned strategy_pick(const int *enabled, unsigned count)
{
    return picks[rt.strategy](enabled, count);
}

void strategy_created(int thread)
{
    rt.thread[thread].priority = rt_random() | high;
}

/* POS: operations that meet the one now done, on the same object, get a new priority; so does the thread's
 * own next one. */
void strategy_done(int thread)
{
    if (rt.strategy != EXPLORE_POS)
        return;
    const void *object = rt.thread[thread].object;
    for (unsigned i = 0; i < rt.threads; i++)
        if ((int)i == thread || (rt.thread[i].object == object && object))
            rt.thread[i].priority = rt_random() | high;
}

void strategy_begin(void)
{
    const struct rt_profile *profile = &rt.profile;
    unsigned length = profile->steps > 0 ? (unsigned)profile->steps : 100;

    for (unsigned i = 0; i < 16; i++)
        rt.change_points[i] = 1 + below(length);
    for (unsigned i = 0; i < EXPLORE_THREADS; i++)
        rt.thread[i].expected = profile->thread_steps[i];
    rt.intended = -1;
    rt.chosen_object = profile->objects ? profile->object[below(profile->objects)] : NULL;
}
