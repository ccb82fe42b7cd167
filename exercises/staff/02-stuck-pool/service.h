/* service.h - the till of a web shop: what the parts know of each other.
 *
 * Orders come from the shop, one by one. The intake thread puts them into a queue with bounded room, workers
 * take them out, and each asks the bank for the money over one of a few lines. What became of an order is
 * written into the ledger. From time to time the auditor compares the ledger with the bank.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <pthread.h>

enum { WORKERS_MOST = 8, LINES_MOST = 8, ROOM_MOST = 64, ORDERS_MOST = 2000 };

struct order {
    unsigned id; /* 1 to ORDERS_MOST; no two orders have the same */
    unsigned cents;
};

struct settings {
    unsigned workers;     /* 1 to WORKERS_MOST */
    unsigned lines;       /* to the bank: 1 to LINES_MOST */
    unsigned room;        /* orders that may wait: 1 to ROOM_MOST */
    unsigned audit_every; /* so many orders */
};

struct service;

/* --- orders.c: yours ------------------------------------------------------------------------------------ */

extern const struct settings settings; /* what the service is started with */

/* Deal with one order; called by a worker. */
void order_run(struct service *service, const struct order *order);

/* Compare the ledger with the bank; called by the auditor. */
void audit_run(struct service *service);

/* --- service.c: given ----------------------------------------------------------------------------------- */

/* What the ledger says of an order. UNKNOWN: the bank was asked and its answer never came. It may have taken
 * the money or not; a person looks into it in the evening. */
enum entry { NOTHING, BEGUN, PAID, DECLINED, UNKNOWN };

struct ledger {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    enum entry entries[ORDERS_MOST + 1]; /* by order */
    unsigned long cents;                 /* of all orders that are PAID */
};
struct ledger *service_ledger(struct service *service);

/* Start the threads. Stop waits until the shop has no more orders and all that it had are dealt with. Destroy
 * comes after stop. */
struct service *service_start(const struct settings *settings);
void service_stop(struct service *service);
void service_destroy(struct service *service);

/* Take a line to the bank, waiting while none is free. Until line_give the line is the caller's alone. */
struct line *line_take(struct service *service);
void line_give(struct service *service, struct line *line);

/* Like line_take, but NULL if none is free now. */
struct line *line_try_take(struct service *service);

/* --- the world outside: given -----------------------------------------------------------------------------
 */

/* The next order of the shop: 1, or 0 when the shop has closed. Called by the intake thread. */
int shop_next(struct order *order);

/* Ask the bank, on a line that the caller has taken. The bank does what it is asked each time it is asked. */
void line_ask_payment(struct line *line, const struct order *order);
void line_ask_audit(struct line *line, unsigned long cents);

/* Wait for the next answer on the line, for so many milliseconds at most. Answers come in the order of the
 * questions and carry no number: one that is late is read by whoever reads next. */
enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NONE }; /* NONE: the deadline has passed */
enum { NO_DEADLINE = 0 };
enum answer line_answer(struct line *line, int deadline_ms);

/* Hang up and dial again: whatever was still to come on this line will never come. */
void line_redial(struct line *line);

/* The line with this number, from 0, as it is when the service starts. */
struct line *line_open(unsigned number);

/* What happens to an order, for the metrics. */
enum event { EVENT_QUEUED, EVENT_BEGUN, EVENT_ENDED };
void tell(enum event event, const struct order *order);

#endif
