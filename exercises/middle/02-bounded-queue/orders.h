/* orders.h - the same questions as check.c asks, when the schedule explorer drives the threads: nothing is
 * held back, every order may come, and the clock is the explorer's.
 */
#ifndef ORDERS_H
#define ORDERS_H

/* Does the explorer drive the threads of this run? */
int orders_are_explored(void);

/* Two threads put, one takes, all at once: nobody may sleep on. */
void orders_wake_up(void);

/* One thread puts two items, and two take: nobody may get what was never there. */
void orders_look_again(void);

/* Puts with a deadline, to the second. */
void orders_deadline(void);

#endif
