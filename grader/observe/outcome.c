/* outcome.c - what follows from the way a run ended, see judges.h.
 *
 * A tool that has told why the process ended (reading->ended) is believed: its finding is the better one.
 * Whose fault an end is, is never guessed: what the grader or the machine caused is `trouble`.
 */
#include "observe/judges.h"
#include "observe/stuck.h"

#include <signal.h>
#include <string.h>
#include <talloc.h>

/* --- by a signal, or by itself ----------------------------------------------------------------------- */

static const struct {
    int signal;
    enum verdict_class class;
    const char *means;
} signals[] = {
    {SIGSEGV, CLASS_CRASH,
     "It touched memory that is not there: a null pointer, an index out of range, or a stack that is used "
     "up."},
    {SIGBUS, CLASS_CRASH,
     "It touched memory that nothing backs, or an address that its type does not allow."},
    {SIGABRT, CLASS_CRASH,
     "It called abort(), or an assertion failed, or the C library found its own data damaged."},
    {SIGFPE, CLASS_CRASH, "Most likely it divided an integer by zero."},
    {SIGILL, CLASS_CRASH, "It jumped into data, or reached code that the compiler took for unreachable."},
    {SIGSYS, CLASS_FORBIDDEN,
     "It asked the system for something that no exercise needs, such as another process."},
    {SIGXFSZ, CLASS_OVERLOAD, "It wrote a larger file than any exercise needs."},
    {SIGXCPU, CLASS_TIMEOUT, "It used more processor time than the limit."},
};

static void judge_signal(struct reading *reading)
{
    int number = reading->run->signal;
    enum verdict_class class = CLASS_CRASH;
    const char *means = "A signal that nobody handles ends the whole process.";

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].signal == number) {
            class = signals[i].class;
            means = signals[i].means;
        }
    reading_add(reading, &(struct finding){.class = class,
                                           .message = talloc_asprintf(
                                               reading->mem, "The program was killed by signal %d (%s).",
                                               number, strsignal(number)),
                                           .why = (char *)means});
}

/* The program's own status; a sanitizer that still had something to say put another in its place. */
static const char *status_words(struct reading *reading)
{
    const struct run *run = reading->run;
    int sanitized = run->variant->tool == TOOL_TSAN || run->variant->tool == TOOL_ASAN;

    return sanitized && run->log && *run->log
               ? ""
               : talloc_asprintf(reading->mem, ", with status %d", run->exit_code);
}

static void judge_exit(struct reading *reading)
{
    const struct run *run = reading->run;

    if (reading->ended || reading->trouble)
        return;
    if (run->signal)
        judge_signal(reading);
    else if (!run->completed && !run->failed)
        reading_add(
            reading,
            &(struct finding){
                .class = CLASS_TAMPERED,
                .message = talloc_asprintf(reading->mem, "The program ended before the check did%s.",
                                           status_words(reading)),
                .why = "exit, _exit and a pthread_exit of the last thread end everything at once: only a "
                       "check that runs to its end can pass.",
            });
}

/* --- by the watchdog --------------------------------------------------------------------------------- */

/* SENTENCE, and where the threads stood. */
static void timeout_add(struct reading *reading, const char *sentence, const char *why)
{
    struct place *where = NULL;
    size_t where_count = 0;
    char *words = reading->run->stack_count ? stuck_words(reading, STUCK_ALL, &where, &where_count) : NULL;

    reading_add(reading,
                &(struct finding){
                    .class = CLASS_TIMEOUT,
                    .message = words && *words ? talloc_asprintf(reading->mem, "%s: %s.", sentence, words)
                                               : talloc_asprintf(reading->mem, "%s.", sentence),
                    .why = (char *)why,
                    .where = where,
                    .where_count = where_count,
                });
}

static void judge_idle(struct reading *reading)
{
    timeout_add(
        reading, "The program slept for longer than the whole check may take",
        "Waiting for time to pass is no way to wait for another thread: nothing tells how long it needs.");
}

static void judge_busy(struct reading *reading)
{
    timeout_add(reading,
                "The program kept working for longer than the whole check may take, and did not finish",
                "A loop never ends, or waits for another thread by asking again and again.");
}

static void overload_add(struct reading *reading, const char *message, const char *why)
{
    reading_add(reading,
                &(struct finding){.class = CLASS_OVERLOAD, .message = (char *)message, .why = (char *)why});
}

static void judge_memory(struct reading *reading)
{
    overload_add(reading,
                 talloc_asprintf(reading->mem,
                                 "The program grew to %ld MB of memory, more than this check allows.",
                                 reading->run->peak_kb / 1024),
                 "What grows with the load and has no bound will one day use all there is.");
}

static void judge_threads(struct reading *reading)
{
    overload_add(reading,
                 talloc_asprintf(reading->mem,
                                 "The program started more threads than the %u that this check allows.",
                                 reading->build->exercise->limits.threads),
                 "Each thread costs a stack and time: a pool bounds their number.");
}

static void judge_output(struct reading *reading)
{
    overload_add(reading,
                 talloc_asprintf(reading->mem,
                                 "The program printed more than the %u KB that this check allows.",
                                 reading->build->exercise->limits.output_kb),
                 "A loop that prints does not end, or prints far more often than meant.");
}

/* Also without a word of its own: what was not started was not judged. */
static void judge_trouble(struct reading *reading)
{
    const struct run *run = reading->run;

    if (run->trouble || !reading->trouble)
        reading->trouble =
            talloc_strdup(reading->mem, run->trouble ? run->trouble : "the program could not be run");
}

static void (*const ends[])(struct reading *reading) = {
    [RUN_EXITED] = judge_exit,   [RUN_STUCK] = stuck_judge,         [RUN_IDLE] = judge_idle,
    [RUN_BUSY] = judge_busy,     [RUN_MEMORY] = judge_memory,       [RUN_THREADS] = judge_threads,
    [RUN_OUTPUT] = judge_output, [RUN_NOT_STARTED] = judge_trouble, [RUN_ABANDONED] = judge_trouble,
};

/* --- what the check said ----------------------------------------------------------------------------- */

static void judge_check(struct reading *reading)
{
    const struct run *run = reading->run;
    struct place where = {.file = run->fail_file, .line = run->fail_line, .what = "the check saw it here"};

    reading_add(reading,
                &(struct finding){
                    .class = run->fail_class ? run->fail_class : CLASS_WRONG_RESULT,
                    .message = run->fail_message ? run->fail_message : "The check found the result wrong.",
                    .where = &where,
                    .where_count = 1,
                });
}

static void judge_leaked_threads(struct reading *reading)
{
    struct place *where = NULL;
    size_t where_count = 0;
    int count = reading->run->leaked_threads;
    char *words = reading->run->stack_count ? stuck_words(reading, STUCK_OTHERS, &where, &where_count) : NULL;

    reading_add(
        reading,
        &(struct finding){
            .class = CLASS_THREAD_LEAK,
            .message = talloc_asprintf(reading->mem, "%d thread%s still there when the work is over%s%s.",
                                       count, count == 1 ? " is" : "s are", words && *words ? ": " : "",
                                       words ? words : ""),
            .why = "Whoever starts a thread has to make it end, and has to join it before the work is over.",
            .where = where,
            .where_count = where_count,
        });
}

void outcome_judge(struct reading *reading)
{
    const struct run *run = reading->run;

    if (run->failed)
        judge_check(reading);
    if (run->leaked_threads > 0)
        judge_leaked_threads(reading);
    ends[run->end](reading);
}
