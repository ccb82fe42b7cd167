/* watch_job.h - a grading in a process of its own, so that watch can go on listening and can drop it.
 *
 *     job_start(&job, session, exercise, path, &style, &err);
 *     poll job.pipe; while (job_read(&job, &message)) ... progress ...
 *     if (job.ended) ... job.outcome, job_text(mem, &job) ...
 *     job_stop(&job);
 *
 * The child grades and renders; it never opens the store (SQLite does not survive a fork). What it started
 * dies with it.
 */
#ifndef DEEPEND_WATCH_JOB_H
#define DEEPEND_WATCH_JOB_H

#include "cmd/grade.h"

#include <sys/types.h>

/* What became of a grading. Plain data: it comes through a pipe. */
struct job_outcome {
    int judged; /* 1: result holds; 0: the text says why not */
    enum exit_status status;
    struct grade_result result;
};

struct job {
    pid_t pid;          /* 0: none */
    int pipe;           /* -1: none */
    int page;           /* where the child writes its report */
    int ended;          /* 1: outcome and text are complete */
    char progress[160]; /* what it is doing */
    struct job_outcome outcome;
};

/* Start. -1 when no process could be had. */
int job_start(struct job *job, struct session *session, const struct exercise *exercise, const char *path,
              const struct report_style *style, struct error *err);

/* Take what the child says; 1 when there was news. Call it when the pipe can be read. */
int job_read(struct job *job);

/* The report, on MEM. Once it has ended. */
char *job_text(void *mem, const struct job *job);

/* End the child, if there is one, and forget it. */
void job_stop(struct job *job);

#endif
