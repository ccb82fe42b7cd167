/* process.c - batches of tools, a few at a time, their output collected. See process.h.
 *
 * One poll loop reads every running job's pipe; a job is over when its pipe is closed and it has been reaped.
 * Each job leads a process group, which is ended with it, so that an interrupted compiler leaves nothing
 * behind.
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 256 * 1024, TOGETHER = 16 };

/* A job under way. */
struct running {
    struct process *job;
    pid_t pid;
    int pipe;
    size_t length;
    double started;
};

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void limit(int resource, rlim_t value)
{
    setrlimit(resource, &(struct rlimit){value, value});
}

/* At the soft limit the job ends by SIGXCPU, which tells why. Compilers take it as an occasion to print their
 * stack, which costs time as well; the hard limit, which kills without a word, leaves them some. */
static void limit_processor(unsigned seconds)
{
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 10});
}

/* In the child: become the tool, or write errno to TROUBLE. */
static void become(const struct process *job, int output, int trouble)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    if (job->cpu_seconds)
        limit_processor(job->cpu_seconds);
    if (job->file_bytes)
        limit(RLIMIT_FSIZE, job->file_bytes);
    if (job->memory_bytes)
        limit(RLIMIT_AS, job->memory_bytes);
    limit(RLIMIT_CORE, 0);
    if (!job->directory || chdir(job->directory) == 0)
        execvpe(job->argv[0], (char *const *)job->argv,
                job->environment ? (char *const *)job->environment : environ);
    int why = errno;
    if (write(trouble, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

static int start(void *mem, struct process *job, struct running *slot, struct error *err)
{
    int output[2], trouble[2], why;

    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(trouble, O_CLOEXEC) != 0)
        return error_grader(err, "no pipe for %s: %s", job->argv[0], strerror(errno));
    *slot = (struct running){.job = job, .pipe = output[0], .started = clock_seconds()};
    job->output = talloc_strdup(mem, "");
    slot->pid = fork();
    if (slot->pid == 0)
        become(job, output[1], trouble[1]);
    close(output[1]);
    close(trouble[1]);
    int failed = slot->pid < 0 ? (why = errno, 1) : read(trouble[0], &why, sizeof why) == sizeof why;
    close(trouble[0]);
    if (!failed)
        return 0;
    close(output[0]);
    if (slot->pid > 0)
        waitpid(slot->pid, NULL, 0);
    return error_grader(err, "cannot start %s: %s", job->argv[0], strerror(why));
}

/* Take what the job has printed. 0 when it has closed its end. */
static int drain(struct running *slot)
{
    char chunk[8192];
    ssize_t got = read(slot->pipe, chunk, sizeof chunk);

    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    size_t room = OUTPUT_LIMIT - slot->length;
    size_t keep = (size_t)got < room ? (size_t)got : room;
    slot->job->output = talloc_strndup_append_buffer(slot->job->output, chunk, keep);
    slot->length += keep;
    return got > 0;
}

static void finish(struct running *slot)
{
    int status;

    close(slot->pipe);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        ;
    kill(-slot->pid, SIGKILL);
    slot->job->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    slot->job->seconds = clock_seconds() - slot->started;
}

/* Wait until at least one running job has something to say; retire those that are over. Returns how many
 * still run. */
static size_t advance(struct running *slots, size_t count)
{
    struct pollfd polls[TOGETHER];

    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){.fd = slots[i].pipe, .events = POLLIN};
    if (poll(polls, count, -1) < 0)
        return count;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (polls[i].revents && !drain(&slots[i]))
            finish(&slots[i]);
        else
            slots[left++] = slots[i];
    }
    return left;
}

int process_run(void *mem, struct process *jobs, size_t count, unsigned at_once, struct error *err)
{
    struct running slots[TOGETHER];
    size_t running = 0, next = 0, most = at_once < TOGETHER ? at_once : TOGETHER;
    int result = 0;

    while (running > 0 || (next < count && result == 0)) {
        while (result == 0 && next < count && running < most) {
            result = start(mem, &jobs[next++], &slots[running], err);
            if (result == 0)
                running++;
        }
        if (running > 0)
            running = advance(slots, running);
    }
    return result;
}
