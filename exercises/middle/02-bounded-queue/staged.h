/* staged.h - condition variables whose choices the check makes.
 *
 * POSIX leaves much open: which of the waiting threads a signal wakes, how long a woken thread takes to get
 * going, and that one may wake for no reason at all. A right program is right for every answer. Luck gives
 * nearly always the same answer; here the check gives it. The functions of <pthread.h> keep their meaning:
 *
 *     staged_hold();                 // woken threads do not get going yet
 *     queue_take(queue, &item);      // signals a waiting put
 *     queue_try_put(queue, &other);  // is quicker than the put that was woken
 *     staged_release();              // now it gets going, and finds the queue full
 *
 * A signal wakes the thread that has waited longest. Timed waits end when staged_time_passes says so, or at
 * once when their deadline has passed on their own clock: so a thread in one counts as settled, and a check
 * about an hour takes no time. Under ThreadSanitizer none of this exists, and condition variables are those
 * of the system.
 */
#ifndef STAGED_H
#define STAGED_H

/* Every waiting thread wakes for no reason. */
void staged_false_alarm(void);

/* Every timed wait ends with ETIMEDOUT. */
void staged_time_passes(void);

/* From now on threads that are woken, for whatever reason, get going only at staged_release. */
void staged_hold(void);
void staged_release(void);

#endif
