/* test_timeline.c - the record of an incident's run, and lines of an objective held against it. */
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

static const char record[] = "series submitted depth\n"
                             "log 0.100 service up\n"
                             "row 0 10 3\n"
                             "event 1.250 resize 4 to 8 workers\n"
                             "row 1 30 9\n"
                             "file 1.900 dump worker 0 sleeps\n"
                             "row 2 90 4\n"
                             "ledger submitted 90 completed 80 failed 1 rejected 2 cancelled 3 discarded 4 "
                             "unanswered 0\n"
                             "memory left 0 blocks 0 pc 0\n"
                             "threads 0\n"
                             "end done 3.000\n";

static void test_everything_is_read(void **state)
{
    (void)state;
    struct timeline *t = timeline_read(NULL, record);

    assert_int_equal(t->series_count, 2);
    assert_string_equal(t->series[1], "depth");
    assert_int_equal(t->row_count, 3);
    assert_true(timeline_value(t, 1, timeline_series(t, "depth")) == 9);
    assert_int_equal(t->event_count, 1);
    assert_string_equal(t->events[0].kind, "resize");
    assert_string_equal(t->events[0].text, "4 to 8 workers");
    assert_int_equal(t->line_count, 2);
    assert_string_equal(t->lines[0].file, "log");
    assert_string_equal(t->lines[1].file, "dump");
    assert_string_equal(t->lines[1].text, "worker 0 sleeps");
    assert_int_equal(t->ledger.discarded, 4);
    assert_int_equal(t->end, END_DONE);
    assert_true(t->end_second == 3);
    talloc_free(t);
}

static void test_nonsense_is_left_out(void **state)
{
    (void)state;
    static const char odd[] = "row 0 1 2\n" /* before any series */
                              "\n"
                              "rowdy 1\n"
                              "series a b\n"
                              "series c\n" /* only the first counts */
                              "row 0 1\n"  /* too short */
                              "row 1 1 2 3 4\n"
                              "row x y z\n"
                              "event\n"
                              "end sometime 4\n"
                              "row 9"; /* no end of line */
    struct timeline *t = timeline_read(NULL, odd);

    assert_int_equal(t->series_count, 2);
    assert_int_equal(t->row_count, 4);
    assert_true(timeline_value(t, 0, 1) == 0);
    assert_true(timeline_value(t, 1, 1) == 2);
    assert_true(timeline_value(t, 1, timeline_series(t, "none")) == 0);
    assert_true(timeline_value(t, 100, 0) == 0);
    assert_int_equal(t->end, END_NOT_TOLD);
    talloc_free(t);
}

/* --- lines ---------------------------------------------------------------------------------------------- */

/* A timeline of one series with these values. */
static struct timeline *of(const double *values, size_t count, enum timeline_end end)
{
    struct timeline *t = timeline_new(NULL);
    char line[64];

    timeline_add(t, "series v");
    for (size_t i = 0; i < count; i++) {
        snprintf(line, sizeof line, "row %zu %g", i, values[i]);
        timeline_add(t, line);
    }
    t->end = end;
    return t;
}

struct line_case {
    const char *name;
    enum slo_fold fold;
    int at_least;
    double limit;
    unsigned from, to;
    enum timeline_end end;
    /* expected */
    int holds, known;
    double value, wrong_since;
};

#define AT_MOST(n)  0, n
#define AT_LEAST(n) 1, n

/* of 1 5 2 8 8 3 */
/* clang-format off: a table is read by its columns */
static const struct line_case line_cases[] = {
    {"the most, held", FOLD_MOST, AT_MOST(8), 0, 0, END_DONE, 1, 1, 8, -1},
    {"the most, broken", FOLD_MOST, AT_MOST(4), 0, 0, END_DONE, 0, 1, 8, 1},
    {"broken only outside", FOLD_MOST, AT_MOST(5), 0, 3, END_DONE, 1, 1, 5, -1},
    {"broken inside", FOLD_MOST, AT_MOST(7), 3, 5, END_DONE, 0, 1, 8, 3},
    {"the most, reached", FOLD_MOST, AT_LEAST(8), 0, 0, END_DONE, 1, 1, 8, -1},
    {"the most, not reached", FOLD_MOST, AT_LEAST(9), 0, 0, END_DONE, 0, 1, 8, 0},
    {"the least, held", FOLD_LEAST, AT_LEAST(1), 0, 0, END_DONE, 1, 1, 1, -1},
    {"the least, broken", FOLD_LEAST, AT_LEAST(2), 0, 0, END_DONE, 0, 1, 1, 0},
    {"on average", FOLD_MEAN, AT_MOST(4.5), 0, 0, END_DONE, 1, 1, 4.5, -1},
    {"on average, too much", FOLD_MEAN, AT_MOST(4.4), 0, 0, END_DONE, 0, 1, 4.5, 4},
    {"at the end", FOLD_LAST, AT_MOST(3), 0, 0, END_DONE, 1, 1, 3, -1},
    {"at the end, too much", FOLD_LAST, AT_MOST(2), 0, 0, END_DONE, 0, 1, 3, 3},
    {"growth", FOLD_GROWTH, AT_LEAST(6), 3, 5, END_DONE, 1, 1, 6, -1},
    {"growth, too little", FOLD_GROWTH, AT_LEAST(7), 3, 5, END_DONE, 0, 1, 6, 3},
    {"killed, but broken", FOLD_MOST, AT_MOST(4), 0, 0, END_KILLED, 0, 1, 8, 1},
    {"killed, and not broken", FOLD_MOST, AT_MOST(8), 0, 0, END_KILLED, 0, 0, 8, -1},
    {"killed behind the span", FOLD_MOST, AT_MOST(8), 0, 4, END_KILLED, 1, 1, 8, -1},
    {"killed before the span", FOLD_MOST, AT_MOST(8), 60, 90, END_KILLED, 0, 0, 0, -1},
    {"killed within the span", FOLD_LEAST, AT_LEAST(1), 2, 90, END_KILLED, 0, 0, 2, -1},
};
/* clang-format on */

static void test_lines(void **state)
{
    static const double values[] = {1, 5, 2, 8, 8, 3};
    (void)state;

    for (size_t i = 0; i < sizeof line_cases / sizeof line_cases[0]; i++) {
        const struct line_case *c = &line_cases[i];
        char series[] = "v";
        struct timeline *t = of(values, 6, c->end);
        struct slo slo = {.rule = SLO_SERIES, .fold = c->fold, .series = series, .at_least = c->at_least};
        slo.limit = c->limit;
        slo.from = c->from;
        slo.to = c->to;
        struct slo_finding found = slo_hold(&slo, t);
        if (found.holds != c->holds || found.known != c->known || found.value != c->value ||
            found.wrong_since != c->wrong_since)
            fail_msg("%s: holds %d known %d value %g since %g", c->name, found.holds, found.known,
                     found.value, found.wrong_since);
        talloc_free(t);
    }
}

/* 2 a second, and 100 more in the seconds from 70 on: the worst minute has both. */
static void test_the_worst_minute(void **state)
{
    (void)state;
    double values[200];
    char series[] = "v";
    struct slo slo = {.rule = SLO_SERIES, .fold = FOLD_PER_MINUTE, .series = series, .limit = 219};

    for (int i = 0; i < 200; i++)
        values[i] = 2.0 * (i + 1) + (i >= 70 ? 100 : 0);
    struct timeline *t = of(values, 200, END_DONE);
    struct slo_finding found = slo_hold(&slo, t);
    assert_true(found.value == 220);
    assert_false(found.holds);
    assert_true(found.wrong_since == 70);
    slo.limit = 220;
    assert_true(slo_hold(&slo, t).holds);
    talloc_free(t);
}

static void test_the_run_as_a_whole(void **state)
{
    (void)state;
    struct timeline *t = timeline_read(NULL, record);
    struct slo ledger = {.rule = SLO_LEDGER}, census = {.rule = SLO_CENSUS}, memory = {.rule = SLO_MEMORY};

    assert_true(slo_hold(&ledger, t).holds);
    assert_true(slo_hold(&census, t).holds);
    assert_true(slo_hold(&memory, t).holds);
    t->ledger.unanswered = 1;
    t->threads_left = 1;
    t->memory_left = 16;
    assert_false(slo_hold(&ledger, t).holds);
    assert_false(slo_hold(&census, t).holds);
    assert_false(slo_hold(&memory, t).holds);
    t->end = END_KILLED;
    assert_false(slo_hold(&ledger, t).known);
    talloc_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_read),
        cmocka_unit_test(test_nonsense_is_left_out),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_the_worst_minute),
        cmocka_unit_test(test_the_run_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
