/* service.c - the order service and the platform that deploys it.
 *
 * 120 orders a second from the shop; ten workers charge them at the bank, 50 ms each. At 1:00, 5:00 and 8:00 a
 * new version is deployed. With the second and third goes a mailing: 180 orders a second more, from 16 seconds
 * before SIGTERM to 4 after it, so that the old instance has ten seconds of work in its queue; of those one in
 * 300 has to be confirmed by the customer, which takes 6 s. Callers find the way to the old instance for a
 * second after its SIGTERM. SIGKILL comes after three: a tenth of the usual 30 s.
 *
 * instance.c is one process of the service, orders.c what outlives it: orders, the bank, the journal.
 */
#include "incident.h"

#include "../parts/service.h"
#include "instance.h"

#include <pthread.h>

enum { DEPLOYS = 3, INSTANCES = DEPLOYS + 1, REPLAY_MOST = 1 << 14, CONFIRM_EVERY = 300 };

static const double deploys[DEPLOYS] = {60, 300, 480}; /* the moments of SIGTERM */

static const double grace = 3, withdrawn_after = 1, dump_after = 2.9, patience = 20; /* seconds */

static struct platform {
    struct instance instances[INSTANCES];
    atomic_uint started;
    struct instance *_Atomic route; /* where callers are sent */
    struct service_alert backlog;
} platform = {.backlog = {.name = "OrdersWaiting", .most = 1000}};

/* --- the door ------------------------------------------------------------------------------------------ */

/* Whatever becomes of it later: it shall not be charged. */
static void refuse(struct order *order)
{
    order->charges = 1;
    order_answer(order, REQUEST_REJECTED);
}

/* It stands in the books before a worker can have it. */
static int is_taken(struct instance *instance, struct order *order)
{
    struct job *job =
        instance->has_exited ? NULL : instance_give(instance, order, 0); /* connection refused */

    return job && policy_take(instance, job);
}

static void arrive(struct request *request, void *mailed)
{
    struct instance *instance = platform.route;
    unsigned long *count = mailed;
    struct order *order = order_new(request, count && ++*count % CONFIRM_EVERY == 0);
    double told_at = instance->told_at;

    if (!order) {
        request_ends(request, REQUEST_REJECTED);
    } else if (!is_taken(instance, order)) {
        refuse(order);
    } else {
        instance->taken++;
        if (told_at > 0 && incident_seconds() > told_at + 0.01)
            incident_count("late", 1);
    }
}

static double shop_rate(double second, void *unused)
{
    (void)second;
    (void)unused;
    return 120;
}

static double mailing_rate(double second, void *unused)
{
    (void)unused;
    for (int i = 1; i < DEPLOYS; i++)
        if (second >= deploys[i] - 16 && second < deploys[i] + 4)
            return 180;
    return 0;
}

/* --- a deploy ------------------------------------------------------------------------------------------ */

/* Until it has exited, or the kill has come. */
static void await_exit(struct instance *instance)
{
    double left = instance->told_at + dump_after - incident_seconds();
    struct timespec deadline = pool_deadline_after(left > 0 ? (long)(left * 1000 + 0.5) : 0);

    if (pool_future_wait_until(&instance->gone, NULL, &deadline) != POOL_OK) {
        instance_dump(instance);
        incident_log("platform: v%u is still there", instance->version);
        pool_future_wait(&instance->gone, NULL);
    }
    incident_kill_called_off();
}

static void replay(struct instance *instance)
{
    static struct order *orders[REPLAY_MOST]; /* the first thread's alone */
    static struct job *jobs[REPLAY_MOST];
    size_t found = journal_orders(orders, REPLAY_MOST), count = 0;

    for (size_t i = 0; i < found && i < REPLAY_MOST; i++) {
        jobs[count] = instance_give(instance, orders[i], 1);
        count += jobs[count] != NULL;
    }
    incident_log("v%u: %zu orders in the journal", instance->version, found);
    if (count > 0)
        policy_replay(instance, jobs, count);
}

/* NULL: it did not start. */
static struct instance *start_next(void)
{
    struct instance *instance = &platform.instances[platform.started];

    if (instance_start(instance, platform.started + 1) != 0)
        return NULL;
    platform.started++;
    platform.route = instance;
    return instance;
}

/* NULL: the next one did not start. */
static struct instance *deploy(struct instance *old)
{
    incident_kill_at(old->told_at + grace, "SIGKILL: still there 3 s after SIGTERM");
    incident_sleep_until(old->told_at + withdrawn_after);
    struct instance *fresh = start_next();
    incident_event("deploy", "v%u takes over", old->version + 1);
    await_exit(old);
    if (fresh)
        replay(fresh);
    instance_reap(old);
    return fresh;
}

/* --- the whole ----------------------------------------------------------------------------------------- */

/* What others do, and what has nothing to do with it. */
static const struct {
    int second;
    const char *line;
} news[] = {
    {48, "bank: 3 connections reset by peer, opened again"},
    {171, "disk: 81 % full"},
    {290, "bank: asks a customer to confirm, every 300th of a mailing"},
};

static void report(int second)
{
    const struct instance *instance = platform.route;
    struct pool_counts counts = pool_counts(instance->pool);

    for (size_t i = 0; i < sizeof news / sizeof news[0]; i++)
        if (news[i].second == second)
            incident_log("%s", news[i].line);
    if (mailing_rate(second, NULL) > 0 && mailing_rate(second - 1, NULL) == 0) {
        incident_event("load", "the mailing goes out: 180 orders a second more, for 20 s");
        incident_log("mailing: goes out to 3600 customers");
    }
    if (second % 60 == 0)
        incident_log("minute %d: v%u has taken %lu orders; pool: %zu running, %zu waiting; /ready 200",
                     second / 60, instance->version, (unsigned long)instance->taken, counts.running,
                     counts.queued);
}

static double read_depth(void *unused)
{
    double depth = 0;

    (void)unused;
    for (unsigned i = 0; i < platform.started; i++)
        if (!platform.instances[i].has_exited)
            depth += (double)pool_counts(platform.instances[i].pool).queued;
    return depth;
}

static double read_busy(void *unused)
{
    double busy = 0;

    (void)unused;
    for (unsigned i = 0; i < platform.started; i++)
        if (!platform.instances[i].has_exited)
            busy += (double)pool_counts(platform.instances[i].pool).running;
    return busy;
}

static double read_journal(void *unused)
{
    (void)unused;
    return (double)journal_orders(NULL, 0);
}

/* Once a second. It takes no part. */
static void *watch(void *unused)
{
    (void)unused;
    for (int second = (int)incident_seconds() + 1; second < incident_length(); second++) {
        incident_sleep_until(second);
        service_alert_look(&platform.backlog, read_depth(NULL));
        report(second);
    }
    return NULL;
}

/* After the last caller: what is still to be done gets its time. What stands in the journal then, nobody reads. */
static void finish(struct instance *last)
{
    struct job *job;
    double until = incident_seconds() + patience;

    while (instance_unfinished(last, &job, 1) > 0 && incident_seconds() < until)
        incident_sleep(0.1);
    instance_signal(last, grace);
    pool_future_wait(&last->gone, NULL);
    instance_reap(last);
    static struct order *left[REPLAY_MOST];
    size_t found = journal_orders(left, REPLAY_MOST);
    for (size_t i = 0; i < found && i < REPLAY_MOST; i++)
        if (left[i]->charges == 0) {
            order_answer(left[i], REQUEST_DISCARDED);
            incident_count("lost", 1);
        }
    incident_sleep(1.1); /* one more row */
}

static void run(struct instance *first)
{
    unsigned long mailed = 0;
    struct incident_load shop = {.name = "shop", .rate = shop_rate, .arrive = arrive};
    struct incident_load mailing = {
        .name = "mailing", .tenant = 1, .rate = mailing_rate, .arrive = arrive, .context = &mailed};
    struct instance *now = first;
    pthread_t watcher;

    incident_load_start(&shop);
    incident_load_start(&mailing);
    if (pthread_create(&watcher, NULL, watch, NULL) != 0)
        return;
    for (int i = 0; i < DEPLOYS && deploys[i] < incident_length() && now; i++) {
        if (deploys[i] < incident_seconds()) /* live, begun later */
            continue;
        incident_sleep_until(deploys[i]);
        now = instance_signal(now, grace) == 0 ? deploy(now) : NULL;
    }
    incident_wait();
    pthread_join(watcher, NULL);
    if (now)
        finish(now);
}

static void serve(void)
{
    orders_open();
    struct instance *first = start_next();
    if (!first)
        return;
    incident_gauge("depth", read_depth, NULL);
    incident_gauge("busy", read_busy, NULL);
    incident_gauge("journal", read_journal, NULL);
    run(first);
    incident_gauge_gone("depth");
    incident_gauge_gone("busy");
    incident_gauge_gone("journal");
    for (unsigned i = 0; i < platform.started; i++)
        instance_free(&platform.instances[i]);
    orders_free();
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"journal", SERIES_MOST},
               {"exit_s", SERIES_MOST},
               {"late", SERIES_COUNT},
               {"lost", SERIES_COUNT},
               {"twice", SERIES_COUNT}},
};
