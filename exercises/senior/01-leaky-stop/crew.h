/* crew.h - a crew of worker threads behind a queue, small enough to be made for one batch of work.
 *
 *     struct crew *crew = crew_create(4, free);
 *     if (crew_submit(crew, scale, picture) != 0) free(picture);   // refused: it is still yours
 *     crew_destroy(crew);
 *
 * Whoever submits owns the argument until crew_submit has returned 0. From then on the task owns it, or
 * `discard` if the task never gets to run.
 */
#ifndef CREW_H
#define CREW_H

struct crew;
typedef void crew_task(void *arg);

/* Make a crew of WORKERS threads, or NULL when memory or threads are out. DISCARD takes back the argument of
 * a task that never ran. It is called without any lock held: it may call crew_submit. */
struct crew *crew_create(unsigned workers, void (*discard)(void *arg));

/* Queue a task. 0, or -1 when the crew is being stopped. Any thread may call it. */
int crew_submit(struct crew *crew, crew_task *run, void *arg);

/* Take no more tasks, discard those that have not begun, and let those that run finish. Every call returns
 * only when all workers have ended, also a second one, and also one that comes while another is at work. Any
 * thread may call it, but no task. */
void crew_stop(struct crew *crew);

/* Stop the crew, if nobody has, and give back its memory. Nobody else may be using it, or be about to. */
void crew_destroy(struct crew *crew);

#endif
