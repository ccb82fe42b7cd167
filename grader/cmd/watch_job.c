/* watch_job.c - see watch_job.h. The report lies in an anonymous file, progress and outcome come through a
 * pipe in packets that are small enough to be written in one piece. */
#include "cmd/watch_job.h"

#include "base/process.h"
#include "cmd/arguments.h"
#include "cmd/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

struct packet {
    int last; /* 1: outcome holds; 0: progress does */
    char progress[160];
    struct job_outcome outcome;
};
_Static_assert(sizeof(struct packet) <= 512, "POSIX promises whole writes to a pipe up to 512 bytes");

/* --- in the child -----------------------------------------------------------------------------------------
 */

static void send_packet(int pipe, const struct packet *packet)
{
    while (write(pipe, packet, sizeof *packet) < 0 && errno == EINTR)
        ;
}

static void send_progress(void *context, const char *text)
{
    struct packet packet = {0};

    snprintf(packet.progress, sizeof packet.progress, "%s", text);
    send_packet(*(const int *)context, &packet);
}

/* What the person reads when nothing was judged. */
static void tell_refusal(FILE *page, const struct error *err)
{
    fprintf(page, "%s\n", err->text);
    if (err->status == EXIT_GRADER)
        fprintf(page, "\nThe grader could not do its part, and no attempt was counted. Type: %s doctor\n",
                program_name());
}

static void grade_here(struct session *session, const struct exercise *exercise, const char *path,
                       const struct report_style *style, FILE *page, int pipe)
{
    const struct grade_options options = {.progress = send_progress, .context = &pipe};
    struct packet packet = {.last = 1};
    struct grade_seconds seconds;
    struct verdict *verdict;
    struct error err = {0};
    double started = clock_seconds();

    if (grade_submission(session->mem, session, exercise, path, &options, &verdict, &seconds, &err) == 0) {
        double taken = clock_seconds() - started;
        kept_save(session, verdict);
        report_terminal(page, verdict, style, taken);
        packet.outcome = (struct job_outcome){1, verdict_exit(verdict), grade_result_of(verdict, taken)};
    } else {
        tell_refusal(page, &err);
        packet.outcome.status = err.status;
    }
    fflush(page);
    send_packet(pipe, &packet);
}

/* Signals as they are for any program: the parent had blocked those it waits for. */
static void child_begin(pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* gone before we asked to be told */
        _exit(EXIT_GRADER);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
}

/* --- in the parent ----------------------------------------------------------------------------------------
 */

static void job_close(struct job *job)
{
    if (job->pipe >= 0)
        close(job->pipe);
    if (job->page >= 0)
        close(job->page);
    *job = (struct job){.pipe = -1, .page = -1};
}

int job_start(struct job *job, struct session *session, const struct exercise *exercise, const char *path,
              const struct report_style *style, struct error *err)
{
    pid_t parent = getpid();
    int ends[2] = {-1, -1};

    *job = (struct job){.pipe = -1, .page = memfd_create("report", MFD_CLOEXEC)};
    if (job->page < 0 || pipe2(ends, O_CLOEXEC) != 0)
        goto fail;
    fflush(NULL); /* the child must not print again what waits here */
    job->pid = fork();
    if (job->pid < 0)
        goto fail;
    if (job->pid == 0) {
        child_begin(parent);
        FILE *page = fdopen(job->page, "w");
        if (page)
            grade_here(session, exercise, path, style, page, ends[1]);
        _exit(EXIT_GOOD);
    }
    close(ends[1]);
    job->pipe = ends[0];
    fcntl(job->pipe, F_SETFL, O_NONBLOCK);
    return 0;
fail:
    error_grader(err, "cannot start a grading: %s", strerror(errno));
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    job_close(job);
    return -1;
}

/* The pipe was closed: reap the child. One that said nothing last was killed or has crashed. */
static void job_finish(struct job *job, int said_last)
{
    int status = 0;

    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    job->pid = 0;
    if (!said_last) {
        job->outcome = (struct job_outcome){.status = EXIT_GRADER};
        if (ftruncate(job->page, 0) == 0)
            dprintf(job->page,
                    "The grader itself ended unexpectedly (%s %d); no attempt was counted. Type: %s doctor\n",
                    WIFSIGNALED(status) ? "signal" : "status",
                    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), program_name());
    }
    job->ended = 1;
}

int job_read(struct job *job)
{
    struct packet packet;
    int news = 0, last = 0;
    ssize_t got;

    while ((got = read(job->pipe, &packet, sizeof packet)) == (ssize_t)sizeof packet) {
        news = 1;
        last |= packet.last;
        if (packet.last)
            job->outcome = packet.outcome;
        else
            memcpy(job->progress, packet.progress, sizeof job->progress);
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR) && !last)
        return news;
    job_finish(job, last);
    return 1;
}

char *job_text(void *mem, const struct job *job)
{
    off_t length = lseek(job->page, 0, SEEK_END);
    char *text = talloc_zero_array(mem, char, (size_t)length + 1);
    ssize_t got = pread(job->page, text, (size_t)length, 0);

    text[got > 0 ? got : 0] = '\0';
    return text;
}

void job_stop(struct job *job)
{
    if (job->pid > 0) {
        kill(job->pid, SIGKILL);
        while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    job_close(job);
}
