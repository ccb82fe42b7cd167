/* crew.h - a small pool: some workers in front of one queue, oldest task first, without a bound. Given.
 *
 *     struct crew *crew = crew_create(2);
 *     crew_submit(crew, work, arg);
 *     crew_destroy(crew);            // runs what is still queued, then joins the workers
 *
 * Unlike the reference pool it refuses nothing and warns of nothing: a task that waits for a task keeps its
 * worker until the wait is over. Any thread may call any function, also from inside a task, but for
 * crew_destroy.
 */
#ifndef CREW_H
#define CREW_H

struct crew;

typedef void crew_task(void *arg);

/* A crew of so many workers (at least 1), or NULL when the system gives no memory or no thread. */
struct crew *crew_create(unsigned workers);

/* Run what is queued, wait for what runs, join the workers, free the crew. */
void crew_destroy(struct crew *crew);

/* Queue a task and return at once. It cannot be refused: without memory the program ends. */
void crew_submit(struct crew *crew, crew_task *run, void *arg);

/* If the task with this argument is still in the queue, take it out and run it here and now, on the calling
 * thread: 1, when it has ended. 0 if it was not in the queue: another thread has begun it, perhaps even ended
 * it. */
int crew_run_queued(struct crew *crew, void *arg);

/* Take the oldest task of the queue, whoever has submitted it, and run it here and now: 1, when it has ended.
 * 0 if the queue was empty. */
int crew_help(struct crew *crew);

/* 1 if the calling thread is one of the crew's workers, which is to say: if this is called from a task. */
int crew_inside(const struct crew *crew);

unsigned crew_workers(const struct crew *crew);

/* How things stand, all at one moment. */
struct crew_state {
    unsigned queued; /* tasks in the queue */
    unsigned busy;   /* workers that are inside a task */
    unsigned
        deepest; /* most tasks that one thread has ever been inside of at once: one on top of the other */
};
struct crew_state crew_state(struct crew *crew);

#endif
