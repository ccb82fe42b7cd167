/* orders.h - what outlives a process of the order service: orders, what the bank knows, the journal.
 *
 * Private to this incident's service. An order is made when a caller comes, and kept to the end: who charges
 * it a second time, much later, is still found. All functions may be called from any thread.
 */
#ifndef INCIDENT_09_ORDERS_H
#define INCIDENT_09_ORDERS_H

#include "incident.h"

#include <stdatomic.h>
#include <stddef.h>

struct order {
    struct request *request; /* until it is answered */
    struct order *next;      /* the one made before; for whoever frees them */
    int confirms;            /* the bank asks the customer */
    atomic_int charges;      /* begun at the bank */
    atomic_int is_over;      /* the request has its answer */
    int is_written;          /* it stands in the journal; guarded by the journal's lock, as is */
    int is_listed;           /* it has its place in the list of those that do, or did */
};

void orders_open(void);
void orders_free(void);

/* NULL: no memory. The caller's request is REQUEST from now on. */
struct order *order_new(struct request *request, int confirms);

/* The one answer. */
void order_answer(struct order *order, enum request_end how);

/* The bank begins to charge it; 1: for the first time. */
int order_begin(struct order *order);

/* And goes on: takes its time, and answers the request. When it is not the first time it counts as "twice". */
void order_charge(struct order *order, int is_first);

/* The journal: add and strike without the time that it takes. `journal_orders` fills ORDERS, the oldest first,
 * with up to MOST; returns how many there are. */
void journal_add(struct order *order);
void journal_remove(struct order *order);
int journal_has(struct order *order);
size_t journal_orders(struct order **orders, size_t most);

#endif
