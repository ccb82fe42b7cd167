/* run.c - run the checks of a build, a few at a time, and collect what each leaves behind. See run.h.
 *
 * One loop serves all running processes: it polls their sockets and their output, and lets each one's
 * watchdog look every few milliseconds. A run that is over, by itself or by a limit, is ended with everything
 * it started, and its log is read. Nothing here judges.
 */
#include "run/run.h"

#include "base/file.h"
#include "base/process.h"
#include "run/explored.h"
#include "run/plan.h"
#include "run/predict.h"
#include "run/sandbox.h"
#include "run/simulated.h"
#include "run/stacks.h"
#include "run/talk.h"
#include "run/watch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum {
    EMPTY_LOOKS = 400,
    AT_ONCE_MOST = 8,
    LOG_BYTES = 1 << 20,
    LOOK_EVERY_MS = 5,
    LOOK_WHEN_ASKED_MS = 1,
    HELLO_SECONDS = 90
};

/* A run under way. */
struct active {
    struct run *run;
    struct sandboxed process;
    struct talk talk;
    struct watch watch;
    void *mem;                        /* of what the run keeps */
    size_t printed;                   /* bytes of output so far */
    size_t keep;                      /* bytes of output allowed */
    int process_fd;                   /* becomes readable when it ends */
    int empty_looks;                  /* in which only the tool's own threads were there */
    int output_closed, socket_closed; /* the other side has: polling them would never block */
    double started;
};

/* --- collecting --------------------------------------------------------------------------------------- */

/* Append to LOG each file of the folder that a tool may have written (it adds its process id to the name). */
static char *read_logs(void *mem, const char *folder)
{
    struct dirent **names;
    char *log = talloc_strdup(mem, "");
    int count = scandir(folder, &names, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char *path = talloc_asprintf(mem, "%s/%s", folder, names[i]->d_name);
        size_t length;
        char *text =
            strncmp(names[i]->d_name, "tool", 4) == 0 ? file_read(mem, path, LOG_BYTES, &length, NULL) : NULL;
        if (text)
            log = talloc_strdup_append_buffer(log, text);
        talloc_free(text);
        talloc_free(path);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return log;
}

/* Take what the program has printed. Returns the number of bytes, 0 when it has closed its end, -1 when
 * nothing waits. */
static ssize_t take_output(struct active *active)
{
    char chunk[16384];
    ssize_t got = read(active->process.output, chunk, sizeof chunk);

    if (got == 0)
        active->output_closed = 1;
    for (ssize_t i = 0; i < got; i++)
        if (chunk[i] == '\0')
            chunk[i] = '?'; /* the output is kept as text */
    if (got <= 0)
        return got;
    size_t room = active->printed < active->keep ? active->keep - active->printed : 0;
    active->run->output =
        talloc_strndup_append_buffer(active->run->output, chunk, (size_t)got < room ? (size_t)got : room);
    active->printed += (size_t)got;
    return got;
}

static void take_stacks(struct active *active)
{
    enum variant_tool tool = active->run->variant->tool;

    /* under Valgrind the program's stack is not the processor's */
    if (tool != TOOL_MEMCHECK && tool != TOOL_HELGRIND)
        active->run->stack_count =
            stacks_take(active->mem, active->watch.pid, &active->watch.last, &active->run->stacks);
}

static const struct {
    enum run_end end;
    int wants_stacks;
} ends[] = {
    [SIGHT_STUCK] = {RUN_STUCK, 1},     [SIGHT_IDLE] = {RUN_IDLE, 1},
    [SIGHT_BUSY] = {RUN_BUSY, 1},       [SIGHT_MEMORY] = {RUN_MEMORY, 0},
    [SIGHT_THREADS] = {RUN_THREADS, 0}, [SIGHT_ABANDONED] = {RUN_ABANDONED, 0},
};

/* The process ended by itself: tell how. bubblewrap reports a signal as 128 plus its number, as shells do. */
static void read_status(struct run *run, int status)
{
    run->end = RUN_EXITED;
    if (WIFSIGNALED(status))
        run->signal = WTERMSIG(status);
    else if (WEXITSTATUS(status) > 128 && WEXITSTATUS(status) < 128 + SIGRTMAX)
        run->signal = WEXITSTATUS(status) - 128;
    else
        run->exit_code = WEXITSTATUS(status);
}

/* The last line that a process printed which never said hello: the sandbox's or the tool's reason. */
static char *last_words(void *mem, const struct run *run)
{
    const char *text = run->output[0] ? run->output : run->log;
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    size_t start = length > 400 ? length - 400 : 0;
    return talloc_asprintf(mem, "the program could not be started under `%s`%s%.*s", run->variant->name,
                           length ? ": " : "", (int)(length - start), text + start);
}

/* End the process and everything it started; complete the run. */
static void finish(struct active *active, enum run_end end)
{
    struct run *run = active->run;
    void *mem = active->mem;

    while (active->printed <= active->keep && take_output(active) > 0)
        ;
    int status = sandbox_end(&active->process);
    close(active->process_fd);
    if (end == RUN_EXITED)
        read_status(run, status);
    else
        run->end = end;
    run->log = read_logs(mem, active->process.logs);
    run->peak_kb = active->watch.peak_kb;
    run->cpu_seconds = active->watch.cpu;
    run->seconds = clock_seconds() - active->started;
    if (!active->talk.pid) {
        run->end = RUN_NOT_STARTED;
        run->trouble = last_words(mem, run);
    } else if (run->end == RUN_ABANDONED) {
        run->trouble = talloc_asprintf(
            mem, "the machine gave the program too little processor time in %.0f s to judge it",
            run->seconds);
    }
    path_remove(active->process.logs);
}

/* --- one step ----------------------------------------------------------------------------------------- */

static void count_threads(struct active *active)
{
    struct census census;
    int gone = census_take(active->mem, active->watch.pid, &active->watch.tools, &census);
    talk_answer(&active->talk, gone ? 0 : (long)census.count);
}

/* Take all packets that wait. */
static void listen_to(struct active *active)
{
    enum heard heard;

    while ((heard = talk_hear(active->mem, &active->talk, active->run)) != HEARD_NOTHING &&
           heard != HEARD_END) {
        if (heard == HEARD_HELLO)
            active->watch.pid = active->talk.pid;
        else if (heard == HEARD_SETTLE)
            watch_asked(&active->watch, ASKED_SETTLE);
        else if (heard == HEARD_CENSUS)
            watch_asked(&active->watch, ASKED_CENSUS);
        else if (heard == HEARD_THREADS)
            count_threads(active);
    }
}

static void answer_settled(struct active *active)
{
    size_t others = active->watch.last.count - 1;

    if (active->watch.asked == ASKED_CENSUS) {
        active->run->leaked_threads = (int)others;
        if (others)
            take_stacks(active);
    }
    watch_asked(&active->watch, ASKED_NOTHING);
    talk_answer(&active->talk, (long)others);
}

/* Only the tool's own thread is left. Most often the process is just ending and will be reaped in a moment,
 * with its status; else its main thread has left, and it would go on like this for ever. Returns 1 when the
 * run is over. */
static int end_empty(struct active *active)
{
    struct run *run = active->run;

    if (++active->empty_looks < EMPTY_LOOKS)
        return 0;
    listen_to(active);
    finish(active, RUN_STUCK);
    run->end = RUN_EXITED; /* as it would have without the tool */
    return 1;
}

/* Let the watchdog look, and act on it. Returns 1 when the run is over. */
static int look(struct active *active)
{
    enum sight sight = watch_look(&active->watch, clock_seconds());

    if (sight == SIGHT_GOING_ON || sight == SIGHT_GONE)
        return 0;
    if (sight == SIGHT_SETTLED || sight == SIGHT_OVERSTAY) {
        answer_settled(active);
        return 0;
    }
    if (sight == SIGHT_EMPTY)
        return end_empty(active);
    if (ends[sight].wants_stacks)
        take_stacks(active);
    finish(active, ends[sight].end);
    return 1;
}

/* Serve one run after a poll. Returns 1 when it is over. */
static int serve(struct active *active, const struct pollfd *polls)
{
    int ended = polls[2].revents != 0;

    if (!active->socket_closed)
        listen_to(active);
    if (polls[1].revents)
        take_output(active);
    if (active->printed > active->keep) {
        finish(active, RUN_OUTPUT);
        return 1;
    }
    if (ended) {
        finish(active, RUN_EXITED);
        return 1;
    }
    if (!active->watch.pid) {
        if (clock_seconds() - active->started < HELLO_SECONDS)
            return 0;
        finish(active, RUN_NOT_STARTED);
        return 1;
    }
    return look(active);
}

/* --- starting ----------------------------------------------------------------------------------------- */

static int start(void *mem, struct run *run, const struct limits *limits, struct active *active,
                 struct error *err)
{
    char *logs = talloc_asprintf(mem, "/tmp/deepend-run-%d-XXXXXX", (int)getpid());

    *active = (struct active){.run = run, .mem = mem, .keep = (size_t)limits->output_kb * 1024};
    run->output = talloc_strdup(mem, "");
    run->log = talloc_strdup(mem, "");
    if (!mkdtemp(logs))
        return error_grader(err, "cannot make a folder under /tmp: %s", strerror(errno));
    watch_begin(&active->watch, mem, run->variant, limits);
    active->started = clock_seconds();
    if (sandbox_start(mem, run->binary, run->variant, run->check->name, logs, limits, &active->process,
                      err) != 0) {
        path_remove(logs);
        return -1;
    }
    active->talk.socket = active->process.socket;
    active->process_fd = (int)syscall(SYS_pidfd_open, active->process.pid, 0);
    return 0;
}

/* Folders of graders that were killed. */
static void sweep_old_logs(void)
{
    DIR *folder = opendir("/tmp");
    struct dirent *entry;
    int pid;

    while (folder && (entry = readdir(folder)) != NULL) {
        if (sscanf(entry->d_name, "deepend-run-%d-", &pid) != 1 || kill(pid, 0) == 0 || errno != ESRCH)
            continue;
        char *path = talloc_asprintf(NULL, "/tmp/%s", entry->d_name);
        path_remove(path);
        talloc_free(path);
    }
    if (folder)
        closedir(folder);
}

/* --- the loop ----------------------------------------------------------------------------------------- */

/* The runs under way, and what is still to come. */
struct queue {
    struct active active[AT_ONCE_MOST];
    size_t running, next, done, count;
    struct run *runs;
};

/* May the next run start beside those under way? One that measures runs alone. */
static int may_start(const struct queue *queue, size_t at_once)
{
    if (queue->next == queue->count || queue->running >= at_once)
        return 0;
    if (queue->running == 0)
        return 1;
    return !queue->runs[queue->next].variant->alone && !queue->active[0].run->variant->alone;
}

static void wait_for_news(struct queue *queue, struct pollfd *polls)
{
    int patience = LOOK_EVERY_MS;

    for (size_t i = 0; i < queue->running; i++) {
        const struct active *active = &queue->active[i];
        polls[3 * i] =
            (struct pollfd){.fd = active->socket_closed ? -1 : active->talk.socket, .events = POLLIN};
        polls[3 * i + 1] =
            (struct pollfd){.fd = active->output_closed ? -1 : active->process.output, .events = POLLIN};
        polls[3 * i + 2] = (struct pollfd){.fd = active->process_fd, .events = POLLIN};
        if (active->watch.asked != ASKED_NOTHING)
            patience = LOOK_WHEN_ASKED_MS;
    }
    poll(polls, 3 * queue->running, patience);
}

static void serve_all(struct queue *queue, const struct pollfd *polls)
{
    size_t left = 0;

    for (size_t i = 0; i < queue->running; i++) {
        if (serve(&queue->active[i], &polls[3 * i]))
            queue->done++;
        else
            queue->active[left++] = queue->active[i];
    }
    queue->running = left;
}

static void end_all(struct queue *queue)
{
    for (size_t i = 0; i < queue->running; i++)
        finish(&queue->active[i], RUN_ABANDONED);
    queue->running = 0;
}

int run_checks(void *mem, const struct build *build, const struct run_options *options, struct run **runs,
               size_t *run_count, struct error *err)
{
    struct pollfd polls[3 * AT_ONCE_MOST];
    struct queue queue = {0};
    size_t at_once = options->at_once ? options->at_once : (size_t)sysconf(_SC_NPROCESSORS_ONLN);

    if (plan_runs(mem, build, options, runs, run_count, err) != 0)
        return -1;
    if (build->exercise->program) {
        predict_run(*runs, build, *runs, *run_count);
        return 0;
    }
    if (build->exercise->incident) {
        simulated_run(*runs, build, *runs, *run_count, options);
        return 0;
    }
    sweep_old_logs();
    queue.runs = *runs;
    queue.count = *run_count;
    if (at_once > AT_ONCE_MOST)
        at_once = AT_ONCE_MOST;
    while (queue.next < queue.count || queue.running > 0) {
        while (may_start(&queue, at_once)) {
            struct run *run = &queue.runs[queue.next];
            if (options->progress)
                options->progress(options->context, run->check->name, run->variant->name, queue.done,
                                  queue.count);
            queue.next++;
            if (run->variant->threads != THREADS_REAL) {
                explored_run(*runs, build, run, options);
                queue.done++;
                if (options->stop_early && !run->completed)
                    queue.next = queue.count;
                continue;
            }
            if (start(*runs, run, &build->exercise->limits, &queue.active[queue.running], err) != 0) {
                end_all(&queue);
                return -1;
            }
            queue.running++;
        }
        if (queue.running == 0)
            continue;
        wait_for_news(&queue, polls);
        serve_all(&queue, polls);
    }
    return 0;
}
