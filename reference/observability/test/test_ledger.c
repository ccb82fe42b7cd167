/* test_ledger.c - the balance, what goes down, and the book: by hand, by random histories, and of a real
 * pool.
 *
 * test_ledger SEED repeats the random part of a run.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "watch_test.h"

#include "faults.h"
#include "ledger.h"

static uint64_t seed;

/* --- the sum ----------------------------------------------------------------------------------------------
 */

static void names(void **state)
{
    (void)state;
    assert_string_equal(pool_entry_name(POOL_ENTRY_SUBMITTED), "submitted");
    assert_string_equal(pool_entry_name(POOL_ENTRY_RUNNING), "running");
    assert_string_equal(pool_entry_name(POOL_ENTRIES), "no entry");
    assert_string_equal(pool_entry_name((enum pool_entry) - 1), "no entry");
}

static void a_ledger_balances_or_tells_its_gap(void **state)
{
    (void)state;
    struct pool_ledger ledger = {28, 1, 2, 3, 4, 5, 6, 7};
    long long gap = 99;
    assert_int_equal(pool_ledger_check(&ledger, &gap), POOL_OK);
    assert_int_equal(gap, 0);
    ledger.submitted += 3;
    assert_int_equal(pool_ledger_check(&ledger, &gap), POOL_FAILED);
    assert_int_equal(gap, 3);
    ledger.running += 5;
    assert_int_equal(pool_ledger_check(&ledger, &gap), POOL_FAILED);
    assert_int_equal(gap, -2);
    assert_int_equal(pool_ledger_check(&ledger, NULL), POOL_FAILED);
    assert_int_equal(pool_ledger_check(NULL, &gap), POOL_INVALID);
}

static void each_entry_counts(void **state)
{
    (void)state;
    for (size_t i = 1; i < POOL_ENTRIES; i++) {
        struct pool_ledger ledger = {.submitted = 1};
        uint64_t *fields = &ledger.submitted; /* eight of one type, in the order of the list */
        fields[i] = 1;
        assert_int_equal(pool_ledger_check(&ledger, NULL), POOL_OK);
        fields[i] = 2;
        assert_int_equal(pool_ledger_check(&ledger, NULL), POOL_FAILED);
    }
}

static void counters_that_wrapped_still_balance(void **state)
{
    (void)state;
    struct pool_ledger before = {.submitted = UINT64_MAX, .completed = UINT64_MAX - 1, .running = 1};
    struct pool_ledger now = {.submitted = 3, .completed = 2, .failed = 1};
    assert_int_equal(pool_ledger_check(&before, NULL), POOL_OK);
    assert_int_equal(pool_ledger_check(&now, NULL), POOL_OK);
    assert_int_equal(pool_ledger_follows(&before, &now, NULL), POOL_OK);
}

static void only_queued_and_running_may_go_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < POOL_ENTRIES; i++) {
        struct pool_ledger before = {5, 5, 5, 5, 5, 5, 5, 5}, now = before;
        struct pool_finding finding;
        (&now.submitted)[i] = 4;
        if (i == POOL_ENTRY_QUEUED || i == POOL_ENTRY_RUNNING) {
            assert_int_equal(pool_ledger_follows(&before, &now, &finding), POOL_OK);
            continue;
        }
        assert_int_equal(pool_ledger_follows(&before, &now, &finding), POOL_FAILED);
        assert_int_equal(finding.fault, POOL_FAULT_WENT_DOWN);
        assert_int_equal(finding.entry, i);
        assert_int_equal(finding.expected, 5);
        assert_int_equal(finding.found, 4);
        assert_int_equal(pool_ledger_follows(&before, &now, NULL), POOL_FAILED);
        assert_int_equal(pool_ledger_follows(&now, &before, NULL), POOL_OK);
    }
    struct pool_ledger ledger = {0};
    assert_int_equal(pool_ledger_follows(NULL, &ledger, NULL), POOL_INVALID);
    assert_int_equal(pool_ledger_follows(&ledger, NULL, NULL), POOL_INVALID);
}

static void findings_in_words(void **state)
{
    (void)state;
    static const struct {
        struct pool_finding finding;
        const char *text;
    } table[] = {
        {{POOL_FAULT_TWICE, POOL_ENTRY_FAILED, POOL_ENTRY_COMPLETED, 7, 0, 0},
         "task 7 is counted twice: it was completed and then failed"},
        {{POOL_FAULT_ORDER, POOL_ENTRY_RUNNING, POOL_ENTRIES, 7, 0, 0},
         "task 7 was never submitted and then running, which cannot be"},
        {{POOL_FAULT_ENTRY, POOL_ENTRY_DISCARDED, POOL_ENTRIES, 0, 3, 4}, "discarded is 4, but 3 tasks are"},
        {{POOL_FAULT_WENT_DOWN, POOL_ENTRY_REJECTED, POOL_ENTRIES, 0, 3, 2},
         "rejected went down from 3 to 2"},
        {{POOL_FAULT_BALANCE, POOL_ENTRY_SUBMITTED, POOL_ENTRIES, 0, 3, 2},
         "submitted is 2, the other entries make 3"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        char text[120], cut[8];
        assert_int_equal(pool_finding_text(text, sizeof text, &table[i].finding), strlen(table[i].text));
        assert_string_equal(text, table[i].text);
        pool_finding_text(cut, sizeof cut, &table[i].finding);
        assert_int_equal(strlen(cut), 7);
    }
}

/* --- the book ---------------------------------------------------------------------------------------------
 */

static struct pool_book *book_make(size_t tasks)
{
    struct pool_book *book;
    assert_int_equal(pool_book_create(&book, tasks), POOL_OK);
    return book;
}

static void the_book_refuses_what_is_out_of_range(void **state)
{
    (void)state;
    struct pool_book *book = (struct pool_book *)&seed;
    size_t count;
    assert_int_equal(pool_book_create(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_book_create(&book, 0), POOL_INVALID);
    assert_null(book);
    assert_int_equal(pool_book_create(&book, SIZE_MAX), POOL_INVALID);
    pool_book_destroy(NULL);
    book = book_make(2);
    assert_int_equal(pool_book_note(NULL, 0, POOL_ENTRY_SUBMITTED), POOL_INVALID);
    assert_int_equal(pool_book_note(book, 2, POOL_ENTRY_SUBMITTED), POOL_INVALID);
    assert_int_equal(pool_book_note(book, 0, POOL_ENTRY_QUEUED), POOL_INVALID);
    assert_int_equal(pool_book_note(book, 0, POOL_ENTRIES), POOL_INVALID);
    assert_int_equal(pool_book_check(NULL, NULL, NULL, 0, &count), POOL_INVALID);
    assert_int_equal(pool_book_check(book, NULL, NULL, 0, NULL), POOL_INVALID);
    assert_int_equal(pool_book_check(book, NULL, NULL, 1, &count), POOL_INVALID);
    assert_int_equal(pool_book_check(book, NULL, NULL, 0, &count), POOL_OK);
    assert_int_equal(pool_book_ledger(NULL).submitted, 0);
    pool_book_destroy(book);
}

/* Every step from every place: allowed or not, and as what it is told. */
static void a_task_can_only_go_where_tasks_go(void **state)
{
    (void)state;
    static const enum pool_entry ways[][3] = {
        {POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_REJECTED, POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_CANCELLED, POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_DISCARDED, POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_RUNNING, POOL_ENTRIES},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_RUNNING, POOL_ENTRY_COMPLETED},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_RUNNING, POOL_ENTRY_FAILED},
        {POOL_ENTRY_SUBMITTED, POOL_ENTRY_RUNNING, POOL_ENTRY_CANCELLED},
    };
    static const char *const allowed[COUNT(ways)] = {"S", "JCDR", "", "", "", "OFC", "", "", ""};
    static const char letters[POOL_ENTRIES] = {
        [POOL_ENTRY_SUBMITTED] = 'S', [POOL_ENTRY_COMPLETED] = 'O', [POOL_ENTRY_FAILED] = 'F',
        [POOL_ENTRY_REJECTED] = 'J',  [POOL_ENTRY_CANCELLED] = 'C', [POOL_ENTRY_DISCARDED] = 'D',
        [POOL_ENTRY_RUNNING] = 'R'};
    for (size_t i = 0; i < COUNT(ways); i++)
        for (size_t entry = 0; entry < POOL_ENTRIES; entry++) {
            struct pool_book *book = book_make(3);
            struct pool_finding finding = {0};
            size_t count;
            if (entry == POOL_ENTRY_QUEUED)
                goto next;
            enum pool_entry from = POOL_ENTRIES;
            for (size_t k = 0; k < 3 && ways[i][k] != POOL_ENTRIES; k++)
                assert_int_equal(pool_book_note(book, 1, from = ways[i][k]), POOL_OK);
            bool fine = strchr(allowed[i], letters[entry]) != NULL;
            assert_int_equal(pool_book_note(book, 1, (enum pool_entry)entry), fine ? POOL_OK : POOL_FAILED);
            assert_int_equal(pool_book_check(book, NULL, &finding, 1, &count), fine ? POOL_OK : POOL_FAILED);
            assert_int_equal(count, !fine);
            if (!fine) {
                assert_int_equal(finding.fault, i >= 2 && i != 5 ? POOL_FAULT_TWICE : POOL_FAULT_ORDER);
                assert_int_equal(finding.task, 1);
                assert_int_equal(finding.from, from);
                assert_int_equal(finding.entry, entry);
            }
        next:
            pool_book_destroy(book);
        }
}

static void the_first_impossible_note_is_kept(void **state)
{
    (void)state;
    struct pool_book *book = book_make(2);
    struct pool_finding finding;
    size_t count;
    pool_book_note(book, 1, POOL_ENTRY_RUNNING);
    pool_book_note(book, 0, POOL_ENTRY_COMPLETED);
    assert_int_equal(pool_book_check(book, NULL, &finding, 1, &count), POOL_FAILED);
    assert_int_equal(count, 1);
    assert_int_equal(finding.task, 1);
    pool_book_destroy(book);
}

/* --- random histories -------------------------------------------------------------------------------------
 */

enum { TASKS = 60 };

/* One task goes some way that tasks go; LEDGER is told as a pool would tell it. */
static void live(struct pool_book *book, struct pool_ledger *ledger, size_t task, uint64_t *random)
{
    static const enum pool_entry ends[] = {POOL_ENTRY_REJECTED,  POOL_ENTRY_CANCELLED, POOL_ENTRY_DISCARDED,
                                           POOL_ENTRY_COMPLETED, POOL_ENTRY_FAILED,    POOL_ENTRY_CANCELLED};
    size_t way = test_random_below(random, 9); /* 6: never submitted, 7: still waits, 8: still runs */
    if (way == 6)
        return;
    ledger->submitted++;
    assert_int_equal(pool_book_note(book, task, POOL_ENTRY_SUBMITTED), POOL_OK);
    if (way == 7) {
        ledger->queued++;
        return;
    }
    if (way == 8 || way >= 3)
        assert_int_equal(pool_book_note(book, task, POOL_ENTRY_RUNNING), POOL_OK);
    if (way == 8) {
        ledger->running++;
        return;
    }
    assert_int_equal(pool_book_note(book, task, ends[way]), POOL_OK);
    (&ledger->submitted)[ends[way]]++;
}

/* A true history balances. After one entry is changed, the check names that entry, and no other. */
static void random_histories_balance_and_one_wrong_entry_is_named(void **state)
{
    (void)state;
    uint64_t random = seed;
    for (int round = 0; round < 400; round++) {
        struct pool_book *book = book_make(TASKS);
        struct pool_ledger ledger = {0};
        struct pool_finding finding;
        size_t count;
        long long gap;
        for (size_t task = 0; task < TASKS; task++)
            live(book, &ledger, task, &random);
        assert_int_equal(pool_ledger_check(&ledger, NULL), POOL_OK);
        assert_int_equal(pool_book_check(book, &ledger, &finding, 1, &count), POOL_OK);
        struct pool_ledger books = pool_book_ledger(book);
        assert_memory_equal(&books, &ledger, sizeof ledger);

        size_t victim = test_random_below(&random, POOL_ENTRIES);
        uint64_t error = 1 + test_random_below(&random, 5), *field = &ledger.submitted + victim;
        *field += error;
        assert_int_equal(pool_ledger_check(&ledger, &gap), POOL_FAILED);
        assert_int_equal(gap, victim == POOL_ENTRY_SUBMITTED ? (long long)error : -(long long)error);
        assert_int_equal(pool_book_check(book, &ledger, &finding, 1, &count), POOL_FAILED);
        assert_int_equal(count, 1);
        assert_int_equal(finding.fault, POOL_FAULT_ENTRY);
        assert_int_equal(finding.entry, victim);
        assert_int_equal(finding.found - finding.expected, error);
        pool_book_destroy(book);
    }
}

/* One task lost and another counted twice: the sum balances, the book does not. */
static void two_errors_that_cancel_out_are_found(void **state)
{
    (void)state;
    struct pool_book *book = book_make(4);
    struct pool_finding findings[POOL_ENTRIES];
    size_t count;
    for (size_t task = 0; task < 4; task++) {
        pool_book_note(book, task, POOL_ENTRY_SUBMITTED);
        pool_book_note(book, task, task < 3 ? POOL_ENTRY_RUNNING : POOL_ENTRY_DISCARDED);
        if (task < 3)
            pool_book_note(book, task, POOL_ENTRY_COMPLETED);
    }
    struct pool_ledger claimed = {.submitted = 4, .completed = 4}; /* the discarded one as completed */
    assert_int_equal(pool_ledger_check(&claimed, NULL), POOL_OK);
    assert_int_equal(pool_book_check(book, &claimed, findings, POOL_ENTRIES, &count), POOL_FAILED);
    assert_int_equal(count, 2);
    assert_int_equal(findings[0].entry, POOL_ENTRY_COMPLETED);
    assert_int_equal(findings[1].entry, POOL_ENTRY_DISCARDED);
    assert_int_equal(pool_book_check(book, &claimed, NULL, 0, &count), POOL_FAILED);
    assert_int_equal(count, 2);
    pool_book_destroy(book);
}

/* --- a real pool ------------------------------------------------------------------------------------------
 */

struct line {
    struct pool_book *book;
    size_t task;
};

static void run_line(void *arg)
{
    struct line *line = arg;
    pool_book_note(line->book, line->task, POOL_ENTRY_RUNNING);
    pool_book_note(line->book, line->task, POOL_ENTRY_COMPLETED);
}

static void discard_line(void *arg)
{
    struct line *line = arg;
    pool_book_note(line->book, line->task, POOL_ENTRY_DISCARDED);
}

static void a_real_pool_keeps_its_ledger(void **state)
{
    (void)state;
    enum { MANY = 500 };
    struct pool_book *book = book_make(MANY);
    struct line lines[MANY];
    struct pool *pool;
    struct pool_finding finding;
    size_t count;
    struct pool_options options = {.workers = 2, .capacity = 8, .discard = discard_line};
    assert_int_equal(pool_create(&pool, &options), POOL_OK);
    struct pool_ledger before = pool_ledger_of(pool_counts(pool));
    for (size_t i = 0; i < MANY; i++) {
        lines[i] = (struct line){book, i};
        pool_book_note(book, i, POOL_ENTRY_SUBMITTED);
        if (pool_try_submit(pool, run_line, &lines[i]) != POOL_OK)
            pool_book_note(book, i, POOL_ENTRY_REJECTED);
        struct pool_ledger now = pool_ledger_of(pool_counts(pool));
        assert_int_equal(pool_ledger_check(&now, NULL), POOL_OK);
        assert_int_equal(pool_ledger_follows(&before, &now, NULL), POOL_OK);
        before = now;
    }
    pool_stop(pool);
    struct pool_ledger end = pool_ledger_of(pool_counts(pool));
    assert_int_equal(end.submitted, MANY);
    assert_int_equal(end.queued + end.running, 0);
    if (pool_book_check(book, &end, &finding, 1, &count) != POOL_OK) {
        char text[200];
        pool_finding_text(text, sizeof text, &finding);
        fail_msg("%s", text);
    }
    pool_destroy(pool);
    pool_book_destroy(book);
}

struct racer {
    struct pool_book *book;
    atomic_int wins;
};

static void *end_every_task(void *arg)
{
    struct racer *racer = arg;
    for (size_t i = 0; i < TASKS; i++)
        atomic_fetch_add(&racer->wins, pool_book_note(racer->book, i, POOL_ENTRY_COMPLETED) == POOL_OK);
    return NULL;
}

/* Two threads end the same tasks: each is counted once, and the second is caught. */
static void two_threads_cannot_end_a_task_twice(void **state)
{
    (void)state;
    struct racer racer = {.book = book_make(TASKS)};
    struct pool_finding finding;
    size_t count;
    pthread_t threads[2];
    for (size_t i = 0; i < TASKS; i++) {
        pool_book_note(racer.book, i, POOL_ENTRY_SUBMITTED);
        pool_book_note(racer.book, i, POOL_ENTRY_RUNNING);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, end_every_task, &racer), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(racer.wins, TASKS);
    assert_int_equal(pool_book_ledger(racer.book).completed, TASKS);
    assert_int_equal(pool_book_check(racer.book, NULL, &finding, 1, &count), POOL_FAILED);
    assert_int_equal(finding.fault, POOL_FAULT_TWICE);
    pool_book_destroy(racer.book);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct pool_book *book;
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_book_create(&book, 5);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(book == NULL, faults_fired());
    }
    assert_int_equal(faults.next, 2);
    pool_book_destroy(book);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest cases[] = {
        CASE(names),
        CASE(a_ledger_balances_or_tells_its_gap),
        CASE(each_entry_counts),
        CASE(counters_that_wrapped_still_balance),
        CASE(only_queued_and_running_may_go_down),
        CASE(findings_in_words),
        CASE(the_book_refuses_what_is_out_of_range),
        CASE(a_task_can_only_go_where_tasks_go),
        CASE(the_first_impossible_note_is_kept),
        CASE(random_histories_balance_and_one_wrong_entry_is_named),
        CASE(two_errors_that_cancel_out_are_found),
        CASE(a_real_pool_keeps_its_ledger),
        CASE(two_threads_cannot_end_a_task_twice),
        CASE(memory_runs_out),
    };
    seed = test_seed(argc, argv);
    return cmocka_run_group_tests_name("observability: ledger", cases, NULL, NULL);
}
