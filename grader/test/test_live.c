/* test_live.c - the runner of live incidents: services that end, crash, never end, eat memory, talk nonsense.
 *
 * The services are shell scripts of builtins alone (the filter forbids other processes) that speak as
 * check/incident/ does. Each writes its process number into its log, so that a test can see that nothing of it
 * is left. Nothing waits for a span of time but the two tests whose subject is patience.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/incident.h"
#include "cmd/incident_live.h"
#include "run/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum { LONG_RUN = 600, SHORT_RUN = 5, PATIENCE = 20, WORDS_BYTES = 20000 };

static const char beginning[] = "#!/bin/sh\n"
                                "echo log 0 $$\n"
                                "echo ready 1048576\n"
                                "read word\n"; /* until the runner lets it begin */

/* What a run told, and the run itself. */
struct heard {
    void *mem;
    struct live live;
    struct error err;
    unsigned news[LIVE_ENDED + 1];
    int waits_for_end; /* 1: to hear the first words takes until the service has ended */
    int wish;          /* more than 0: where to write when the service says something */
    char words[WORDS_BYTES];
};

static void hear(void *context, enum live_news news, const struct live *live, const char *text)
{
    struct heard *heard = context;

    heard->news[news]++;
    if (news == LIVE_WORDS && heard->waits_for_end && heard->news[news] == 1) {
        pid_t service = atoi(live->timeline->lines[0].text);
        if (waitid(P_PID, (id_t)service, &(siginfo_t){0}, WEXITED | WNOWAIT) != 0)
            assert_int_equal(errno, ECHILD); /* it has been waited for already */
    }
    if (news == LIVE_WORDS && heard->wish > 0)
        assert_int_equal(write(heard->wish, "x", 1), 1);
    if (text && strlen(heard->words) + strlen(text) + 2 < sizeof heard->words)
        strcat(strcat(heard->words, text), "\n");
}

static char *script(void *mem, const char *begin, const char *text)
{
    char *path = talloc_strdup(mem, "/tmp/deepend-live-XXXXXX");
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, begin, strlen(begin)), strlen(begin));
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    fchmod(file, 0700);
    close(file);
    return path;
}

/* 1: the process that wrote its number into the log is still there. */
static int is_left(const struct live *live)
{
    for (size_t i = 0; i < live->timeline->line_count; i++)
        if (atoi(live->timeline->lines[i].text) > 0)
            return kill(atoi(live->timeline->lines[i].text), 0) == 0 || errno != ESRCH;
    fail_msg("the script did not say who it is");
    return 1;
}

static void run_setup(struct heard *heard, const char *text, struct live_setup setup)
{
    struct incident incident = {.seconds = SHORT_RUN, .budget_mb = 16};

    memset(heard->words, 0, sizeof heard->words);
    memset(heard->news, 0, sizeof heard->news);
    setup.incident = &incident;
    setup.told = hear;
    setup.context = heard;
    setup.patience = setup.patience ? setup.patience : PATIENCE; /* a fault of ours is not to hang */
    char *path = script(heard->mem, beginning, text);
    int result = live_run(heard->mem, path, &setup, &heard->live, &heard->err);
    unlink(path);
    assert_int_equal(result, 0);
    assert_false(is_left(&heard->live));
    assert_int_equal(heard->news[LIVE_ENDED], 1);
}

static void run_script(struct heard *heard, const char *text)
{
    run_setup(heard, text, (struct live_setup){.stop = -1});
}

static struct heard *begin(void **state)
{
    struct heard *heard = talloc_zero(NULL, struct heard);

    heard->mem = heard;
    return *state = heard;
}

static int release(void **state)
{
    talloc_free(*state);
    *state = NULL;
    return 0;
}

static const char *last_event(const struct live *live)
{
    assert_true(live->timeline->event_count > 0);
    const struct timeline_event *event = &live->timeline->events[live->timeline->event_count - 1];
    assert_string_equal(event->kind, "kill");
    return event->text;
}

static const char *last_line(const struct live *live)
{
    assert_true(live->timeline->line_count > 0);
    return live->timeline->lines[live->timeline->line_count - 1].text;
}

/* --- ends ---------------------------------------------------------------------------------------------- */

static void test_ends_by_itself(void **state)
{
    struct heard *heard = begin(state);
    const struct live *live = &heard->live;

    run_setup(heard,
              "echo series depth memory_mb\n"
              "echo 'file 118.1 endpoint http://127.0.0.1:1/metrics'\n"
              "echo row 118 3 1.5\n"
              "echo resident 3145728 accounted 1048576\n"
              "echo event 119.5 alert too many\n"
              "echo row 119 4 2.5\n"
              "echo resident 4194304 accounted 2097152\n"
              "echo ledger submitted 7 completed 6 failed 0 rejected 1 cancelled 0 discarded 0 unanswered 0\n"
              "echo end done 120.0\n",
              (struct live_setup){.stop = -1, .times = {.from = 118, .seconds = 2}});
    assert_int_equal(live->end, LIVE_DONE);
    assert_int_equal(live->status, 0);
    assert_int_equal(live->from, 118);
    assert_int_equal(live->timeline->row_count, 2);
    assert_true(timeline_value(live->timeline, 1, 0) == 4);
    assert_true(live->resident_mb == 3); /* of 4 MiB one was there before it began */
    assert_true(live->accounted_mb == 2);
    assert_string_equal(live->endpoint, "http://127.0.0.1:1/metrics");
    assert_int_equal(live->timeline->ledger.completed, 6);
    assert_int_equal(heard->news[LIVE_ROW], 2);
    assert_int_equal(heard->news[LIVE_EVENT], 1);
    assert_string_equal(heard->words, "");
}

/* Its arguments are those that check/incident/main.c reads. */
static void test_what_it_is_told(void **state)
{
    struct heard *heard = begin(state);

    run_setup(heard, "echo told \"$@\"\necho end done 1\n",
              (struct live_setup){.stop = -1, .times = {.from = 110, .seconds = 30, .port = 9464}});
    assert_string_equal(heard->words, "told live 140 16 0 110 9464\n");
    run_script(heard, "echo told \"$@\"\necho end done 1\n");
    assert_string_equal(heard->words, "told live 5 16 0 0 0\n");
}

static void test_killed_by_the_engine(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "echo event 2 kill the grace is over\necho end killed 2.000\nkill -KILL $$\n");
    assert_int_equal(heard->live.end, LIVE_KILLED);
    assert_int_equal(heard->live.status, 137);
    assert_string_equal(last_event(&heard->live), "the grace is over");
    assert_int_equal(heard->live.timeline->event_count, 1);
}

/* --- goes wrong ---------------------------------------------------------------------------------------- */

static void test_crashes(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "echo series depth\necho row 0 1\nkill -SEGV $$\n");
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_int_equal(heard->live.status, 128 + SIGSEGV);
    assert_int_equal(heard->live.timeline->end, END_CUT);
    assert_int_equal(heard->live.timeline->row_count, 1);
    assert_non_null(strstr(last_line(&heard->live), "it crashed"));
}

static void test_leaves_without_a_word(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "exit 0\n");
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_int_equal(heard->live.status, 0);
    assert_non_null(strstr(heard->live.why, "status 0 before it had shut down"));
    run_script(heard, "exit 3\n");
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_int_equal(heard->live.status, 3);
    run_script(heard, "echo end done 3\nexit 3\n"); /* said well, and left badly */
    assert_int_equal(heard->live.end, LIVE_CRASHED);
}

static void test_starts_others(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "/bin/true\necho end done 1\n");
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_int_equal(heard->live.status, 128 + SIGSYS);
}

static void test_is_not_there(void **state)
{
    struct heard *heard = begin(state);
    struct incident incident = {.seconds = LONG_RUN};
    struct live_setup setup = {.incident = &incident, .stop = -1};

    assert_int_equal(live_run(heard, "/nonexistent/program", &setup, &heard->live, &heard->err), 0);
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_non_null(strstr(heard->live.why, "could not be started"));
}

/* Endless lines, bytes that are no text, records that are none: nothing of it leads the reader astray. */
static void test_talks_nonsense(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "x=abcdefghijklmnop\n"
                      "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do x=$x$x; done\n" /* 64 KiB */
                      "echo $x\n"
                      "printf 'one\\000two\\n\\377\\376\\033[2J\\n'\n"
                      "printf '\\n\\n row\\nrow\\nrow 1\\nresident\\nresident x accounted y\\nready 9\\n'\n"
                      "echo series a b\n"
                      "echo row 0 1e999 nan 3 4 5 6 7 8\n"
                      "echo event\necho event x\necho file\necho log\n"
                      "echo rowing 1\n"
                      "printf 'no end of line'\n");
    assert_int_equal(heard->live.end, LIVE_CRASHED);
    assert_int_equal(heard->live.timeline->series_count, 2);
    assert_int_equal(heard->live.timeline->row_count, 1);
    assert_non_null(strstr(heard->words, "\none two\n"));
    assert_non_null(strstr(heard->words, "\nrowing 1\n"));
    assert_non_null(strstr(heard->words, "no end of line\n"));
    assert_true(heard->news[LIVE_WORDS] >= 16); /* 64 KiB in pieces of 4 at most */
}

/* What it has said just before it went is not lost. */
static void test_says_much_and_goes(void **state)
{
    struct heard *heard = begin(state);

    heard->waits_for_end = 1;
    run_script(heard, "x=''\n"
                      "for i in 0 1 2 3 4 5 6 7 8 9; do x=\"$x\\n a word\"; done\n"
                      "x=$x$x$x$x$x$x$x$x$x$x\n"
                      "x=$x$x$x$x$x$x$x$x$x$x\n"
                      "printf \"$x$x$x$x$x\\n\"\n" /* 40 kB at once, which a pipe takes */
                      "exit 0\n");
    assert_int_equal(heard->news[LIVE_WORDS], 5000);
}

static void test_never_ends(void **state)
{
    struct heard *heard = begin(state);

    run_setup(heard, "exec >&- 2>&-\nkill -STOP $$\n", /* it does not even keep its output open */
              (struct live_setup){.stop = -1, .times = {.seconds = 1}, .patience = 1});
    assert_int_equal(heard->live.end, LIVE_STUCK);
    assert_int_equal(heard->live.status, 137);
    assert_int_equal(heard->live.timeline->end, END_KILLED);
    assert_non_null(strstr(last_event(&heard->live), "did not end"));
}

static void test_never_begins(void **state)
{
    struct heard *heard = begin(state);
    struct incident incident = {.seconds = LONG_RUN};
    struct live_setup setup = {.incident = &incident,
                               .stop = -1,
                               .times = {.seconds = 1},
                               .patience = 1,
                               .told = hear,
                               .context = heard};
    char *path = script(heard, "#!/bin/sh\necho log 0 $$\n", "kill -STOP $$\n");

    assert_int_equal(live_run(heard, path, &setup, &heard->live, &heard->err), 0);
    unlink(path);
    assert_int_equal(heard->live.end, LIVE_STUCK);
    assert_false(is_left(&heard->live));
}

static void test_eats_memory(void **state)
{
    struct heard *heard = begin(state);

    run_script(heard, "x=abcdefghijklmnop\n"
                      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do x=$x$x; done\n"
                      "kill -STOP $$\n"); /* 64 MiB: the budget has 16 */
    assert_int_equal(heard->live.end, LIVE_OUT_OF_MEMORY);
    assert_int_equal(heard->live.status, 137);
    assert_int_equal(heard->live.timeline->end, END_KILLED);
    assert_non_null(strstr(last_event(&heard->live), "out of memory"));
    assert_int_equal(strncmp(last_line(&heard->live), "killed: out of memory", 21), 0);
    assert_non_null(strstr(heard->live.limit, "16 MiB"));
}

static void test_is_stopped(void **state)
{
    struct heard *heard = begin(state);
    int wish[2];

    assert_int_equal(pipe(wish), 0);
    heard->wish = wish[1];
    run_setup(heard, "echo here it is\nkill -STOP $$\n", (struct live_setup){.stop = wish[0]});
    assert_int_equal(heard->live.end, LIVE_STOPPED);
    assert_int_equal(heard->live.timeline->event_count, 0);
    close(wish[0]);
    close(wish[1]);
}

/* --- what is asked for --------------------------------------------------------------------------------- */

static const struct {
    const char *from, *seconds, *port;
    int result;
    struct live_options options;
} asked[] = {
    {NULL, NULL, NULL, 0, {0, 0, 0}},
    {"1:50", "30", "0", 0, {110, 30, 0}},
    {"110", "1:00", NULL, 0, {110, 60, 0}},
    {"0:00", "1", NULL, 0, {0, 1, 0}},
    {"9:59", NULL, NULL, 0, {599, 0, 0}},
    {"10:00", NULL, NULL, -1, {0}},
    {"1:5", NULL, NULL, -1, {0}},
    {"1:60", NULL, NULL, -1, {0}},
    {"1:500", NULL, NULL, -1, {0}},
    {":50", NULL, NULL, -1, {0}},
    {"-1", NULL, NULL, -1, {0}},
    {"", NULL, NULL, -1, {0}},
    {"5x", NULL, NULL, -1, {0}},
    {"99999999999999999999", NULL, NULL, -1, {0}},
    {NULL, "0", NULL, -1, {0}},
    {NULL, "ten", NULL, -1, {0}},
    {NULL, NULL, "65536", -1, {0}},
    {NULL, NULL, "-1", -1, {0}},
    {NULL, NULL, "http", -1, {0}},
    {NULL, NULL, "", -1, {0}},
};

static void test_options(void **state)
{
    struct incident incident = {.seconds = LONG_RUN};

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct live_options options = {0};
        struct error err = {0};
        int result =
            live_options_read(&options, &incident, asked[i].from, asked[i].seconds, asked[i].port, &err);
        if (result != asked[i].result || (result != 0 && err.status != EXIT_USAGE))
            fail_msg("row %zu: %d, %s", i, result, err.text);
        assert_memory_equal(&options, &asked[i].options, sizeof options);
    }
}

static void test_port_taken(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct incident incident = {.seconds = LONG_RUN};
    struct live_options options;
    struct error err = {0};
    int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char port[8];

    (void)state;
    assert_int_equal(bind(taken, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(taken, 1), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &length), 0);
    snprintf(port, sizeof port, "%u", ntohs(address.sin_port));
    assert_int_equal(live_options_read(&options, &incident, NULL, NULL, port, &err), -1);
    assert_int_equal(err.status, EXIT_USAGE);
    assert_non_null(strstr(err.text, "is taken"));
    close(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_ends_by_itself, release),
        cmocka_unit_test_teardown(test_what_it_is_told, release),
        cmocka_unit_test_teardown(test_killed_by_the_engine, release),
        cmocka_unit_test_teardown(test_crashes, release),
        cmocka_unit_test_teardown(test_leaves_without_a_word, release),
        cmocka_unit_test_teardown(test_starts_others, release),
        cmocka_unit_test_teardown(test_is_not_there, release),
        cmocka_unit_test_teardown(test_talks_nonsense, release),
        cmocka_unit_test_teardown(test_says_much_and_goes, release),
        cmocka_unit_test_teardown(test_never_ends, release),
        cmocka_unit_test_teardown(test_never_begins, release),
        cmocka_unit_test_teardown(test_eats_memory, release),
        cmocka_unit_test_teardown(test_is_stopped, release),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_port_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
