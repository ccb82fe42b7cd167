/* test_explore.c - the explorer's own parts: the minimiser, replay, the story, and that none of it depends on
 * how many servers there are.
 *
 * The programs are those of grader/test/explore/tiny, each compiled once into a folder of its own.
 */
#include "base/file.h"
#include "explore/explore.h"
#include "explore/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

/* --- programs ------------------------------------------------------------------------------------------- */

struct lab {
    void *mem;
    char folder[32];
    char root[4096];
};

static int open_lab(void **state)
{
    struct lab *lab = talloc_zero(NULL, struct lab);

    lab->mem = lab;
    snprintf(lab->folder, sizeof lab->folder, "/tmp/explore.XXXXXX");
    *state = lab;
    return mkdtemp(lab->folder) && getcwd(lab->root, sizeof lab->root) ? 0 : -1;
}

static int close_lab(void **state)
{
    struct lab *lab = *state;

    path_remove(lab->folder);
    talloc_free(lab);
    return 0;
}

static struct explore_target compiled(struct lab *lab, const char *name)
{
    struct explore_target target = {.hash = "0123abcd4567890"};
    char *source = talloc_asprintf(lab, "%s/grader/test/explore/tiny/%s.c", lab->root, name);
    struct error err = {0};

    target.binary = talloc_asprintf(lab, "%s/%s", lab->folder, name);
    if (!file_exists(target.binary) && explore_compile(lab, lab->root, (const char *const[]){source, NULL},
                                                       NULL, 0, target.binary, &err) != 0)
        fail_msg("%s", err.text);
    return target;
}

static struct explore_report *explored(struct lab *lab, const char *name,
                                       const struct explore_options *options)
{
    struct explore_target target = compiled(lab, name);
    struct explore_report *report;
    struct error err = {0};

    if (explore_run(lab, &target, options, &report, &err) != 0)
        fail_msg("%s", err.text);
    return report;
}

static unsigned preemptions(const struct explore_report *report)
{
    unsigned count = 0;

    for (size_t i = 0; i < report->step_count; i++)
        count += report->steps[i].preempts != 0;
    return count;
}

static unsigned picks(void *mem, const struct explore_report *report)
{
    struct schedule schedule;
    char program[TOKEN_PROGRAM];
    struct error err;

    assert_int_equal(token_read(mem, report->token, program, &schedule, &err), 0);
    return (unsigned)schedule.pick_count;
}

/* --- the minimiser -------------------------------------------------------------------------------------- */

/* Whatever schedule is found, what is told of it has as few preemptions as can be: worked out by hand. */
static void minimal(void **state)
{
    static const struct {
        const char *program;
        unsigned preemptions, picks;
    } cases[] = {{"lock_order", 1, 1}, {"three_switches", 3, 3}, {"nap", 0, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            struct explore_options options = explore_defaults();
            options.strategy = EXPLORE_RANDOM;
            options.seed = seed * 1000;
            options.memory_points = 0;
            struct explore_report *report = explored(*state, cases[i].program, &options);
            assert_int_not_equal(report->class, CLASS_NONE);
            assert_int_equal(preemptions(report), cases[i].preemptions);
            assert_int_equal(picks(*state, report), cases[i].picks);
        }
}

/* The token that a minimised schedule gets shows the same fault, step by step. */
static void token_replays(void **state)
{
    static const char *const programs[] = {"lock_order", "three_switches", "nap"};

    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct explore_options options = explore_defaults();
        struct explore_target target = compiled(*state, programs[i]);
        struct explore_report *found = explored(*state, programs[i], &options), *again;
        struct error err;
        assert_int_equal(explore_replay(*state, &target, found->token, &again, &err), 0);
        assert_int_equal(again->class, found->class);
        assert_string_equal(again->message, found->message);
        assert_int_equal(again->nondeterministic, 0);
        assert_int_equal(again->step_count, found->step_count);
        for (size_t k = 0; k < found->step_count; k++) {
            assert_int_equal(again->steps[k].thread, found->steps[k].thread);
            assert_int_equal(again->steps[k].line, found->steps[k].line);
        }
    }
}

/* How many of COUNT replays went as the first did, to the event. */
static int alike(void *mem, const struct explore_target *target, const struct schedule *schedule, int count)
{
    struct error err;
    struct explore_session *session = session_start(mem, target, 1, &err);
    const struct explore_arena *arena = session ? session_arena(session, 0) : NULL;
    struct explore_outcome first = {0};
    struct explore_event *events = NULL;
    int same = 0;

    for (int i = 0; session && i < count; i++) {
        if (schedule_play(session, schedule, 1, &err) != 0)
            break;
        if (i == 0) {
            first = arena->last;
            events = talloc_memdup(mem, arena->event, first.events * sizeof *events);
        }
        same += memcmp(&arena->last, &first, sizeof first) == 0 &&
                memcmp(arena->event, events, first.events * sizeof *events) == 0;
    }
    talloc_free(session);
    return same;
}

/* A thousand times the same, while another process does so too. */
static void same_each_time(void **state)
{
    enum { TIMES = 1000 };
    struct explore_options options = explore_defaults();
    struct explore_target target = compiled(*state, "nap");
    struct explore_report *report = explored(*state, "nap", &options);
    struct schedule schedule;
    char program[TOKEN_PROGRAM];
    struct error err;
    int status;

    assert_int_equal(token_read(*state, report->token, program, &schedule, &err), 0);
    pid_t other = fork();
    if (other == 0)
        _exit(alike(talloc_new(NULL), &target, &schedule, TIMES) == TIMES ? 0 : 1);
    assert_int_equal(alike(*state, &target, &schedule, TIMES), TIMES);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
}

static void token_of_another(void **state)
{
    struct explore_options options = explore_defaults();
    struct explore_target target = compiled(*state, "lock_order");
    struct explore_report *report = explored(*state, "lock_order", &options);
    struct error err;

    target.hash[0] = 'f';
    assert_int_equal(explore_replay(*state, &target, report->token, &report, &err), -1);
    assert_int_equal(err.status, EXIT_USAGE);
    assert_non_null(strstr(err.text, "another program"));
}

/* --- the same for everybody ----------------------------------------------------------------------------- */

static void independent_of_servers(void **state)
{
    static const char *const programs[] = {"lock_order", "three_switches", "nap"};

    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct explore_report *first = NULL;
        for (unsigned servers = 1; servers <= 3; servers++) {
            struct explore_options options = explore_defaults();
            options.servers = servers;
            options.schedules = 700;
            struct explore_report *report = explored(*state, programs[i], &options);
            first = first ? first : report;
            assert_int_equal(report->run, first->run);
            assert_int_equal(report->failed, first->failed);
            assert_int_equal(report->first, first->first);
            assert_string_equal(report->token, first->token);
        }
    }
}

static void outputs_independent_of_servers(void **state)
{
    struct explore_report *first = NULL;

    for (unsigned servers = 1; servers <= 3; servers++) {
        struct explore_options options = explore_defaults();
        options.servers = servers;
        options.schedules = 300;
        options.keep_outputs = 1;
        struct explore_report *report = explored(*state, "letters", &options);
        first = first ? first : report;
        assert_int_equal(report->output_count, 2);
        assert_int_equal(report->outputs[0].count + report->outputs[1].count, 300);
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(report->outputs[i].text, first->outputs[i].text);
            assert_int_equal(report->outputs[i].count, first->outputs[i].count);
            assert_string_equal(report->outputs[i].token, first->outputs[i].token);
        }
    }
}

static void exhausted(void **state)
{
    struct explore_options options = explore_defaults();

    options.strategy = EXPLORE_DFS;
    options.memory_points = 0;
    options.bound = 2; /* three_switches takes three */
    options.schedules = 100000;
    struct explore_report *report = explored(*state, "three_switches", &options);
    assert_int_equal(report->class, CLASS_NONE);
    assert_int_equal(report->exhausted, 1);
    options.bound = 3;
    report = explored(*state, "three_switches", &options);
    assert_int_equal(report->class, CLASS_WRONG_RESULT);
    assert_int_equal(report->exhausted, 0);
    options.bound = 2;
    options.schedules = 5;
    report = explored(*state, "three_switches", &options);
    assert_int_equal(report->exhausted, 0); /* there are more than five */
}

static void not_deterministic(void **state)
{
    struct explore_options options = explore_defaults();

    options.schedules = 10;
    assert_int_equal(explored(*state, "real_clock", &options)->nondeterministic, 1);
    assert_int_equal(explored(*state, "lock_order", &options)->nondeterministic, 0);
}

/* --- injected failures --------------------------------------------------------------------------------- */

/* PROGRAM, in which what OPTIONS inject must be found as a fault of CLASS, with every strategy; the token
 * shows it again, and without the injection there is none. */
static void finds_injected(struct lab *lab, const char *program, const struct explore_options *injecting,
                           enum verdict_class class)
{
    for (int strategy = EXPLORE_RANDOM; strategy <= EXPLORE_DFS; strategy++) {
        struct explore_options options = *injecting;
        struct explore_target target = compiled(lab, program);
        struct explore_report *again;
        struct error err;
        options.strategy = (enum explore_strategy)strategy;
        options.schedules = 300;
        options.bound = 1;
        struct explore_report *found = explored(lab, program, &options);
        assert_int_equal(found->class, class);
        assert_int_equal(explore_replay(lab, &target, found->token, &again, &err), 0);
        assert_int_equal(again->class, class);
        assert_string_equal(again->message, found->message);
        assert_int_equal(again->nondeterministic, 0);
        options.fail_create = options.fail_malloc = 0;
        assert_int_equal(explored(lab, program, &options)->class, CLASS_NONE);
    }
}

static void failed_create(void **state)
{
    struct explore_options options = explore_defaults();

    options.fail_create = 200;
    finds_injected(*state, "refused", &options, CLASS_WRONG_RESULT);
}

static void failed_malloc(void **state)
{
    struct explore_options options = explore_defaults();

    options.fail_malloc = 200;
    finds_injected(*state, "no_memory", &options, CLASS_CRASH);
}

/* --- the story ------------------------------------------------------------------------------------------ */

static int has_place(const struct explore_report *report, int line, const char *part)
{
    for (size_t i = 0; i < report->where_count; i++)
        if (report->where[i].line == line && strstr(report->where[i].what, part))
            return 1;
    return 0;
}

static void story_of_deadlock(void **state)
{
    struct explore_options options = explore_defaults();
    struct explore_report *report = explored(*state, "lock_order", &options);

    assert_int_equal(report->class, CLASS_DEADLOCK);
    assert_string_equal(report->waits[0],
                        "thread 1 waits for `b.lock` (line 12), held by thread 2 since line 11");
    assert_string_equal(report->waits[1],
                        "thread 2 waits for `a.lock` (line 12), held by thread 1 since line 11");
    assert_non_null(strstr(report->message, "in a circle"));
    assert_true(has_place(report, 12, "thread 1 waits"));
    assert_true(has_place(report, 12, "thread 2 waits"));
    assert_true(report->decisive < report->step_count);
    const struct explore_step *step = &report->steps[report->decisive];
    assert_int_equal(step->preempts, 1);
    assert_int_not_equal(step->stopped, step->thread);
    assert_int_equal(step->stopped_behind, 11);
    assert_int_equal(step->stopped_line, 12);
    assert_string_equal(report->steps[report->step_count - 1].note, "has to wait: thread 2 holds it");
}

/* What lies on a stack is named as the source names it; the clock has gone on by an hour. */
static void story_of_lost_wakeup(void **state)
{
    struct explore_options options = explore_defaults();
    struct explore_report *report = explored(*state, "nap", &options);

    assert_int_equal(report->class, CLASS_LOST_WAKEUP);
    assert_non_null(strstr(report->message, "Thread 1 waits on `nap->over` (line 16)"));
    assert_true(has_place(report, 16, "sleeps here for ever"));
    assert_true(has_place(report, 26, "in vain"));
    assert_true(report->steps[report->step_count - 1].clock == 3600.0);
}

static void story_of_what_is_not_modelled(void **state)
{
    struct explore_options options = explore_defaults();
    struct explore_report *report = explored(*state, "forks", &options);

    assert_int_equal(report->class, CLASS_NONE);
    assert_string_equal(report->unsupported, "fork");
    assert_true(has_place(report, 6, "fork"));
    assert_null(report->token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minimal),
        cmocka_unit_test(token_replays),
        cmocka_unit_test(same_each_time),
        cmocka_unit_test(token_of_another),
        cmocka_unit_test(independent_of_servers),
        cmocka_unit_test(outputs_independent_of_servers),
        cmocka_unit_test(exhausted),
        cmocka_unit_test(not_deterministic),
        cmocka_unit_test(failed_create),
        cmocka_unit_test(failed_malloc),
        cmocka_unit_test(story_of_deadlock),
        cmocka_unit_test(story_of_lost_wakeup),
        cmocka_unit_test(story_of_what_is_not_modelled),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
