/* test_admission.c - the gate at the edge: room and rate together, the hint of a refusal, closing. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "admission.h"
#include "starve.h"

/* 10 a second, BURST at once, LIMIT inside. */
static struct pool_admission *make(struct test_clock *time, uint64_t burst, unsigned limit)
{
    struct pool_admission *gate;
    test_clock_init(time);
    struct pool_admission_options options = {.tokens = 10,
                                             .period = POOL_SECOND,
                                             .burst = burst,
                                             .limit = limit,
                                             .seed = 7,
                                             .clock = &time->clock};
    assert_status(pool_admission_create(&gate, &options), POOL_OK);
    return gate;
}

static void assert_refused(struct pool_admission *gate, enum pool_admission_reason reason, uint64_t least)
{
    struct pool_admission_pass pass;
    assert_status(pool_admission_enter(gate, &pass), POOL_REJECTED);
    assert_int_equal(pass.reason, reason);
    assert_false(pass.inside);
    assert_in_range(pass.retry_after, least, 2 * least);
    assert_status(pool_admission_leave(gate, &pass), POOL_INVALID); /* it never entered */
}

static void room_and_rate_each_refuse_on_their_own(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 3, 2);
    struct pool_admission_pass a, b, c;
    assert_status(pool_admission_enter(gate, &a), POOL_OK);
    assert_int_equal(a.reason, POOL_ADMISSION_GRANTED);
    assert_int_equal(a.retry_after, 0);
    assert_status(pool_admission_enter(gate, &b), POOL_OK);
    assert_refused(gate, POOL_ADMISSION_NO_ROOM, POOL_SECOND); /* nobody has left: the default hint */
    assert_status(pool_admission_leave(gate, &a), POOL_OK);
    assert_status(pool_admission_enter(gate, &c), POOL_OK); /* the refusal cost no token */
    assert_status(pool_admission_leave(gate, &b), POOL_OK);
    assert_refused(gate, POOL_ADMISSION_TOO_FAST, 100 * MS);
    assert_status(pool_admission_leave(gate, &c), POOL_OK);
    struct pool_admission_counts counts = pool_admission_counts(gate);
    assert_int_equal(counts.entered, 3);
    assert_int_equal(counts.left, 3);
    assert_int_equal(counts.inside, 0);
    assert_int_equal(counts.peak, 2);
    assert_int_equal(counts.no_room, 1);
    assert_int_equal(counts.too_fast, 1);
    pool_admission_destroy(gate);
}

/* Two inside who stay 600 ms: one leaves each 300 ms. */
static void the_hint_for_room_follows_littles_law(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 1000, 2);
    struct pool_admission_pass a, b;
    for (int i = 0; i < 100; i++) {
        assert_status(pool_admission_enter(gate, &a), POOL_OK);
        assert_status(pool_admission_enter(gate, &b), POOL_OK);
        pass_time(&time, 600 * MS);
        assert_status(pool_admission_leave(gate, &a), POOL_OK);
        assert_status(pool_admission_leave(gate, &b), POOL_OK);
    }
    assert_status(pool_admission_enter(gate, &a), POOL_OK);
    assert_status(pool_admission_enter(gate, &b), POOL_OK);
    for (int i = 0; i < 20; i++)
        assert_refused(gate, POOL_ADMISSION_NO_ROOM, 300 * MS);
    pass_time(&time, 1400 * MS); /* both stayed longer: an eighth of the news */
    assert_status(pool_admission_leave(gate, &a), POOL_OK);
    assert_status(pool_admission_enter(gate, &a), POOL_OK);
    assert_refused(gate, POOL_ADMISSION_NO_ROOM, (600 - 75 + 175) / 2 * MS);
    pool_admission_destroy(gate);
}

static void without_room_and_without_a_token_the_later_hint_counts(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 1, 1);
    struct pool_admission_pass pass;
    assert_status(pool_admission_enter(gate, &pass), POOL_OK);
    assert_status(pool_admission_leave(gate, &pass), POOL_OK); /* stayed 0 ns */
    pass_time(&time, 100 * MS);
    assert_status(pool_admission_enter(gate, &pass), POOL_OK);
    assert_refused(gate, POOL_ADMISSION_NO_ROOM, 100 * MS); /* the token decides */
    pass_time(&time, 100 * MS);
    assert_refused(gate, POOL_ADMISSION_NO_ROOM, 1); /* a token is there, and stays are short */
    pool_admission_destroy(gate);
}

/* Whoever is refused in one moment must not come back in one: 100 refusals, their hints over 10 slices. */
static void hints_are_spread_and_repeat_with_the_seed(void **state)
{
    (void)state;
    struct test_clock time;
    uint64_t first[100];
    for (int run = 0; run < 2; run++) {
        struct pool_admission *gate = make(&time, 1, 1);
        struct pool_admission_pass inside, refused;
        int slices[10] = {0};
        assert_status(pool_admission_enter(gate, &inside), POOL_OK);
        for (int i = 0; i < 100; i++) {
            assert_status(pool_admission_enter(gate, &refused), POOL_REJECTED);
            slices[(refused.retry_after - POOL_SECOND) * 10 / (POOL_SECOND + 1)]++;
            if (run == 0)
                first[i] = refused.retry_after;
            assert_int_equal(refused.retry_after, first[i]);
        }
        for (int i = 0; i < 10; i++)
            assert_in_range(slices[i], 1, 30);
        pool_admission_destroy(gate);
    }
}

/* X20 from the other side: 100 a second that stay 30 s would be 3,000; here they are 200, and told so. */
static void slow_requests_do_not_pile_up(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate;
    struct pool_admission_pass passes[200];
    test_clock_init(&time);
    struct pool_admission_options options = {
        .tokens = 100, .period = POOL_SECOND, .burst = 20, .limit = 200, .clock = &time.clock};
    assert_status(pool_admission_create(&gate, &options), POOL_OK);
    int entered = 0;
    for (int tick = 0; tick < 3000; tick++, pass_time(&time, 10 * MS)) {
        struct pool_admission_pass pass;
        if (pool_admission_enter(gate, &pass) == POOL_OK)
            passes[entered++] = pass;
    }
    struct pool_admission_counts counts = pool_admission_counts(gate);
    assert_int_equal(counts.inside, 200);
    assert_int_equal(counts.no_room, 2800);
    while (entered > 0)
        assert_status(pool_admission_leave(gate, &passes[--entered]), POOL_OK);
    pool_admission_destroy(gate);
}

static void a_request_leaves_once(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 5, 5);
    struct pool_admission_pass pass;
    assert_status(pool_admission_enter(gate, &pass), POOL_OK);
    pass_time(&time, -(uint64_t)MS); /* even if the clock steps back */
    assert_status(pool_admission_leave(gate, &pass), POOL_OK);
    assert_status(pool_admission_leave(gate, &pass), POOL_INVALID);
    assert_int_equal(pool_admission_counts(gate).inside, 0);
    assert_int_equal(pool_admission_counts(gate).left, 1);
    pool_admission_destroy(gate);
}

static void a_closed_gate_lets_out_and_not_in(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 5, 5);
    struct pool_admission_pass inside, late;
    assert_status(pool_admission_enter(gate, &inside), POOL_OK);
    assert_status(pool_admission_close(gate), POOL_OK);
    assert_status(pool_admission_close(gate), POOL_OK);
    assert_status(pool_admission_enter(gate, &late), POOL_STOPPED);
    assert_false(late.inside);
    assert_status(pool_admission_leave(gate, &inside), POOL_OK);
    assert_int_equal(pool_admission_counts(gate).closed, 1);
    pool_admission_destroy(gate);
}

static void a_drain_gives_up_at_its_deadline(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 5, 5);
    struct pool_admission_pass inside;
    struct timespec past = long_ago(), wrong = {.tv_nsec = 1000000000};
    unsigned left = 99;
    assert_status(pool_admission_enter(gate, &inside), POOL_OK);
    assert_status(pool_admission_drain(gate, &wrong, &left), POOL_INVALID);
    assert_status(pool_admission_drain(gate, &past, &left), POOL_TIMED_OUT);
    assert_int_equal(left, 1);
    assert_status(pool_admission_leave(gate, &inside), POOL_OK);
    assert_status(pool_admission_drain(gate, &past, &left), POOL_OK);
    assert_int_equal(left, 0);
    assert_status(pool_admission_drain(gate, &past, NULL), POOL_OK);
    pool_admission_destroy(gate);
}

struct drainer {
    struct pool_admission *gate;
    enum pool_status status;
};

static void *drain(void *arg)
{
    struct drainer *drainer = arg;
    struct timespec deadline = far_away();
    drainer->status = pool_admission_drain(drainer->gate, &deadline, NULL);
    return NULL;
}

static void a_drain_returns_when_the_last_has_left(void **state)
{
    (void)state;
    struct test_clock time;
    struct drainer drainer = {make(&time, 5, 5), POOL_FAILED};
    struct pool_admission_pass a, b, probe;
    pthread_t thread;
    assert_status(pool_admission_enter(drainer.gate, &a), POOL_OK);
    assert_status(pool_admission_enter(drainer.gate, &b), POOL_OK);
    assert_int_equal(pthread_create(&thread, NULL, drain, &drainer), 0);
    pass_time(&time, POOL_SECOND);
    while (pool_admission_enter(drainer.gate, &probe) != POOL_STOPPED) { /* until the drain has closed it */
        if (probe.inside)
            assert_status(pool_admission_leave(drainer.gate, &probe), POOL_OK);
        sched_yield();
    }
    assert_status(pool_admission_leave(drainer.gate, &a), POOL_OK);
    assert_status(pool_admission_leave(drainer.gate, &b), POOL_OK);
    pthread_join(thread, NULL);
    assert_int_equal(drainer.status, POOL_OK);
    pool_admission_destroy(drainer.gate);
}

static void *pass_through(void *arg)
{
    struct pool_admission *gate = arg;
    for (int i = 0; i < 500; i++) {
        struct pool_admission_pass pass;
        if (pool_admission_enter(gate, &pass) == POOL_OK) {
            sched_yield();
            (void)pool_admission_leave(gate, &pass);
        }
    }
    return NULL;
}

static void many_threads_never_exceed_the_limit(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate = make(&time, 10000, 2);
    crew_run(pass_through, gate);
    struct pool_admission_counts counts = pool_admission_counts(gate);
    assert_in_range(counts.peak, 1, 2);
    assert_int_equal(counts.inside, 0);
    assert_int_equal(counts.entered, counts.left);
    assert_int_equal(counts.entered + counts.no_room, CREW * 500);
    pool_admission_destroy(gate);
}

static void a_retry_after_is_in_whole_seconds(void **state)
{
    (void)state;
    assert_int_equal(pool_admission_seconds(0), 1);
    assert_int_equal(pool_admission_seconds(1), 1);
    assert_int_equal(pool_admission_seconds(POOL_SECOND), 1);
    assert_int_equal(pool_admission_seconds(POOL_SECOND + 1), 2);
    assert_true(pool_admission_seconds(UINT64_MAX) == UINT64_MAX / POOL_SECOND + 1);
}

static void a_hint_beyond_counting_stays_the_longest(void **state)
{
    (void)state;
    struct pool_admission *gate;
    struct pool_admission_pass inside, refused;
    struct pool_admission_options options = {
        .tokens = 1, .period = 1, .burst = 1, .limit = 1, .hint = UINT64_MAX, .seed = 1};
    assert_status(pool_admission_create(&gate, &options), POOL_OK);
    assert_status(pool_admission_enter(gate, &inside), POOL_OK);
    assert_status(pool_admission_enter(gate, &refused), POOL_REJECTED);
    assert_true(refused.retry_after == UINT64_MAX);
    pool_admission_destroy(gate);
    options.limit = 2;
    assert_status(pool_admission_create(&gate, &options), POOL_OK); /* limit * hint as well */
    pool_admission_destroy(gate);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_admission *gate;
    struct pool_admission_pass pass;
    struct timespec deadline = far_away();
    static const struct pool_admission_options wrong[] = {
        {.period = 1, .burst = 1, .limit = 1},
        {.tokens = 1, .burst = 1, .limit = 1},
        {.tokens = 1, .period = 1, .limit = 1},
        {.tokens = 1, .period = 1, .burst = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gate = (struct pool_admission *)&time;
        assert_status(pool_admission_create(&gate, &wrong[i]), POOL_INVALID);
        assert_null(gate);
    }
    assert_status(pool_admission_create(&gate, NULL), POOL_INVALID);
    assert_status(pool_admission_create(NULL, &wrong[0]), POOL_INVALID);
    gate = make(&time, 1, 1);
    assert_status(pool_admission_enter(NULL, &pass), POOL_INVALID);
    assert_status(pool_admission_enter(gate, NULL), POOL_INVALID);
    assert_status(pool_admission_leave(NULL, &pass), POOL_INVALID);
    assert_status(pool_admission_leave(gate, NULL), POOL_INVALID);
    assert_status(pool_admission_close(NULL), POOL_INVALID);
    assert_status(pool_admission_drain(NULL, &deadline, NULL), POOL_INVALID);
    assert_status(pool_admission_drain(gate, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_admission_counts(NULL).entered, 0);
    pool_admission_destroy(gate);
    pool_admission_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_admission_options options = {.tokens = 1, .period = 1, .burst = 1, .limit = 1};
    return pool_admission_create((struct pool_admission **)made, &options);
}

static void destroy_one(void *made)
{
    pool_admission_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(room_and_rate_each_refuse_on_their_own),
        CASE(the_hint_for_room_follows_littles_law),
        CASE(without_room_and_without_a_token_the_later_hint_counts),
        CASE(hints_are_spread_and_repeat_with_the_seed),
        CASE(slow_requests_do_not_pile_up),
        CASE(a_request_leaves_once),
        CASE(a_closed_gate_lets_out_and_not_in),
        CASE(a_drain_gives_up_at_its_deadline),
        CASE(a_drain_returns_when_the_last_has_left),
        CASE(many_threads_never_exceed_the_limit),
        CASE(a_retry_after_is_in_whole_seconds),
        CASE(a_hint_beyond_counting_stays_the_longest),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: admission", cases, NULL, NULL);
}
