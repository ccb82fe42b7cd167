/* test_census.c - who leaked: told with name, label and site; and how long the check waits before it says so.
 *
 * Pauses are the test's own: they move a clock, or make the world settle. No case depends on how quickly the
 * system takes a joined thread out of its list, for then the check simply looks again.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=opendir */
#include "watch_test.h"

#include "census.h"
#include "faults.h"
#include <dirent.h>
#include <errno.h>

/* The wrapper has no argument for this, so it has to be global. */
static atomic_bool no_proc;

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
    if (!no_proc)
        return __real_opendir(path);
    errno = ENOENT;
    return NULL;
}

/* --- stayers: threads that are here until they are let go
 * --------------------------------------------------- */

struct stayer {
    pthread_t thread;
    struct gate gate;
    const char *name;
};

static void *stayer_main(void *arg)
{
    struct stayer *stayer = arg;
    if (stayer->name)
        pthread_setname_np(pthread_self(), stayer->name);
    gate_pass(&stayer->gate);
    return NULL;
}

static void stayer_begin(struct stayer *stayer, const char *name)
{
    stayer->name = name;
    gate_init(&stayer->gate);
    assert_int_equal(pthread_create(&stayer->thread, NULL, stayer_main, stayer), 0);
    semaphore_wait(&stayer->gate.arrived);
}

static void stayer_end(struct stayer *stayer)
{
    sem_post(&stayer->gate.open);
    pthread_join(stayer->thread, NULL);
    gate_release(&stayer->gate);
}

/* --- pauses
 * ------------------------------------------------------------------------------------------------- */

struct pauses {
    unsigned count;
    uint64_t list[100];
    struct test_clock clock; /* moves with each pause */
    unsigned settle_after;   /* this many pauses let STAYER go; 0: never */
    struct stayer *stayer;
};

static void note_pause(void *context, uint64_t nanoseconds)
{
    struct pauses *pauses = context;
    assert_true(pauses->count < COUNT(pauses->list));
    pauses->list[pauses->count++] = nanoseconds;
    atomic_fetch_add(&pauses->clock.now, nanoseconds);
    if (pauses->count == pauses->settle_after)
        stayer_end(pauses->stayer);
    sched_yield();
}

static struct pool_census *census_make(const struct pool_census_options *options)
{
    struct pool_census *census;
    assert_int_equal(pool_census_create(&census, options), POOL_OK);
    return census;
}

/* A census whose pauses are noted. Those who end now are out of the list first. */
static struct pool_census *census_with(struct pauses *pauses)
{
    *pauses = (struct pauses){.count = 0};
    return census_make(&(struct pool_census_options){.pause = note_pause, .context = pauses});
}

/* --- cases
 * -------------------------------------------------------------------------------------------------- */

static void nobody_new_is_no_leak(void **state)
{
    (void)state;
    struct pauses pauses;
    struct stayer before;
    size_t count = 9;
    stayer_begin(&before, NULL);
    struct pool_census *census = census_with(&pauses);
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK);
    assert_int_equal(count, 0);
    assert_int_equal(pauses.count, 0); /* at once */
    assert_true(pool_census_count() >= 2);
    stayer_end(&before);
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK); /* fewer is fine */
    pool_census_destroy(census);
    pool_census_destroy(NULL);
}

static void a_leak_is_told_by_name_after_goleaks_pauses(void **state)
{
    (void)state;
    struct pauses pauses;
    struct pool_census *census = census_with(&pauses);
    struct stayer leaked;
    struct pool_leak leaks[4];
    size_t count;
    uint64_t sum = 0;
    stayer_begin(&leaked, "a) R 1 (b");
    assert_int_equal(pool_census_check(census, NULL, leaks, 4, &count), POOL_FAILED);
    assert_int_equal(count, 1);
    assert_string_equal(leaks[0].name, "a) R 1 (b");
    assert_true(leaks[0].tid > 0 && leaks[0].tid != gettid());
    assert_non_null(strchr("RSD", leaks[0].state));
    assert_null(leaks[0].birth.file);
    assert_int_equal(pauses.count, POOL_CENSUS_TRIES);
    for (unsigned i = 0; i < POOL_CENSUS_TRIES; i++) {
        assert_int_equal(pauses.list[i], i < 17 ? 1000ull << i : 100000000ull);
        sum += pauses.list[i];
    }
    assert_int_equal(sum, 431071000); /* 131.071 ms and three times 100 */
    stayer_end(&leaked);
    assert_int_equal(pool_census_check(census, NULL, leaks, 4, &count), POOL_OK);
    pool_census_destroy(census);
}

static void a_thread_that_ends_meanwhile_is_no_leak(void **state)
{
    (void)state;
    struct pauses pauses;
    struct pool_census *census = census_with(&pauses);
    struct stayer slow;
    size_t count;
    stayer_begin(&slow, "slow");
    pauses.settle_after = 5;
    pauses.stayer = &slow;
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK);
    assert_true(pauses.count >= 5);
    pool_census_destroy(census);
}

/* As many as before, yet one of them is new. */
static void a_leak_does_not_hide_behind_an_end(void **state)
{
    (void)state;
    struct pauses pauses;
    struct stayer old, fresh;
    struct pool_leak leak;
    size_t count;
    stayer_begin(&old, "old");
    struct pool_census *census = census_with(&pauses);
    stayer_begin(&fresh, "fresh");
    stayer_end(&old);
    assert_int_equal(pool_census_check(census, NULL, &leak, 1, &count), POOL_FAILED);
    assert_int_equal(count, 1);
    assert_string_equal(leak.name, "fresh");
    stayer_end(&fresh);
    pool_census_destroy(census);
}

static void ignored_names_are_nobodys_leak(void **state)
{
    (void)state;
    char exact[] = "io-one";
    const char *names[] = {exact, "pool-worker-xy*"};
    struct pauses pauses = {.count = 0};
    struct pool_census *census = census_make(&(struct pool_census_options){
        .ignore = names, .ignore_count = 2, .pause = note_pause, .context = &pauses});
    static const struct {
        const char *name;
        bool ignored;
    } table[] = {{"io-one", true},          {"io-on", false},         {"io-one1", false},
                 {"pool-worker-xyz", true}, {"pool-worker-xy", true}, {"pool-worker-x", false}};
    memset(exact, '!', sizeof exact - 1); /* it was copied */
    for (size_t i = 0; i < COUNT(table); i++) {
        struct stayer stayer;
        size_t count;
        pauses.count = 0;
        stayer_begin(&stayer, table[i].name);
        enum pool_status status = pool_census_check(census, NULL, NULL, 0, &count);
        assert_int_equal(status, table[i].ignored ? POOL_OK : POOL_FAILED);
        stayer_end(&stayer);
    }
    pool_census_destroy(census);
}

static void the_roster_tells_label_and_site(void **state)
{
    (void)state;
    struct pool_roster *roster;
    struct pauses pauses = {.count = 0};
    struct stayer leaked = {.name = "mail"};
    struct pool_leak leak;
    size_t count;
    char text[200], expected[200];
    assert_int_equal(pool_roster_create(&roster), POOL_OK);
    struct pool_census *census =
        census_make(&(struct pool_census_options){.roster = roster, .pause = note_pause, .context = &pauses});
    gate_init(&leaked.gate);
    enum pool_status status;
    int line = __LINE__ + 1;
    status = pool_roster_start(roster, &leaked.thread, NULL, stayer_main, &leaked, "mail sender");
    assert_int_equal(status, POOL_OK);
    semaphore_wait(&leaked.gate.arrived);
    assert_int_equal(pool_census_check(census, NULL, &leak, 1, &count), POOL_FAILED);
    snprintf(expected, sizeof expected,
             "thread %d \"mail\" (state S) is still here: \"mail sender\", started at %s:%d", leak.tid,
             __FILE__, line);
    leak.state = 'S';
    assert_int_equal(pool_leak_text(text, sizeof text, &leak), strlen(expected));
    assert_string_equal(text, expected);
    leak.birth.file = NULL;
    pool_leak_text(text, sizeof text, &leak);
    snprintf(expected, sizeof expected, "thread %d \"mail\" (state S) is still here", leak.tid);
    assert_string_equal(text, expected);
    stayer_end(&leaked);
    pool_census_destroy(census);
    pool_roster_destroy(roster);
}

static void more_leaks_than_room_are_counted(void **state)
{
    (void)state;
    enum { STAYERS = 20 }; /* with the first census' baseline longer than its first block */
    struct pauses pauses;
    struct stayer stayers[STAYERS];
    struct pool_leak leaks[3] = {{0}};
    size_t count;
    struct pool_census *empty = census_with(&pauses);
    for (int i = 0; i < STAYERS; i++)
        stayer_begin(&stayers[i], NULL);
    assert_int_equal(pool_census_check(empty, NULL, leaks, 2, &count), POOL_FAILED);
    assert_int_equal(count, STAYERS);
    assert_true(leaks[1].tid != 0 && leaks[2].tid == 0);
    struct pool_census *full = census_with(&pauses);
    assert_int_equal(pool_census_check(full, NULL, leaks, 2, &count), POOL_OK);
    for (int i = 0; i < STAYERS; i++)
        stayer_end(&stayers[i]);
    pool_census_destroy(empty);
    pool_census_destroy(full);
}

static struct timespec at_nanoseconds(uint64_t nanoseconds)
{
    return (struct timespec){(time_t)(nanoseconds / POOL_SECOND), (long)(nanoseconds % POOL_SECOND)};
}

/* Up to the deadline, never past it, and one look at the deadline itself. */
static void a_deadline_bounds_the_pauses(void **state)
{
    (void)state;
    static const uint64_t limits[] = {0, 1, 2500, 1000000000, 3000000000};
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct pauses pauses = {.count = 0};
        struct pool_clock clock = test_clock(&pauses.clock);
        struct pool_census *census = census_make(
            &(struct pool_census_options){.clock = &clock, .pause = note_pause, .context = &pauses});
        struct timespec deadline = at_nanoseconds(limits[i]);
        struct stayer leaked;
        size_t count;
        stayer_begin(&leaked, NULL);
        assert_int_equal(pool_census_check(census, &deadline, NULL, 0, &count), POOL_FAILED);
        assert_int_equal(pauses.clock.now, limits[i]);
        for (unsigned k = 0; k < pauses.count; k++)
            assert_true(pauses.list[k] <= 100000000);
        assert_int_equal(pauses.count > POOL_CENSUS_TRIES, limits[i] >= 1000000000);
        stayer_end(&leaked);
        pool_census_destroy(census);
    }
}

/* The last look comes after the last pause: who ends during that one is no leak. */
static void ending_at_the_deadline_is_in_time(void **state)
{
    (void)state;
    struct pauses pauses = {.settle_after = 1};
    struct pool_clock clock = test_clock(&pauses.clock);
    const char *const gone[] = {"will-go"};
    struct pool_census *census = census_make(&(struct pool_census_options){
        .clock = &clock, .pause = note_pause, .context = &pauses, .ignore = gone, .ignore_count = 0});
    struct timespec deadline = at_nanoseconds(500000000), past = {-5, 0};
    struct stayer slow;
    size_t count;
    stayer_begin(&slow, "will-go");
    pauses.stayer = &slow;
    assert_int_equal(pool_census_check(census, &deadline, NULL, 0, &count), POOL_OK);
    assert_true(pauses.count >= 1);
    assert_int_equal(pool_census_check(census, &past, NULL, 0, &count), POOL_OK); /* still one look */
    pool_census_destroy(census);
}

struct foreign_check {
    const struct pool_census *census;
    enum pool_status status;
    size_t count;
};

static void *check_main(void *arg)
{
    struct foreign_check *check = arg;
    check->status = pool_census_check(check->census, NULL, NULL, 0, &check->count);
    return NULL;
}

static void who_checks_is_no_leak(void **state)
{
    (void)state;
    struct pauses pauses;
    struct foreign_check check = {.census = census_with(&pauses)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, check_main, &check), 0);
    pthread_join(thread, NULL);
    assert_int_equal(check.status, POOL_OK);
    assert_int_equal(check.count, 0);
    pool_census_destroy((struct pool_census *)check.census);
}

static void *no_op(void *arg)
{
    return arg;
}

/* A thread that has finished is not seen, joined or not: that is ThreadSanitizer's half. The pauses are real.
 */
static void a_finished_thread_is_not_seen(void **state)
{
    (void)state;
    struct pool_census *census = census_make(NULL);
    pthread_t thread;
    size_t count;
    struct timespec far;
    clock_gettime(CLOCK_MONOTONIC, &far);
    far.tv_sec += 3600;
    assert_int_equal(pthread_create(&thread, NULL, no_op, NULL), 0);
    assert_int_equal(pool_census_check(census, &far, NULL, 0, &count), POOL_OK);
    pthread_join(thread, NULL);
    pool_census_destroy(census);
}

static void without_proc_nothing_is_pretended(void **state)
{
    (void)state;
    struct pauses pauses;
    struct pool_census *census = census_with(&pauses), *other = census;
    size_t count;
    no_proc = true;
    assert_int_equal(pool_census_create(&other, NULL), POOL_SYSTEM);
    assert_null(other);
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_SYSTEM);
    assert_int_equal(pool_census_count(), 0);
    no_proc = false;
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK);
    pool_census_destroy(census);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const long_names[] = {"sixteen-letters-"}, *const holes[] = {NULL},
                             *const empty[] = {""}, *const longest[] = {"sixteen-letters*", "*"};
    struct pool_census *census = (struct pool_census *)&no_proc;
    struct pool_leak leak;
    size_t count;
    const struct pool_census_options bad[] = {
        {.ignore_count = 1},
        {.ignore = long_names, .ignore_count = 1},
        {.ignore = holes, .ignore_count = 1},
        {.ignore = empty, .ignore_count = 1},
    };
    assert_int_equal(pool_census_create(NULL, NULL), POOL_INVALID);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(pool_census_create(&census, &bad[i]), POOL_INVALID);
        assert_null(census);
    }
    census = census_make(&(struct pool_census_options){.ignore = longest, .ignore_count = 2});
    struct timespec no_time = {0, 1000000000};
    assert_int_equal(pool_census_check(NULL, NULL, &leak, 1, &count), POOL_INVALID);
    assert_int_equal(pool_census_check(census, NULL, &leak, 1, NULL), POOL_INVALID);
    assert_int_equal(pool_census_check(census, NULL, NULL, 1, &count), POOL_INVALID);
    assert_int_equal(pool_census_check(census, &no_time, &leak, 1, &count), POOL_INVALID);
    pool_census_destroy(census);
}

static void memory_runs_out(void **state)
{
    (void)state;
    const char *const names[] = {"a", "b*"};
    long before = faults.blocks;
    struct pool_census *census = NULL;
    for (faults_begin(); faults_again();) {
        enum pool_status status =
            pool_census_create(&census, &(struct pool_census_options){.ignore = names, .ignore_count = 2});
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(census == NULL, faults_fired());
    }
    assert_int_equal(faults.next, 4);
    pool_census_destroy(census);
    assert_int_equal(faults.blocks, before);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(nobody_new_is_no_leak),
        CASE(a_leak_is_told_by_name_after_goleaks_pauses),
        CASE(a_thread_that_ends_meanwhile_is_no_leak),
        CASE(a_leak_does_not_hide_behind_an_end),
        CASE(ignored_names_are_nobodys_leak),
        CASE(the_roster_tells_label_and_site),
        CASE(more_leaks_than_room_are_counted),
        CASE(a_deadline_bounds_the_pauses),
        CASE(ending_at_the_deadline_is_in_time),
        CASE(who_checks_is_no_leak),
        CASE(a_finished_thread_is_not_seen),
        CASE(without_proc_nothing_is_pretended),
        CASE(what_makes_no_sense_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("observability: census", cases, NULL, NULL);
}
