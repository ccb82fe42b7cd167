/* test_deadletter.c - the store in memory: what is kept, dropped, sent again. The file:
 * test_deadletter_file.c. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "deadletter.h"
#include "starve.h"

static struct pool_deadletter *make(struct test_clock *time, size_t items, enum pool_deadletter_full full)
{
    struct pool_deadletter *dead;
    test_clock_init(time);
    struct pool_deadletter_options options = {.items = items, .full = full, .clock = &time->clock};
    assert_status(pool_deadletter_create(&dead, &options), POOL_OK);
    return dead;
}

static void put(struct pool_deadletter *dead, uint64_t wanted)
{
    uint64_t id = 0;
    struct pool_deadletter_item item = {
        .reason = "timeout", .attempts = 3, .payload = "to=anna", .size = sizeof "to=anna"};
    assert_status(pool_deadletter_put(dead, &item, &id), POOL_OK);
    assert_int_equal(id, wanted);
}

/* The numbers that are kept, as digits. */
static void assert_kept(struct pool_deadletter *dead, const char *wanted)
{
    struct pool_deadletter_item *copy;
    uint64_t after = 0;
    for (; *wanted; wanted++) {
        assert_status(pool_deadletter_next(dead, after, &copy), POOL_OK);
        assert_int_equal(copy->id, *wanted - '0');
        after = copy->id;
        free(copy);
    }
    assert_status(pool_deadletter_next(dead, after, &copy), POOL_EMPTY);
    assert_null(copy);
}

static void assert_balance(struct pool_deadletter *dead)
{
    struct pool_deadletter_counts now = pool_deadletter_counts(dead);
    assert_int_equal(now.found + now.put, now.kept + now.sent + now.removed + now.dropped);
}

static void a_letter_is_a_copy_with_its_story(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 10, POOL_DEADLETTER_REFUSE);
    char reason[] = "no route", payload[] = {1, 0, '\n', -1};
    struct pool_deadletter_item item = {.reason = reason, .attempts = 7, .payload = payload, .size = 4},
                                *copy;
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_OK);
    memset(reason, 'x', 8);
    memset(payload, 'x', 4);
    assert_status(pool_deadletter_next(dead, 0, &copy), POOL_OK);
    assert_int_equal(copy->id, 1);
    assert_int_equal(copy->at, 1000 * POOL_SECOND);
    assert_int_equal(copy->attempts, 7);
    assert_string_equal(copy->reason, "no route");
    assert_int_equal(copy->size, 4);
    assert_memory_equal(copy->payload, "\1\0\n\377", 4);
    free(copy);
    assert_status(pool_deadletter_put(dead, &(struct pool_deadletter_item){0}, NULL), POOL_OK);
    assert_status(pool_deadletter_next(dead, 1, &copy), POOL_OK);
    assert_string_equal(copy->reason, ""); /* nothing at all is fine as well */
    assert_null(copy->payload);
    free(copy);
    pool_deadletter_destroy(dead);
}

static void a_full_store_refuses(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 2, POOL_DEADLETTER_REFUSE);
    struct pool_deadletter_item item = {.reason = "x"};
    uint64_t id = 99;
    put(dead, 1);
    put(dead, 2);
    assert_status(pool_deadletter_put(dead, &item, &id), POOL_FULL);
    assert_int_equal(id, 99);
    assert_kept(dead, "12");
    assert_int_equal(pool_deadletter_counts(dead).refused, 1);
    assert_status(pool_deadletter_remove(dead, 1), POOL_OK);
    assert_status(pool_deadletter_remove(dead, 1), POOL_EMPTY);
    put(dead, 3);
    assert_kept(dead, "23");
    assert_status(pool_deadletter_compact(dead), POOL_OK); /* without a file: nothing to do */
    assert_balance(dead);
    pool_deadletter_destroy(dead);
}

static void or_drops_the_oldest_and_counts_it(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 2, POOL_DEADLETTER_DROP_OLDEST);
    for (uint64_t id = 1; id <= 5; id++)
        put(dead, id);
    assert_kept(dead, "45");
    assert_int_equal(pool_deadletter_counts(dead).dropped, 3);
    assert_balance(dead);
    pool_deadletter_destroy(dead);
}

/* --- replay --------------------------------------------------------------------------------------------- */

struct post {
    struct pool_deadletter *dead;
    char seen[20];
    unsigned attempts;
    const char *bad; /* the digits of those that fail */
    enum pool_status inner, remove, next;
};

static enum pool_status send_letter(const struct pool_deadletter_item *item, void *context)
{
    struct post *post = context;
    char digit = (char)('0' + item->id);
    strncat(post->seen, &digit, 1);
    post->attempts = item->attempts;
    return strchr(post->bad, digit) ? POOL_FAILED : POOL_OK;
}

static void a_replay_sends_the_oldest_first_and_keeps_what_fails(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 10, POOL_DEADLETTER_REFUSE);
    struct pool_deadletter_outcome outcome;
    struct post post = {.bad = "2"};
    struct pool_deadletter_item *copy;
    for (uint64_t id = 1; id <= 5; id++)
        put(dead, id);
    pass_time(&time, POOL_SECOND);
    assert_status(pool_deadletter_replay(dead, 3, send_letter, &post, &outcome), POOL_OK);
    assert_string_equal(post.seen, "123");
    assert_int_equal(outcome.sent, 2);
    assert_int_equal(outcome.failed, 1);
    assert_kept(dead, "245");
    assert_status(pool_deadletter_next(dead, 0, &copy), POOL_OK);
    assert_int_equal(copy->attempts, 4);
    assert_int_equal(copy->at, 1001 * POOL_SECOND);
    free(copy);
    post.bad = "";
    assert_status(pool_deadletter_replay(dead, SIZE_MAX, send_letter, &post, NULL), POOL_OK);
    assert_string_equal(post.seen, "123245");
    assert_status(pool_deadletter_replay(dead, SIZE_MAX, send_letter, &post, &outcome), POOL_OK);
    assert_int_equal(outcome.sent + outcome.failed, 0);
    assert_int_equal(pool_deadletter_counts(dead).sent, 5);
    assert_balance(dead);
    pool_deadletter_destroy(dead);
}

/* From inside: what is in hand is nobody else's; what is put now is not this replay's business. */
static enum pool_status meddle(const struct pool_deadletter_item *item, void *context)
{
    struct post *post = context;
    struct post other = {.bad = ""};
    struct pool_deadletter_item fresh = {.reason = "again"};
    post->remove = pool_deadletter_remove(post->dead, item->id);
    post->inner = pool_deadletter_put(post->dead, &fresh, NULL);
    post->next = pool_deadletter_replay(post->dead, 1, send_letter, &other, NULL);
    strcat(post->seen, other.seen);
    return POOL_FAILED;
}

static void what_is_in_hand_is_let_alone(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 2, POOL_DEADLETTER_DROP_OLDEST);
    struct pool_deadletter_outcome outcome;
    struct post post = {.dead = dead};
    put(dead, 1);
    put(dead, 2);
    assert_status(pool_deadletter_replay(dead, SIZE_MAX, meddle, &post, &outcome), POOL_OK);
    assert_status(post.remove, POOL_REJECTED);
    assert_status(post.inner, POOL_OK);
    assert_status(post.next, POOL_OK);
    assert_string_equal(post.seen, "3"); /* 2 was dropped for 3, though 1 is older; the inner replay sent 3 */
    assert_int_equal(outcome.failed, 1); /* and the outer one did not meet it */
    assert_kept(dead, "1");
    assert_balance(dead);
    pool_deadletter_destroy(dead);
}

static enum pool_status send_and_put(const struct pool_deadletter_item *item, void *context)
{
    struct post *post = context;
    struct pool_deadletter_item fresh = {.reason = "one more"};
    post->inner = pool_deadletter_put(post->dead, &fresh, NULL);
    return send_letter(item, context);
}

static void a_replay_ends_though_new_ones_keep_coming(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 20, POOL_DEADLETTER_REFUSE);
    struct post post = {.dead = dead, .bad = ""};
    put(dead, 1);
    put(dead, 2);
    assert_status(pool_deadletter_replay(dead, 9, send_and_put, &post, NULL), POOL_OK);
    assert_string_equal(post.seen, "12");
    assert_kept(dead, "34");
    pool_deadletter_destroy(dead);
}

static void a_store_all_in_hand_is_full(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 1, POOL_DEADLETTER_DROP_OLDEST);
    struct post post = {.dead = dead};
    put(dead, 1);
    assert_status(pool_deadletter_replay(dead, 1, meddle, &post, NULL), POOL_OK);
    assert_status(post.inner, POOL_FULL);
    assert_string_equal(post.seen, "");
    assert_int_equal(pool_deadletter_counts(dead).in_hand, 0);
    pool_deadletter_destroy(dead);
}

/* --- threads and edges ---------------------------------------------------------------------------------- */

static enum pool_status count_letter(const struct pool_deadletter_item *item, void *context)
{
    atomic_int *times = context;
    return atomic_fetch_add(&times[item->id], 1) == 0 ? POOL_OK : POOL_FAILED;
}

struct crowd {
    struct pool_deadletter *dead;
    atomic_int times[CREW * 200 + 1];
};

static void *put_and_replay(void *arg)
{
    struct crowd *crowd = arg;
    struct pool_deadletter_item item = {.reason = "x", .payload = "y", .size = 1};
    for (int i = 0; i < 200; i++) {
        if (pool_deadletter_put(crowd->dead, &item, NULL) != POOL_OK)
            abort();
        if (i % 3 == 0)
            pool_deadletter_replay(crowd->dead, 5, count_letter, crowd->times, NULL);
    }
    return NULL;
}

static void many_threads_send_each_letter_once(void **state)
{
    (void)state;
    struct test_clock time;
    struct crowd crowd = {.dead = make(&time, CREW * 200, POOL_DEADLETTER_REFUSE)};
    crew_run(put_and_replay, &crowd);
    pool_deadletter_replay(crowd.dead, SIZE_MAX, count_letter, crowd.times, NULL);
    for (int id = 1; id <= CREW * 200; id++)
        assert_int_equal(crowd.times[id], 1);
    assert_int_equal(pool_deadletter_counts(crowd.dead).kept, 0);
    assert_balance(crowd.dead);
    pool_deadletter_destroy(crowd.dead);
}

static void attempts_stop_at_the_largest(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead = make(&time, 1, POOL_DEADLETTER_REFUSE);
    struct pool_deadletter_item item = {.attempts = UINT32_MAX - 1};
    struct post post = {.bad = "1"};
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_OK);
    for (int i = 0; i < 3; i++)
        assert_status(pool_deadletter_replay(dead, 1, send_letter, &post, NULL), POOL_OK);
    assert_int_equal(post.attempts, UINT32_MAX);
    pool_deadletter_destroy(dead);
}

static void without_a_clock_it_asks_for_the_time_of_day(void **state)
{
    (void)state;
    struct pool_deadletter *dead;
    struct pool_deadletter_options options = {.items = 1};
    struct pool_deadletter_item *copy;
    assert_status(pool_deadletter_create(&dead, &options), POOL_OK);
    put(dead, 1);
    assert_status(pool_deadletter_next(dead, 0, &copy), POOL_OK);
    assert_true(copy->at > 40 * 365 * 24 * 3600 * POOL_SECOND); /* 2010 or later, which no uptime is */
    free(copy);
    pool_deadletter_destroy(dead);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_deadletter *dead;
    struct pool_deadletter_item *copy, item = {.reason = "x"};
    char *reason = calloc(1, POOL_DEADLETTER_MOST_REASON + 2);
    static const struct pool_deadletter_options wrong[] = {
        {.items = 0},
        {.items = 1, .full = (enum pool_deadletter_full)2},
        {.items = 1, .safety = (enum pool_deadletter_safety)2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        dead = (struct pool_deadletter *)&time;
        assert_status(pool_deadletter_create(&dead, &wrong[i]), POOL_INVALID);
        assert_null(dead);
    }
    assert_status(pool_deadletter_create(&dead, NULL), POOL_INVALID);
    assert_status(pool_deadletter_create(NULL, &wrong[0]), POOL_INVALID);
    dead = make(&time, 1, POOL_DEADLETTER_REFUSE);
    assert_status(pool_deadletter_put(NULL, &item, NULL), POOL_INVALID);
    assert_status(pool_deadletter_put(dead, NULL, NULL), POOL_INVALID);
    item.size = 1; /* of nothing */
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_INVALID);
    item.payload = "";
    item.size = POOL_DEADLETTER_MOST_BYTES + 1;
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_INVALID);
    item.size = 0;
    item.reason = memset(reason, 'x', POOL_DEADLETTER_MOST_REASON + 1);
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_INVALID);
    reason[POOL_DEADLETTER_MOST_REASON] = '\0';
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_OK);
    assert_status(pool_deadletter_replay(NULL, 1, send_letter, NULL, NULL), POOL_INVALID);
    assert_status(pool_deadletter_replay(dead, 1, NULL, NULL, NULL), POOL_INVALID);
    assert_status(pool_deadletter_replay(dead, 0, send_letter, NULL, NULL), POOL_OK);
    assert_status(pool_deadletter_remove(NULL, 1), POOL_INVALID);
    assert_status(pool_deadletter_next(NULL, 0, &copy), POOL_INVALID);
    assert_status(pool_deadletter_next(dead, 0, NULL), POOL_INVALID);
    assert_status(pool_deadletter_compact(NULL), POOL_INVALID);
    assert_int_equal(pool_deadletter_counts(NULL).kept, 0);
    pool_deadletter_destroy(dead);
    pool_deadletter_destroy(NULL);
    free(reason);
}

static enum pool_status create_one(void **made)
{
    struct pool_deadletter_options options = {.items = 1};
    return pool_deadletter_create((struct pool_deadletter **)made, &options);
}

static void destroy_one(void *made)
{
    pool_deadletter_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct test_clock time;
    assert_survives_hunger(create_one, destroy_one);
    struct pool_deadletter *dead = make(&time, 2, POOL_DEADLETTER_REFUSE);
    struct pool_deadletter_item item = {.reason = "x"}, *copy;
    starve.counting = true;
    starve.allowed = 0;
    assert_status(pool_deadletter_put(dead, &item, NULL), POOL_NO_MEMORY);
    starve.counting = false;
    put(dead, 1);
    starve.counting = true;
    starve.allowed = 0;
    assert_status(pool_deadletter_next(dead, 0, &copy), POOL_NO_MEMORY);
    starve.counting = false;
    assert_null(copy);
    pool_deadletter_destroy(dead);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_letter_is_a_copy_with_its_story), CASE(a_full_store_refuses),
        CASE(or_drops_the_oldest_and_counts_it), CASE(a_replay_sends_the_oldest_first_and_keeps_what_fails),
        CASE(what_is_in_hand_is_let_alone),      CASE(a_replay_ends_though_new_ones_keep_coming),
        CASE(a_store_all_in_hand_is_full),       CASE(many_threads_send_each_letter_once),
        CASE(attempts_stop_at_the_largest),      CASE(without_a_clock_it_asks_for_the_time_of_day),
        CASE(what_cannot_be_is_refused),         CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: deadletter", cases, NULL, NULL);
}
