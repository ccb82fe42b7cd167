/* service.c - the page renderer: a page is a tree of fragments, each of them a task of one pool.
 *
 * 10 pages a second, each of 8 blocks that are made of nothing else. At 3:00 a campaign begins: 20 pages a
 * second, and a block that nests down to 5 levels; from 5:00 on 8 levels. At 6:00 the platform takes two of
 * the four processors away, at 8:00 one more. The content store answers in 2 ms. At the door 60 pages may be
 * in the house; whoever comes then is refused.
 *
 * The learner's file says how the tree of one page becomes tasks. What is counted here it cannot reach: how
 * many fragments a thread is inside of, who asks the store, and whether a page is whole when it is sent.
 */
#include "incident.h"

#include "../parts/service.h"
#include "pages.h"
#include "pool_control.h"
#include "pool_task.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PAGES_MOST = 60, /* in the house at once */ CPUS = 4 };

enum { CAMPAIGN = 180, SECOND_PART = 300, TWO_CPUS = 360, ONE_CPU = 480 }; /* seconds */

static struct renderer {
    struct pool *pool;
    atomic_uint pages;    /* in the house */
    atomic_uint fetching; /* at the store */
    atomic_uint cpus;
    atomic_ulong answered, refused;
    _Atomic double changed_at; /* when the platform changed `cpus` */
    struct service_alert stalled;
} renderer = {.cpus = CPUS, .stalled = {.name = "PagesStalled, seconds without an answer", .most = 5}};

static struct incident_downstream store;

static _Thread_local struct {
    unsigned inside; /* fragments that this thread is in the middle of */
    int is_worker;   /* of a pool; told by the outermost */
} here;

static unsigned levels_at(double second)
{
    return second < CAMPAIGN ? 2 : second < SECOND_PART ? 5 : LEVELS_MOST;
}

/* --- rendering ----------------------------------------------------------------------------------------- */

static double latency(unsigned in_flight, double second)
{
    (void)second;
    return in_flight <= CPUS ? 0.002 : 0.002 * in_flight / CPUS; /* it has four cores of its own */
}

/* The store gives a renderer as many connections as it has processors, a second after a change. */
static void note_crowd(unsigned fetching)
{
    if (fetching > renderer.cpus && incident_seconds() > renderer.changed_at + 1)
        incident_count("crowd", 1);
}

void fragment_fetch(struct fragment *fragment)
{
    static const char *const names[LEVELS_MOST][2] = {
        {"a page, asks the store", "a page, has been to the store"},
        {"a block, asks the store", "a block, has been to the store"},
        {"a strip, asks the store", "a strip, has been to the store"},
        {"a teaser, asks the store", "a teaser, has been to the store"},
        {"a product, asks the store", "a product, has been to the store"},
        {"a price, asks the store", "a price, has been to the store"},
        {"a voucher, asks the store", "a voucher, has been to the store"},
        {"a note, asks the store", "a note, has been to the store"}};

    pool_task_label(names[fragment->level][0]);
    note_crowd(++renderer.fetching);
    incident_call(&store, fragment->page->request);
    renderer.fetching--;
    fragment->is_fetched = here.is_worker && here.inside > 0; /* not at the door, where callers wait */
    pool_task_label(names[fragment->level][1]);
}

void fragment_give_up(struct fragment *fragment)
{
    fragment->page->is_spoilt = 1;
}

static void answer(struct page *page, enum request_end how)
{
    request_ends(page->request, how);
    if (how == REQUEST_COMPLETED)
        renderer.answered++;
    else
        incident_count("unserved", 1);
    renderer.pages--;
}

/* All that is left of a page that is whole goes with its answer. */
static void send(struct page *page)
{
    unsigned ready = page_ready(page);

    if (atomic_exchange(&page->is_answered, 1))
        return;
    answer(page, page->is_spoilt || ready < page->count ? REQUEST_FAILED : REQUEST_COMPLETED);
    if (ready == page->count)
        page_free(page);
    else if (page_keep(page))
        incident_log("a page went out as an error: %u of its %u fragments were ready", ready, page->count);
}

void fragment_assemble(struct fragment *fragment)
{
    struct page *page = fragment->page;

    fragment->is_assembled = fragment->is_fetched;
    for (unsigned i = 0; i < fragment->part_count; i++)
        if (!fragment->parts[i]->is_assembled)
            page->is_spoilt = 1;
    if (!fragment->whole)
        send(page);
}

void fragment_task(void *context)
{
    struct fragment *fragment = context;

    if (here.inside++ == 0)
        here.is_worker = pool_task_worker() >= 0;
    incident_tell("nested", here.inside);
    if (!fragment->whole)
        request_begins(fragment->page->request);
    policy_render(renderer.pool, fragment);
    here.inside--;
}

/* --- the door ------------------------------------------------------------------------------------------ */

static void arrive(struct request *request, void *unused)
{
    struct page *page = renderer.pages < PAGES_MOST ? page_new(request, levels_at(request->arrived)) : NULL;

    (void)unused;
    if (!page) {
        renderer.refused++;
        incident_count("unserved", 1);
        request_ends(request, REQUEST_REJECTED);
        return;
    }
    renderer.pages++;
    if (!policy_take(renderer.pool, &page->fragments[0])) {
        answer(page, REQUEST_REJECTED);
        page_free(page);
    }
}

static double rate(double second, void *unused)
{
    (void)unused;
    return second < CAMPAIGN ? 10 : 20;
}

/* --- who looks after it -------------------------------------------------------------------------------- */

static void write_dump(void)
{
    struct pool_worker_info workers[64];
    unsigned count = pool_workers(renderer.pool, workers, 64);
    struct pool_counts counts = pool_counts(renderer.pool);
    struct timespec now = pool_deadline_after(0);
    unsigned long long now_ns = (unsigned long long)now.tv_sec * 1000000000 + (unsigned long long)now.tv_nsec;

    incident_write("dump", "pool render: %u workers, %zu running, %zu waiting, %llu taken, %llu done", count,
                   counts.running, counts.queued, counts.submitted, counts.completed);
    for (unsigned i = 0; i < count && i < 64; i++)
        if (workers[i].since_ns)
            incident_write("dump", "  worker %u  renders %s; for %.3f s", workers[i].index,
                           workers[i].label ? workers[i].label : "a fragment",
                           (double)(now_ns - workers[i].since_ns) / 1e9);
        else
            incident_write("dump", "  worker %u  sleeps: nothing to do", workers[i].index);
    incident_write("dump", "content store: %u calls under way", (unsigned)renderer.fetching);
    incident_write("dump", "acceptor: waits for a caller; %u pages in the house, %lu callers refused so far",
                   (unsigned)renderer.pages, (unsigned long)renderer.refused);
    incident_write("dump", "health: waits for a question; the last answer was 200");
}

static unsigned cpus_at(double second)
{
    return second < TWO_CPUS ? CPUS : second < ONE_CPU ? 2 : 1;
}

static void set_cpus(unsigned cpus)
{
    unsigned workers = policy_workers(cpus);
    enum pool_status status = pool_resize(renderer.pool, workers);

    renderer.cpus = cpus;
    renderer.changed_at = incident_seconds();
    incident_event("resize", "%u of %d processors left, %u workers wanted", cpus, CPUS, workers);
    incident_log("platform: %u of %d processors left; workers wanted: %u: %s", cpus, CPUS, workers,
                 pool_status_text(status));
}

static void report(int second)
{
    struct pool_counts counts = pool_counts(renderer.pool);

    incident_log(
        "minute %d: %lu pages answered, %lu refused, %u in the house; pool: %zu running, %zu waiting; "
        "/health 200",
        second / 60, (unsigned long)renderer.answered, (unsigned long)renderer.refused,
        (unsigned)renderer.pages, counts.running, counts.queued);
}

/* What others do, the second in which they do it, and what has nothing to do with it. */
static const struct {
    int second;
    const char *event, *line;
} news[] = {
    {41, NULL, "cache: 1204 texts older than an hour removed"},
    {118, NULL, "tls: the certificate of the shop's name ends in 9 days"},
    {CAMPAIGN, "the winter sale begins: 20 pages a second, 5 levels",
     "cms: published \"Winter sale\": the first block of a page has a strip with a teaser for a product"},
    {SECOND_PART, "the winter sale, second part: 8 levels",
     "cms: published \"Vouchers\": a product has its price, with a voucher, with a note"},
};

static void happen(int second)
{
    for (size_t i = 0; i < sizeof news / sizeof news[0]; i++)
        if (news[i].second == second) {
            if (news[i].event)
                incident_event("load", "%s", news[i].event);
            incident_log("%s", news[i].line);
        }
    if (cpus_at(second) != cpus_at(second - 1))
        set_cpus(cpus_at(second));
    if (second % 60 == 0)
        report(second);
}

/* Once a second: what the platform and the editors do, and the alert. It takes no part in rendering. */
static void *watch(void *unused)
{
    unsigned long answered = 0;
    double since = incident_seconds(), length = incident_length();
    int dumped = 0;

    (void)unused;
    for (int second = (int)since + 1; second < length; second++) {
        incident_sleep_until(second);
        happen(second);
        if (renderer.answered != answered || renderer.pages == 0)
            since = second;
        answered = renderer.answered;
        service_alert_look(&renderer.stalled, second - since);
        if (renderer.stalled.is_raised && !dumped++)
            write_dump();
    }
    return NULL;
}

static double read_pages(void *unused)
{
    (void)unused;
    return renderer.pages;
}

/* --- the service --------------------------------------------------------------------------------------- */

static int open_pool(void)
{
    struct pool_options options = {.workers = 1};

    policy_configure(&options);
    options.workers = policy_workers(CPUS);
    options.ceiling = options.workers;
    options.notes = POOL_NOTES_ON;
    enum pool_status made = pool_create(&renderer.pool, &options);
    if (made != POOL_OK)
        incident_log("the pool cannot be made: %s", pool_status_text(made));
    return made == POOL_OK;
}

static void serve(void)
{
    struct incident_load callers = {.name = "callers", .rate = rate, .arrive = arrive};
    pthread_t watcher;

    store.latency = latency;
    if (!open_pool())
        return;
    incident_log("render: %u workers on %d processors; up to %d pages in the house",
                 pool_counts(renderer.pool).workers, CPUS, PAGES_MOST);
    service_watch(renderer.pool);
    if (cpus_at(incident_seconds()) != CPUS) /* live, begun later */
        set_cpus(cpus_at(incident_seconds()));
    incident_gauge("pages", read_pages, NULL);
    incident_load_start(&callers);
    if (pthread_create(&watcher, NULL, watch, NULL) != 0)
        return;
    incident_wait();
    pthread_join(watcher, NULL);
    incident_log("SIGTERM: %u pages in the house", (unsigned)renderer.pages);
    if (pool_wait_idle(renderer.pool, NULL) != POOL_OK) /* a page's tasks may still submit others */
        incident_log("the pool could not be waited for");
    pool_drain(renderer.pool);
    service_unwatch();
    pool_destroy(renderer.pool);
    pages_free();
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"workers", SERIES_LAST},
               {"pages", SERIES_MOST},
               {"nested", SERIES_MOST},
               {"crowd", SERIES_COUNT},
               {"unserved", SERIES_COUNT}},
};
