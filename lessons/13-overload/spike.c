/* spike.c - a minute with ten times the traffic: whose work is done, and for whom.
 *
 * In virtual milliseconds, without chance. Whoever asks has gone after a second, but his request has not: it
 * waits and is worked on like any other. The gate of the last row is the library's.
 */
#include "admission.h"
#include <stdio.h>
#include <stdlib.h>

enum { USUAL = 350, PATIENCE = 1000, BEGINS = 60000, ENDS = 120000, STOP = 1440000, MOST = 1 << 20 };
enum look { NO_LOOK, EXPIRED, WOULD_BE }; /* at a request that is about to be started */

static const struct policy {
    const char *name;
    int workers, takes; /* 500 a second in each row */
    unsigned inside;    /* at once, waiting or running; 0: no bound */
    enum look look;
} policies[] = {
    {"no bound", 10, 20, 0, NO_LOOK},
    {"20 workers, the same store", 20, 40, 0, NO_LOOK},
    {"a long queue, 5,000 inside", 10, 20, 5000, NO_LOOK},
    {"not started if expired", 10, 20, 0, EXPIRED},
    {"... or if it would be", 10, 20, 0, WOULD_BE},
    {"a gate, 60 inside", 10, 20, 60, NO_LOOK},
};

struct request {
    int came, ends; /* ms */
    struct pool_admission_pass pass;
};

struct service {
    const struct policy *policy;
    struct pool_admission *gate;
    struct request *all, *running[20]; /* in the order of arrival; by worker */
    int first, count, now, spike;      /* first that waits; that came; ms; 1 during the spike */
    int useful, late, dropped, refused, slowest, calm_again;
};

static uint64_t virtual_now(void *context)
{
    return (uint64_t)((struct service *)context)->now * POOL_MILLISECOND;
}

static void arrive(struct service *it)
{
    int rate = it->spike ? 10 * USUAL : USUAL;

    for (int i = it->now * rate / 1000; i < (it->now + 1) * rate / 1000; i++) {
        struct request *request = &it->all[it->count];
        request->came = it->now;
        if (it->gate && pool_admission_enter(it->gate, &request->pass) != POOL_OK)
            it->refused += it->spike;
        else
            it->count++;
    }
}

/* The request that has waited longest. Returns it if it was started. */
static struct request *start_next(struct service *it)
{
    struct request *request = &it->all[it->first++];
    int age = it->now - request->came, ready = age + it->policy->takes;
    int drop = it->policy->look != NO_LOOK && (it->policy->look == EXPIRED ? age : ready) > PATIENCE;

    request->ends = it->now + it->policy->takes;
    if (it->now >= ENDS && age > 100)
        it->calm_again = it->now - ENDS;
    *(drop ? &it->dropped : ready <= PATIENCE ? &it->useful : &it->late) += it->spike;
    if (it->spike && !drop && ready > it->slowest)
        it->slowest = ready;
    return drop ? NULL : request;
}

static void work(struct service *it)
{
    for (int i = 0; i < it->policy->workers; i++) {
        struct request *running = it->running[i];
        if (running && running->ends > it->now)
            continue;
        if (running && it->gate)
            pool_admission_leave(it->gate, &running->pass);
        for (running = NULL; !running && it->first < it->count;)
            running = start_next(it);
        it->running[i] = running;
    }
}

static void run(const struct policy *policy)
{
    struct service it = {.policy = policy, .all = calloc(MOST, sizeof *it.all)};
    struct pool_clock clock = {virtual_now, &it};
    struct pool_admission_options options = {
        .tokens = 1000000, .period = POOL_SECOND, .burst = 1000000, .limit = policy->inside, .clock = &clock};

    if (!it.all || (policy->inside && pool_admission_create(&it.gate, &options) != POOL_OK))
        exit(1);
    for (; it.now < STOP; it.now++) {
        it.spike = it.now >= BEGINS && it.now < ENDS;
        arrive(&it);
        work(&it);
    }
    printf("%-27s %6d %8d %8d %8d %7.2f s %8.1f s\n", policy->name, it.useful / 60, it.late / 60,
           it.dropped / 60, it.refused / 60, it.slowest / 1e3, it.calm_again / 1e3);
    pool_admission_destroy(it.gate);
    free(it.all);
}

int main(void)
{
    printf("%-27s %6s %8s %8s %8s %9s %10s\n", "each second of the spike", "useful", "too late", "dropped",
           "refused", "slowest", "calm after");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
