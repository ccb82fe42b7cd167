/* watch.c - `deepend watch`: grade at every save, move on when it passes.
 *
 * One loop waits for four things: a save, the grading's news, a key, a signal. The grading runs in a process
 * of its own (watch_job.c), so a save in the middle of it drops it and starts anew, and a verdict is shown
 * only if the file still is what was graded. The last verdict stays on the screen until the next replaces it.
 */
#include "cmd/arguments.h"
#include "cmd/grade.h"
#include "cmd/watch_job.h"
#include "cmd/watch_saves.h"
#include "cmd/watch_terminal.h"
#include "cmd/work.h"
#include "report/text.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

struct watch {
    struct session *session;
    const struct exercise *exercise;
    void *mem; /* of this exercise */
    const char *path;
    struct saves *saves;
    struct job job;
    char graded[SHA256_TEXT]; /* the content that the job was started for */
    char when[16];            /* time of the verdict on the screen, "" before the first */
    struct terminal terminal;
    struct report_style style;
    int signals; /* signalfd */
    int over;    /* leave the loop */
    int fatal;   /* signal to die of, after tidying up */
    enum exit_status status;
};

/* --- the status line --------------------------------------------------------------------------------------
 */

static char *waiting_text(const struct watch *watch, void *mem, const char *path)
{
    const char *keys = watch->terminal.keyboard ? "h hint, n next, q quit" : "Ctrl-C ends";

    return talloc_asprintf(mem, "%s%swaiting for a save of %s (%s)", watch->when, *watch->when ? "  " : "",
                           path, keys);
}

static char *status_text(const struct watch *watch, void *mem)
{
    const char *path = path_shown(mem, watch->path);
    char *text;

    if (watch->job.pid > 0)
        return talloc_asprintf(mem, "%s...", *watch->job.progress ? watch->job.progress : "grading");
    if (saves_missing(watch->saves))
        return talloc_asprintf(mem, "%s is not there; waiting for it to come back", path);
    text = waiting_text(watch, mem, path);
    return text_width(text) < (size_t)watch->style.width ? text
                                                         : waiting_text(watch, mem, watch->exercise->file);
}

static void show_status(struct watch *watch)
{
    void *mem = talloc_new(NULL);
    char *text = text_clean(mem, status_text(watch, mem), watch->style.utf8);

    for (size_t end = strlen(text); text_width(text) >= (size_t)watch->style.width;)
        text[--end] = '\0';
    terminal_status(&watch->terminal, text);
    talloc_free(mem);
}

/* --- gradings ---------------------------------------------------------------------------------------------
 */

static void grading_start(struct watch *watch)
{
    struct error err;

    job_stop(&watch->job);
    strcpy(watch->graded, saves_hash(watch->saves));
    if (job_start(&watch->job, watch->session, watch->exercise, watch->path, &watch->style, &err) != 0) {
        terminal_status(&watch->terminal, "");
        cmd_error(&err);
    }
}

static void show_verdict(struct watch *watch, const char *text)
{
    time_t now = time(NULL);
    struct tm local;

    strftime(watch->when, sizeof watch->when, "%H:%M:%S", localtime_r(&now, &local));
    terminal_page(&watch->terminal);
    printf("%s\n", text);
}

static void move_on(struct watch *watch);

/* The grading has ended. Its verdict counts only for what stands in the file now: anything else was saved
 * since, and is graded instead. */
static void grading_finish(struct watch *watch)
{
    struct job_outcome outcome = watch->job.outcome;
    char *text = job_text(watch->mem, &watch->job), now[SHA256_TEXT];

    job_stop(&watch->job);
    saves_hash_now(watch->path, now);
    if (strcmp(now, watch->graded) != 0 || (outcome.judged && strcmp(outcome.result.sha256, now) != 0)) {
        saves_forget(watch->saves);
        return;
    }
    show_verdict(watch, text);
    if (!outcome.judged)
        return;
    grade_record(watch->session, watch->exercise, &outcome.result);
    grade_tidy(watch->session);
    if (outcome.result.status == VERDICT_PASS)
        move_on(watch);
}

/* --- exercises --------------------------------------------------------------------------------------------
 */

/* Turn to EXERCISE. What was watched before is let go only when that has worked. */
static int turn_to(struct watch *watch, const struct exercise *exercise, struct error *err)
{
    char *path = work_file(watch->session, exercise, err);

    if (!path)
        return -1;
    job_stop(&watch->job);
    talloc_free(watch->mem);
    watch->mem = talloc_new(watch->session->mem);
    watch->exercise = exercise;
    watch->path = path;
    watch->saves = saves_open(watch->mem, path);
    watch->when[0] = '\0';
    if (!watch->terminal.screen)
        printf("Watching %s\n\n", path_shown(watch->mem, path));
    return 0;
}

/* Another verb's page, shown here. */
static void show_page(struct watch *watch, const char *verb,
                      enum exit_status (*run)(struct session *session, int argc, char **argv))
{
    char *arguments[] = {talloc_strdup(watch->mem, verb), talloc_strdup(watch->mem, watch->exercise->id),
                         NULL};

    terminal_status(&watch->terminal, "");
    putchar('\n');
    run(watch->session, 2, arguments);
    putchar('\n');
}

static void turn_and_show(struct watch *watch, const struct exercise *exercise)
{
    struct error err;

    if (turn_to(watch, exercise, &err) == 0) {
        show_page(watch, "show", cmd_show);
        return;
    }
    watch->status = cmd_error(&err);
    watch->over = 1;
}

/* The next one of the ladder that is not passed, from the current one on and round; NULL when there is none.
 */
static const struct exercise *following(struct watch *watch)
{
    const struct catalog *catalog = watch->session->catalog;
    size_t at = 0;

    while (at < catalog->exercise_count && catalog->exercises[at] != watch->exercise)
        at++;
    for (size_t i = 1; i < catalog->exercise_count; i++) {
        const struct exercise *next = catalog->exercises[(at + i) % catalog->exercise_count];
        if (session_progress(watch->session, next).state != STATE_PASSED)
            return next;
    }
    return NULL;
}

/* After a pass. The store may know of an exercise begun earlier; without one the ladder tells. */
static void move_on(struct watch *watch)
{
    struct error err = {0};
    const struct exercise *next = session_next(watch->session, &err);

    if (!next || next == watch->exercise)
        next = following(watch);
    if (!next) {
        printf("  Well done. That was the last one: every exercise is passed.\n\n");
        return;
    }
    printf("  Well done. Next: %s, %s\n\n", next->id, next->title);
    turn_and_show(watch, next);
}

/* --- keys and signals -------------------------------------------------------------------------------------
 */

static void key_hint(struct watch *watch)
{
    show_page(watch, "hint", cmd_hint);
}

static void key_next(struct watch *watch)
{
    const struct exercise *next = following(watch);

    terminal_page(&watch->terminal);
    if (next)
        turn_and_show(watch, next);
    else
        printf("Every other exercise is passed.\n\n");
}

static void key_quit(struct watch *watch)
{
    watch->over = 1;
}

static void take_keys(struct watch *watch)
{
    static const struct {
        int key;
        void (*act)(struct watch *watch);
    } keys[] = {{'h', key_hint}, {'n', key_next}, {'q', key_quit},       {'Q', key_quit},
                {-1, key_quit},  {4, key_quit},   {'\n', grading_start}, {'\r', grading_start}};
    int key;

    while (!watch->over && (key = terminal_key(&watch->terminal)) != 0)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (keys[i].key == key)
                keys[i].act(watch);
}

/* Ctrl-Z: the shell gets its terminal as it was, and we take it again when we go on. The signal's own action
 * stops us, because the kernel withholds that where no shell could wake us. */
static void stop_and_go_on(struct watch *watch)
{
    int graded = watch->job.pid > 0;
    sigset_t stop;

    job_stop(&watch->job);
    terminal_give_back(&watch->terminal);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here we stand still */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    terminal_take(&watch->terminal);
    if (graded)
        grading_start(watch);
}

static void take_signals(struct watch *watch)
{
    struct signalfd_siginfo info;

    while (read(watch->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH) {
            watch->style = output_style();
        } else if (info.ssi_signo == SIGTSTP) {
            stop_and_go_on(watch);
        } else {
            watch->fatal = (int)info.ssi_signo;
            watch->over = 1;
        }
    }
}

/* From here on signals wait in a descriptor. What kills us does so after the terminal is as it was. */
static int open_signals(sigset_t *before)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    sigprocmask(SIG_BLOCK, &set, before);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* --- the loop ---------------------------------------------------------------------------------------------
 */

static void wait_for_news(const struct watch *watch)
{
    struct pollfd polls[] = {
        {.fd = watch->signals, .events = POLLIN},
        {.fd = saves_descriptor(watch->saves), .events = POLLIN},
        {.fd = watch->job.pid > 0 ? watch->job.pipe : -1, .events = POLLIN},
        {.fd = watch->terminal.keyboard ? STDIN_FILENO : -1, .events = POLLIN},
    };

    poll(polls, sizeof polls / sizeof *polls, saves_patience(watch->saves));
}

static void watch_loop(struct watch *watch)
{
    grading_start(watch);
    while (!watch->over) {
        show_status(watch);
        fflush(stdout);
        wait_for_news(watch);
        take_signals(watch);
        if (!watch->over)
            take_keys(watch);
        if (watch->over)
            break;
        if (saves_look(watch->saves))
            grading_start(watch);
        if (watch->job.pid > 0 && job_read(&watch->job) && watch->job.ended)
            grading_finish(watch);
    }
}

/* Die of the signal, as everybody expects who sent it. */
static void die_of(int number, const sigset_t *mask)
{
    signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    raise(number);
}

enum exit_status cmd_watch(struct session *session, int argc, char **argv)
{
    static const struct option_rule options[] = {{0}};
    static const struct usage usage = {
        "watch [ID]",
        "Grades your file in work/ each time it is saved, shows the verdict, and moves on to\n"
        "the next exercise when it passes. Without ID it begins with the one that is next.\n"
        "Keys: h shows a hint, n goes to the next exercise, Enter grades again, q quits.\n"
        "DEEPEND_POLL=1 in the environment looks at the file twice a second instead of\n"
        "being told, for file systems that do not tell.\n",
        "watch               what is next\nwatch middle/2      that one\n",
        options,
        0,
        1};
    struct watch watch = {.session = session, .job = {.pipe = -1, .page = -1}};
    struct arguments given;
    struct error err = {0};
    sigset_t before;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct exercise *exercise = session_exercise(session, given.count ? given.operands[0] : NULL, &err);
    if (!exercise)
        return cmd_error(&err);
    watch.signals = open_signals(&before);
    watch.terminal = terminal_open();
    watch.style = output_style();
    if (turn_to(&watch, exercise, &err) == 0)
        watch_loop(&watch);
    else
        watch.status = cmd_error(&err);
    job_stop(&watch.job);
    terminal_give_back(&watch.terminal);
    close(watch.signals);
    talloc_free(watch.mem);
    if (watch.fatal)
        die_of(watch.fatal, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return watch.status;
}
