/* stage.h - the checks decide what time it is, and how late a thread may be. Included by service.h.
 *
 * The functions below keep their meaning. A wait until a moment ends when its clock has reached that moment;
 * only the clock is the check's, so that an hour costs nothing. A thread that was woken may get going
 * late. And whoever joins a thread a second time is told so.
 */
#ifndef STAGE_H
#define STAGE_H

#include <pthread.h>
#include <time.h>

int stage_gettime(clockid_t clock, struct timespec *now);
int stage_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int stage_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline);
int stage_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                    const struct timespec *deadline);
int stage_join(pthread_t thread, void **result);

#ifndef STAGE_INSIDE
#define clock_gettime          stage_gettime
#define pthread_cond_wait      stage_wait
#define pthread_cond_timedwait stage_timedwait
#define pthread_cond_clockwait stage_clockwait
#define pthread_join           stage_join
#endif

#endif
