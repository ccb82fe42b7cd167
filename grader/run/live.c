/* live.c - the service of an incident in real time, watched from outside. See live.h.
 *
 * One loop waits for what the program prints, for the user's wish to end it, and for the next look at it. The
 * program waits before it begins (check/incident/live.c) until its standard input ends: by then the limit on
 * its memory stands, and what is resident by then is not counted.
 */
#include "run/live.h"

#include "base/process.h"
#include "run/memory_group.h"
#include "run/seccomp.h"
#include "run/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, LOOK_MS = 20, PATIENCE = 120, FILE_BYTES = 64 << 20, OPEN_FILES = 256 };

static const double mebibyte = 1 << 20;

/* A run under way. */
struct going {
    void *mem;
    const struct live_setup *setup;
    struct live *live;
    struct memory_group *group; /* NULL: watched from here */
    pid_t pid;
    int output, input; /* -1: closed */
    char line[LINE_BYTES];
    size_t length;
    double started, begun; /* monotonic; begun 0: not yet */
    double baseline_mb;    /* resident when it began */
    enum live_end wanted;  /* why we have killed it; LIVE_RUNS: we have not */
};

static void tell(struct going *going, enum live_news news, const char *text)
{
    if (going->setup->told)
        going->setup->told(going->setup->context, news, going->live, text);
}

/* The service's own time. */
static double now_there(const struct going *going)
{
    return going->live->from + (going->begun > 0 ? clock_seconds() - going->begun : 0);
}

/* --- starting ------------------------------------------------------------------------------------------ */

static void limit(int resource, rlim_t value)
{
    setrlimit(resource, &(struct rlimit){value, value});
}

/* In the child: everything between fork and exec. */
static void enter(const char *const *words, int input, int output)
{
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/tmp", NULL};
    sigset_t none;

    setsid();                         /* no terminal: Ctrl-C is for us */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* dies with the grader, however that ends */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    close_range(3, ~0U, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_BYTES);
    limit(RLIMIT_NOFILE, OPEN_FILES);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_apply_but_sockets() != 0)
        _exit(126);
    execve(words[0], (char *const *)words, (char *const *)environment);
    _exit(127);
}

static const char **words_for(void *mem, const char *binary, const struct live_setup *setup)
{
    const struct incident *incident = setup->incident;
    const struct live_options *times = &setup->times;
    unsigned end = times->seconds ? times->from + times->seconds : incident->seconds;
    const char **words = talloc_zero_array(mem, const char *, 8);

    words[0] = binary;
    words[1] = "live";
    words[2] = talloc_asprintf(words, "%u", end);
    words[3] = talloc_asprintf(words, "%u", incident->budget_mb);
    words[4] = talloc_asprintf(words, "%u", incident->seed);
    words[5] = talloc_asprintf(words, "%u", times->from);
    words[6] = talloc_asprintf(words, "%u", times->port);
    return words;
}

static int start(struct going *going, const char *binary, struct error *err)
{
    const char **words = words_for(going->mem, binary, going->setup);
    int input[2] = {-1, -1}, output[2] = {-1, -1};

    if (pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0 &&
        fcntl(output[0], F_SETFL, O_NONBLOCK) == 0)
        going->pid = fork();
    if (going->pid == 0)
        enter(words, input[0], output[1]);
    int why = errno;
    for (int i = 0; i < 2; i++) {
        int ours = i == 0 ? output[0] : input[1], theirs = i == 0 ? input[0] : output[1];
        if (theirs >= 0)
            close(theirs);
        if (going->pid < 0 && ours >= 0)
            close(ours);
    }
    going->output = output[0];
    going->input = input[1];
    going->started = clock_seconds();
    return going->pid > 0 ? 0 : error_grader(err, "cannot start the service: %s", strerror(why));
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* --- what it says -------------------------------------------------------------------------------------- */

/* It is there. Set its limit, then let it go. */
static void begin(struct going *going, const char *rest)
{
    struct live *live = going->live;
    unsigned budget = going->setup->incident->budget_mb;

    if (going->begun > 0)
        return;
    going->baseline_mb = strtod(rest, NULL) / mebibyte;
    if (budget)
        going->group = memory_group_of(going->mem, going->pid, (size_t)budget << 20);
    live->limit = !budget ? "its memory is not limited"
                          : talloc_asprintf(going->mem, "%u MiB beyond its beginning, %s", budget,
                                            going->group ? "kept by the kernel (a control group)"
                                                         : "watched from outside");
    going->begun = clock_seconds();
    close_one(&going->input);
}

static void take_memory(struct going *going, const char *rest)
{
    struct live *live = going->live;
    double resident = 0, accounted = 0;

    sscanf(rest, "%lf accounted %lf", &resident, &accounted);
    live->resident_mb = resident / mebibyte - going->baseline_mb;
    live->accounted_mb = accounted / mebibyte;
    tell(going, LIVE_ROW, NULL);
}

/* A line of the record, as timeline.c reads it. */
static void take_record(struct going *going, const char *line)
{
    struct timeline *timeline = going->live->timeline;
    size_t events = timeline->event_count, lines = timeline->line_count;

    if (!timeline_add(timeline, line)) {
        tell(going, LIVE_WORDS, line);
        return;
    }
    if (timeline->event_count > events)
        tell(going, LIVE_EVENT, NULL);
    if (timeline->line_count == lines)
        return;
    const struct timeline_line *last = &timeline->lines[lines];
    if (strcmp(last->file, "endpoint") == 0)
        going->live->endpoint = last->text;
    tell(going, LIVE_LINE, NULL);
}

static void take_line(struct going *going)
{
    going->line[going->length] = '\0';
    going->length = 0;
    if (strncmp(going->line, "ready ", 6) == 0)
        begin(going, going->line + 6);
    else if (strncmp(going->line, "resident ", 9) == 0)
        take_memory(going, going->line + 9);
    else if (going->line[0])
        take_record(going, going->line);
}

static void take_bytes(struct going *going, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n')
            going->line[going->length++] = bytes[i] ? bytes[i] : ' ';
        if (bytes[i] == '\n' || going->length == sizeof going->line - 1)
            take_line(going);
    }
}

/* Some of what has been printed: 0 when there is nothing just now, or ever again. */
static int read_some(struct going *going)
{
    char bytes[LINE_BYTES];
    ssize_t got = going->output < 0 ? 0 : read(going->output, bytes, sizeof bytes);

    if (got > 0)
        take_bytes(going, bytes, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        close_one(&going->output);
    return got > 0;
}

/* --- looking ------------------------------------------------------------------------------------------- */

static void end_it(struct going *going, enum live_end why)
{
    if (going->wanted == LIVE_RUNS)
        going->wanted = why;
    kill(-going->pid, SIGKILL);
    kill(going->pid, SIGKILL);
}

static void look(struct going *going)
{
    const struct live_setup *setup = going->setup;
    unsigned patience = setup->patience ? setup->patience : PATIENCE;
    unsigned budget = setup->incident->budget_mb;
    double cpu;
    long resident_kb;

    if (process_usage(going->pid, &cpu, &resident_kb) == 0) {
        double growth = (double)resident_kb / 1024 - going->baseline_mb;
        if (growth > going->live->most_mb)
            going->live->most_mb = growth;
        if (budget && !going->group && growth > budget)
            end_it(going, LIVE_OUT_OF_MEMORY);
    }
    unsigned planned =
        setup->times.seconds ? setup->times.seconds : setup->incident->seconds - setup->times.from;
    if (clock_seconds() - going->started > planned + patience)
        end_it(going, LIVE_STUCK);
}

/* Wait for news. 1: the user wants it to end. */
static int wait_for_news(struct going *going)
{
    struct pollfd polls[] = {{.fd = going->output, .events = POLLIN},
                             {.fd = going->setup->stop, .events = POLLIN}};

    return poll(polls, 2, LOOK_MS) > 0 && polls[1].revents != 0;
}

/* Until it has ended. Its wait status. */
static int follow(struct going *going)
{
    int status;

    while (waitpid(going->pid, &status, WNOHANG) == 0) {
        if (wait_for_news(going))
            end_it(going, LIVE_STOPPED);
        read_some(going);
        look(going);
    }
    kill(-going->pid, SIGKILL); /* whatever it may have left of its group */
    while (read_some(going))
        ;
    if (going->length > 0)
        take_line(going);
    return status;
}

/* --- how it ended -------------------------------------------------------------------------------------- */

static enum live_end end_of(const struct going *going, int status)
{
    if (going->wanted != LIVE_RUNS)
        return going->wanted;
    if (going->live->timeline->end == END_KILLED)
        return LIVE_KILLED;
    if (going->group && memory_group_has_killed(going->group))
        return LIVE_OUT_OF_MEMORY;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 && going->live->timeline->end == END_DONE
               ? LIVE_DONE
               : LIVE_CRASHED;
}

static char *sentence(struct going *going, int status)
{
    const struct live *live = going->live;
    void *mem = going->mem;

    switch (live->end) {
    case LIVE_DONE:
        return talloc_strdup(mem, "it has shut down by itself");
    case LIVE_OUT_OF_MEMORY:
        return talloc_asprintf(mem, "out of memory: %.1f MiB resident beyond its beginning, %u MiB allowed",
                               live->most_mb, going->setup->incident->budget_mb);
    case LIVE_KILLED:
        return talloc_strdup(mem, "it was ended as by SIGKILL; the last event tells why");
    case LIVE_STUCK:
        return talloc_strdup(mem, "it did not end, long after its callers had stopped");
    case LIVE_STOPPED:
        return talloc_strdup(mem, "it was stopped by you");
    default:
        break;
    }
    if (WIFSIGNALED(status))
        return talloc_asprintf(mem, "it crashed: %s", strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status) >= 126
               ? talloc_asprintf(mem, "it could not be started here (status %d)", WEXITSTATUS(status))
               : talloc_asprintf(mem, "it left with status %d before it had shut down", WEXITSTATUS(status));
}

/* The last words that a process cannot say itself, as the engine says them in virtual time. */
static void last_words(struct going *going, double second)
{
    const struct live *live = going->live;
    int is_kill = live->end == LIVE_OUT_OF_MEMORY || live->end == LIVE_STUCK;

    if (is_kill) {
        take_record(going, talloc_asprintf(going->mem, "event %.3f kill %s", second, live->why));
        take_record(going, talloc_asprintf(going->mem, "log %.3f killed: %s", second, live->why));
    } else if (live->end == LIVE_CRASHED)
        take_record(going, talloc_asprintf(going->mem, "log %.3f %s", second, live->why));
    if (live->timeline->end == END_NOT_TOLD)
        take_record(going, talloc_asprintf(going->mem, "end %s %.3f", is_kill ? "killed" : "cut", second));
}

int live_run(void *mem, const char *binary, const struct live_setup *setup, struct live *live,
             struct error *err)
{
    struct going *going = talloc(mem, struct going);

    *live = (struct live){
        .timeline = timeline_new(mem), .from = setup->times.from, .limit = "its memory is not limited yet"};
    *going = (struct going){.mem = mem, .setup = setup, .live = live, .pid = -1};
    if (start(going, binary, err) != 0)
        return -1;
    int status = follow(going);
    double second = now_there(going);
    live->seconds = clock_seconds() - going->started;
    live->end = end_of(going, status);
    live->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    live->why = sentence(going, status);
    last_words(going, second);
    close_one(&going->output);
    close_one(&going->input);
    talloc_free(going->group);
    tell(going, LIVE_ENDED, NULL);
    return 0;
}
