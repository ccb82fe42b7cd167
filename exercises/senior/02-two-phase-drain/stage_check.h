/* stage_check.h - what the checks can do with the stage. */
#ifndef STAGE_CHECK_H
#define STAGE_CHECK_H

#include "service.h"

/* check_settle, and then fail if the stage has seen a fault: a second join, or a wait that never gives up. In
 * the check's own thread. */
void stage_rest(void);
void stage_judge(void); /* only the second half */

/* The moment HOURS from now on CLOCK_MONOTONIC; may be negative. */
struct timespec stage_in_hours(int hours);

/* The clocks go on by HOURS, once in each check, when nothing moves. Whoever waits until a moment finds out
 * whether it has come, and nobody else wakes. */
void stage_hours_pass(struct service *service, int hours);

/* Every sleeper of SERVICE wakes for no reason, as POSIX lets threads do. */
void stage_false_alarm(struct service *service);

/* From now on threads that are woken at COND, or about to join a worker, go on only at stage_release, which
 * can be done once. */
void stage_hold(const pthread_cond_t *cond);
void stage_hold_joins(void);
void stage_release(void);

/* How many of SERVICE's workers have been joined? */
int stage_joined(const struct service *service);

#endif
