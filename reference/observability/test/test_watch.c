/* test_watch.c - the thirteen numbers of a pool: each name, each meaning, at a moment when it can be told
 * exactly. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free */
#include "scrape.h"

#include "faults.h"
#include "parse.h"
#include "watch.h"
#include <math.h>

/* A pool of one worker and two places, watched, with a clock of the test's own. */
struct stage {
    struct pool_metrics *metrics;
    struct pool *pool;
    struct pool_watch *watch;
    struct test_clock clock;
    struct pool_clock told;
};

struct task {
    struct pool_watched watched;
    struct stage *stage;
    struct gate *gate; /* passed before the task runs for a second */
    enum pool_status answer;
    atomic_int ran, discarded;
};

static enum pool_status run_task(struct pool_watched *watched)
{
    struct task *task = (struct task *)watched; /* its first field */
    if (task->gate)
        gate_pass(task->gate);
    atomic_fetch_add(&task->stage->clock.now, POOL_SECOND);
    task->ran++;
    return task->answer;
}

static void discard_task(struct pool_watched *watched)
{
    ((struct task *)watched)->discarded++;
}

static struct task task_of(struct stage *stage, struct gate *gate)
{
    return (struct task){.watched = {.run = run_task, .discard = discard_task}, .stage = stage, .gate = gate};
}

static void stage_set(struct stage *stage, struct pool_watch_options options)
{
    *stage = (struct stage){.metrics = metrics_make(2)};
    assert_int_equal(pool_create(&stage->pool, &(struct pool_options){.workers = 1, .capacity = 2}), POOL_OK);
    stage->told = test_clock(&stage->clock);
    options.metrics = stage->metrics;
    options.pool = stage->pool;
    options.clock = &stage->told;
    assert_int_equal(pool_watch_create(&stage->watch, &options), POOL_OK);
}

static void stage_clear(struct stage *stage)
{
    assert_int_equal(pool_stop(stage->pool), POOL_OK);
    assert_int_equal(pool_watch_destroy(stage->watch), POOL_OK);
    pool_destroy(stage->pool);
    pool_metrics_destroy(stage->metrics);
}

static struct page *page_now(struct stage *stage)
{
    static struct page page; /* too large for a stack */
    char *text = scrape(stage->metrics);
    const char *wrong = page_parse(&page, text);
    if (wrong)
        fail_msg("%s in:\n%s", wrong, text);
    free(text);
    return &page;
}

static void assert_value(struct stage *stage, const char *id, double expected)
{
    double value = NAN;
    if (!page_value(page_now(stage), id, &value) || value != expected)
        fail_msg("%s is %g and not %g", id, value, expected);
}

/* --- names ------------------------------------------------------------------------------------------------
 */

static const char *const one_name_each[] = {
    "pool_running",
    "pool_queue_depth",
    "pool_submitted_total",
    "pool_completed_total",
    "pool_dropped_total",
    "pool_capacity",
    "pool_size",
    "pool_waiting",
    "pool_panicked_total",
    "pool_resizes_total{direction=\"up\"}",
    "pool_resizes_total{direction=\"down\"}",
    "pool_submit_duration_seconds_count",
    "pool_wait_seconds_count",
    "pool_task_duration_seconds_count",
};
static const char *const second_names[] = {"pool_busy", "pool_process_seconds_count"};

static void every_meaning_has_its_name(void **state)
{
    (void)state;
    for (int names = POOL_NAMES_ONE; names <= POOL_NAMES_ALL; names++) {
        struct stage stage;
        double value;
        stage_set(&stage, (struct pool_watch_options){.size = 1, .names = (enum pool_watch_names)names});
        struct page *page = page_now(&stage);
        for (size_t i = 0; i < COUNT(one_name_each); i++)
            assert_true(page_value(page, one_name_each[i], &value));
        for (size_t i = 0; i < COUNT(second_names); i++)
            assert_int_equal(page_value(page, second_names[i], &value), names == POOL_NAMES_ALL);
        assert_int_equal(page->family_count,
                         names == POOL_NAMES_ALL ? 15 : 13); /* M28: 15 names, 13 meanings */
        stage_clear(&stage);
    }
}

static void two_pools_differ_by_their_label(void **state)
{
    (void)state;
    struct stage stage;
    struct pool_watch *second, *third;
    stage_set(&stage, (struct pool_watch_options){.size = 3, .name = "mail"});
    struct pool_watch_options options = {
        .metrics = stage.metrics, .pool = stage.pool, .size = 5, .name = "images"};
    assert_int_equal(pool_watch_create(&second, &options), POOL_OK);
    assert_int_equal(pool_watch_create(&third, &options), POOL_INVALID); /* that name is taken */
    assert_null(third);
    options.name = NULL;
    assert_int_equal(pool_watch_create(&third, &options), POOL_INVALID); /* other labels than the others' */
    assert_value(&stage, "pool_size{pool=\"mail\"}", 3);
    assert_value(&stage, "pool_size{pool=\"images\"}", 5);
    assert_value(&stage, "pool_resizes_total{direction=\"up\",pool=\"mail\"}", 0);
    assert_int_equal(pool_watch_destroy(second), POOL_OK);
    double value;
    assert_false(page_value(page_now(&stage), "pool_size{pool=\"images\"}", &value));
    assert_value(&stage, "pool_wait_seconds_count{pool=\"images\"}", 0); /* stays, and goes on */
    options.name = "images";
    assert_int_equal(pool_watch_create(&second, &options), POOL_OK);
    assert_value(&stage, "pool_size{pool=\"images\"}", 5);
    assert_int_equal(pool_watch_destroy(second), POOL_OK);
    stage_clear(&stage);
}

/* --- meanings
 * ----------------------------------------------------------------------------------------------- */

struct submission {
    struct task *task;
    pthread_t thread;
    enum pool_status status;
};

static void *submit_main(void *arg)
{
    struct submission *submission = arg;
    submission->status = pool_watch_submit(submission->task->stage->watch, &submission->task->watched, NULL);
    return NULL;
}

/* One runs, two wait, one is refused, one waits for room; then all is over. Each second is told by the clock.
 */
static void each_number_means_what_its_name_says(void **state)
{
    (void)state;
    struct stage stage;
    struct gate gate;
    struct task tasks[5];
    double waiting = 0;
    stage_set(&stage, (struct pool_watch_options){.size = 1, .capacity = 4, .names = POOL_NAMES_ALL});
    gate_init(&gate);
    for (int i = 0; i < 5; i++)
        tasks[i] = task_of(&stage, i == 0 ? &gate : NULL);
    tasks[2].answer = POOL_FAILED;
    assert_int_equal(pool_watch_submit(stage.watch, &tasks[0].watched, NULL), POOL_OK);
    semaphore_wait(&gate.arrived); /* it began at 0 s */
    assert_int_equal(pool_watch_submit(stage.watch, &tasks[1].watched, NULL), POOL_OK);
    assert_int_equal(pool_watch_submit(stage.watch, &tasks[2].watched, NULL), POOL_OK);
    struct timespec past = pool_deadline_after(-1000);
    assert_int_equal(pool_watch_submit(stage.watch, &tasks[3].watched, &past), POOL_TIMED_OUT);
    struct submission late = {.task = &tasks[4]};
    assert_int_equal(pthread_create(&late.thread, NULL, submit_main, &late), 0);
    while (waiting != 1)
        page_value(page_now(&stage), "pool_waiting", &waiting);
    assert_value(&stage, "pool_running", 1);
    assert_value(&stage, "pool_busy", 1);
    assert_value(&stage, "pool_queue_depth", 2);
    assert_value(&stage, "pool_submitted_total", 3);
    assert_value(&stage, "pool_dropped_total", 1);
    assert_value(&stage, "pool_completed_total", 0);
    assert_value(&stage, "pool_size", 1);
    assert_value(&stage, "pool_capacity", 4);
    assert_value(&stage, "pool_submit_duration_seconds_count", 4);

    sem_post(&gate.open);
    pthread_join(late.thread, NULL);
    assert_int_equal(late.status, POOL_OK);
    assert_int_equal(pool_drain(stage.pool), POOL_OK);
    assert_value(&stage, "pool_running", 0);
    assert_value(&stage, "pool_waiting", 0);
    assert_value(&stage, "pool_submitted_total", 4);
    assert_value(&stage, "pool_completed_total", 4);
    assert_value(&stage, "pool_panicked_total", 1);
    assert_value(&stage, "pool_task_duration_seconds_sum", 4); /* each ran for one second */
    assert_value(&stage, "pool_task_duration_seconds_count", 4);
    assert_value(&stage, "pool_process_seconds_sum", 4);
    assert_value(&stage, "pool_wait_seconds_count", 4);
    assert_value(&stage, "pool_submit_duration_seconds_count", 5);
    assert_int_equal(tasks[3].ran, 0);
    stage_clear(&stage);
    gate_release(&gate);
}

/* Begun at 0 s: one waits until the first is done at 1 s, the next until 2 s. */
static void waiting_is_counted_from_the_submit_to_the_start(void **state)
{
    (void)state;
    struct stage stage;
    struct gate gate;
    struct task tasks[3];
    stage_set(&stage, (struct pool_watch_options){.size = 1});
    gate_init(&gate);
    for (int i = 0; i < 3; i++) {
        tasks[i] = task_of(&stage, i == 0 ? &gate : NULL);
        assert_int_equal(pool_watch_submit(stage.watch, &tasks[i].watched, NULL), POOL_OK);
    }
    sem_post(&gate.open);
    assert_int_equal(pool_drain(stage.pool), POOL_OK);
    assert_value(&stage, "pool_wait_seconds_sum", 3);
    assert_value(&stage, "pool_wait_seconds_bucket{le=\"1\"}", 2);
    assert_value(&stage, "pool_wait_seconds_bucket{le=\"2.5\"}", 3);
    assert_value(&stage, "pool_submit_duration_seconds_sum", 0); /* there was room */
    stage_clear(&stage);
    gate_release(&gate);
}

static void *stop_main(void *arg)
{
    pool_stop(arg);
    return NULL;
}

/* The worker is held until the stop has thrown out the two that wait. */
static void discarded_tasks_are_drops(void **state)
{
    (void)state;
    struct stage stage;
    struct gate gate;
    struct task tasks[3];
    pthread_t stopper;
    stage_set(&stage, (struct pool_watch_options){.size = 1});
    gate_init(&gate);
    for (int i = 0; i < 3; i++) {
        tasks[i] = task_of(&stage, i == 0 ? &gate : NULL);
        assert_int_equal(pool_watch_submit(stage.watch, &tasks[i].watched, NULL), POOL_OK);
        if (i == 0)
            semaphore_wait(&gate.arrived);
    }
    assert_int_equal(pthread_create(&stopper, NULL, stop_main, stage.pool), 0);
    while (tasks[1].discarded + tasks[2].discarded < 2)
        sched_yield();
    sem_post(&gate.open);
    pthread_join(stopper, NULL);
    assert_value(&stage, "pool_dropped_total", 2);
    assert_value(&stage, "pool_completed_total", 1);
    assert_value(&stage, "pool_wait_seconds_count", 1);
    assert_int_equal(pool_watch_submit(stage.watch, &tasks[0].watched, NULL), POOL_STOPPED);
    assert_value(&stage, "pool_dropped_total", 3);
    stage_clear(&stage);
    gate_release(&gate);
}

static void resizes_are_counted_by_direction(void **state)
{
    (void)state;
    struct stage stage;
    static const unsigned sizes[] = {2, 2, 5, 1, 1, 0, 3, 4};
    stage_set(&stage, (struct pool_watch_options){.size = 2, .capacity = 8});
    for (size_t i = 0; i < COUNT(sizes); i++)
        pool_watch_resized(stage.watch, sizes[i]);
    assert_value(&stage, "pool_resizes_total{direction=\"up\"}", 3);
    assert_value(&stage, "pool_resizes_total{direction=\"down\"}", 2);
    assert_value(&stage, "pool_size", 4);
    stage_clear(&stage);
}

static void times_may_be_told_by_hand(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage, (struct pool_watch_options){.size = 1});
    struct pool_watch *const watches[] = {stage.watch, NULL}; /* NULL: switched off */
    for (size_t i = 0; i < COUNT(watches); i++) {
        pool_watch_submit_begins(watches[i]);
        pool_watch_submit_begins(watches[i]);
        pool_watch_submit_ended(watches[i], 3, 500 * POOL_MILLISECOND);
        pool_watch_task_waited(watches[i], 1, 250 * POOL_MILLISECOND);
        pool_watch_task_ended(watches[i], 0, 2 * POOL_SECOND, POOL_FAILED);
        pool_watch_resized(watches[i], 1);
    }
    assert_value(&stage, "pool_waiting", 1);
    assert_value(&stage, "pool_submit_duration_seconds_sum", 0.5);
    assert_value(&stage, "pool_wait_seconds_sum", 0.25);
    assert_value(&stage, "pool_task_duration_seconds_sum", 2);
    assert_value(&stage, "pool_panicked_total", 1);
    stage_clear(&stage);
}

/* --- edges -------------------------------------------------------------------------------------------------
 */

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage, (struct pool_watch_options){.size = 1, .name = "x"});
    const struct pool_watch_options bad[] = {
        {.metrics = stage.metrics, .name = "y"},
        {.pool = stage.pool, .name = "y"},
        {.metrics = stage.metrics, .pool = stage.pool, .name = ""},
        {.metrics = stage.metrics, .pool = stage.pool, .name = "y", .size = 3, .capacity = 2},
        {.metrics = stage.metrics, .pool = stage.pool, .name = "y", .names = (enum pool_watch_names)2},
    };
    struct pool_watch *watch = stage.watch;
    assert_int_equal(pool_watch_create(NULL, &bad[0]), POOL_INVALID);
    assert_int_equal(pool_watch_create(&watch, NULL), POOL_INVALID);
    assert_null(watch);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_watch_create(&watch, &bad[i]), POOL_INVALID);
    struct task good = task_of(&stage, NULL), no_run = good, no_discard = good;
    no_run.watched.run = NULL;
    no_discard.watched.discard = NULL;
    assert_int_equal(pool_watch_submit(NULL, &good.watched, NULL), POOL_INVALID);
    assert_int_equal(pool_watch_submit(stage.watch, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_watch_submit(stage.watch, &no_run.watched, NULL), POOL_INVALID);
    assert_int_equal(pool_watch_submit(stage.watch, &no_discard.watched, NULL), POOL_INVALID);
    assert_int_equal(pool_watch_destroy(NULL), POOL_OK);
    stage_clear(&stage);
}

static void read_and_destroy(void *context, double *values)
{
    struct stage *stage = context;
    values[0] = pool_watch_destroy(stage->watch) == POOL_WOULD_DEADLOCK;
}

static void a_watch_cannot_end_inside_a_scrape(void **state)
{
    (void)state;
    struct stage stage;
    struct pool_polled polled = {POOL_POLLED_GAUGE, {.name = "refused"}};
    struct pool_metrics_source *source;
    stage_set(&stage, (struct pool_watch_options){.size = 1});
    assert_int_equal(pool_metrics_poll(stage.metrics, &polled, 1, read_and_destroy, &stage, &source),
                     POOL_OK);
    assert_value(&stage, "refused", 1);
    stage_clear(&stage);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct pool *pool;
    struct pool_watch *watch = NULL;
    long before = faults.blocks;
    assert_int_equal(pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 2}), POOL_OK);
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_watch_options options = {.metrics = metrics, .pool = pool, .names = POOL_NAMES_ALL};
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_watch_create(&watch, &options);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(watch == NULL, faults_fired());
    }
    assert_true(faults.next > 20);
    assert_int_equal(pool_watch_destroy(watch), POOL_OK);
    pool_metrics_destroy(metrics);
    pool_destroy(pool);
    assert_int_equal(faults.blocks, before);
}

/* --- the process
 * -------------------------------------------------------------------------------------------- */

static void the_process_tells_its_threads_and_memory(void **state)
{
    (void)state;
    struct stage stage = {.metrics = metrics_make(1)};
    struct pool_metrics_source *source;
    struct pool *pool;
    double before = 0, with_workers = 0, bytes = 0;
    assert_int_equal(pool_watch_process(stage.metrics, &source), POOL_OK);
    assert_true(page_value(page_now(&stage), "process_threads", &before));
    assert_int_equal(pool_create(&pool, &(struct pool_options){.workers = 40, .capacity = 2}), POOL_OK);
    assert_true(page_value(page_now(&stage), "process_threads", &with_workers));
    assert_true(with_workers > before); /* joined threads of other cases may still be leaving */
    assert_true(page_value(page_now(&stage), "process_resident_memory_bytes", &bytes));
    assert_true(bytes > 100000 && bytes < 1e15 && fmod(bytes, (double)sysconf(_SC_PAGESIZE)) == 0);
    pool_destroy(pool);
    assert_int_equal(pool_watch_process(stage.metrics, &source), POOL_INVALID); /* once for each registry */
    pool_metrics_destroy(stage.metrics);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_meaning_has_its_name),
        CASE(two_pools_differ_by_their_label),
        CASE(each_number_means_what_its_name_says),
        CASE(waiting_is_counted_from_the_submit_to_the_start),
        CASE(discarded_tasks_are_drops),
        CASE(resizes_are_counted_by_direction),
        CASE(times_may_be_told_by_hand),
        CASE(what_makes_no_sense_is_refused),
        CASE(a_watch_cannot_end_inside_a_scrape),
        CASE(memory_runs_out),
        CASE(the_process_tells_its_threads_and_memory),
    };
    return cmocka_run_group_tests_name("observability: watch", cases, NULL, NULL);
}
