/* orders.c - see orders.h. The bank has two speeds, so it is two downstreams; the journal is a list in memory
 * that stands for a file. */
#include "orders.h"

#include <pthread.h>
#include <stdlib.h>

enum { TOGETHER = 20 }; /* charges that the bank works on at once without getting slower */

static struct {
    pthread_mutex_t lock;
    struct order *all; /* guarded by lock */
} orders = {PTHREAD_MUTEX_INITIALIZER, NULL};

static struct {
    pthread_mutex_t lock;
    struct order **list; /* guarded by lock, as are */
    size_t count, room;
} journal = {PTHREAD_MUTEX_INITIALIZER, NULL, 0, 0};

static struct incident_downstream bank, customers;

/* --- the bank ------------------------------------------------------------------------------------------ */

static double charge_takes(unsigned in_flight, double second)
{
    (void)second;
    return in_flight <= TOGETHER ? 0.050 : 0.050 * in_flight / TOGETHER;
}

static double confirming_takes(unsigned in_flight, double second)
{
    (void)in_flight;
    (void)second;
    return 6;
}

int order_begin(struct order *order)
{
    return atomic_fetch_add(&order->charges, 1) == 0;
}

void order_charge(struct order *order, int is_first)
{
    if (!is_first) {
        incident_count("twice", 1);
        incident_sleep(charge_takes(1, 0));
        return;
    }
    request_begins(order->request);
    int failed = incident_call(order->confirms ? &customers : &bank, order->request);
    order_answer(order, failed ? REQUEST_FAILED : REQUEST_COMPLETED);
}

/* --- orders -------------------------------------------------------------------------------------------- */

void orders_open(void)
{
    bank.latency = charge_takes;
    customers.latency = confirming_takes;
}

struct order *order_new(struct request *request, int confirms)
{
    struct order *order = calloc(1, sizeof *order);

    if (!order)
        return NULL;
    order->request = request;
    order->confirms = confirms;
    pthread_mutex_lock(&orders.lock);
    order->next = orders.all;
    orders.all = order;
    pthread_mutex_unlock(&orders.lock);
    return order;
}

void order_answer(struct order *order, enum request_end how)
{
    if (atomic_exchange(&order->is_over, 1) == 0)
        request_ends(order->request, how);
}

/* The journal first: whoever measured it has let go of the orders then. */
void orders_free(void)
{
    pthread_mutex_lock(&journal.lock);
    free(journal.list);
    journal.list = NULL;
    journal.count = journal.room = 0;
    pthread_mutex_unlock(&journal.lock);
    while (orders.all) {
        struct order *next = orders.all->next;
        free(orders.all);
        orders.all = next;
    }
}

/* --- the journal --------------------------------------------------------------------------------------- */

static int list_locked(struct order *order)
{
    if (journal.count == journal.room) {
        size_t room = journal.room ? 2 * journal.room : 1024;
        struct order **list = realloc(journal.list, room * sizeof *list);
        if (!list)
            return 0;
        journal.list = list;
        journal.room = room;
    }
    journal.list[journal.count++] = order;
    return 1;
}

void journal_add(struct order *order)
{
    pthread_mutex_lock(&journal.lock);
    if (!order->is_listed)
        order->is_listed = list_locked(order);
    order->is_written = order->is_listed;
    pthread_mutex_unlock(&journal.lock);
}

void journal_remove(struct order *order)
{
    pthread_mutex_lock(&journal.lock);
    order->is_written = 0;
    pthread_mutex_unlock(&journal.lock);
}

int journal_has(struct order *order)
{
    pthread_mutex_lock(&journal.lock);
    int has = order->is_written;
    pthread_mutex_unlock(&journal.lock);
    return has;
}

size_t journal_orders(struct order **list, size_t most)
{
    size_t count = 0;

    pthread_mutex_lock(&journal.lock);
    for (size_t i = 0; i < journal.count; i++) {
        if (!journal.list[i]->is_written) {
            journal.list[i]->is_listed = 0;
            continue;
        }
        if (count < most)
            list[count] = journal.list[i];
        journal.list[count++] = journal.list[i];
    }
    journal.count = count;
    pthread_mutex_unlock(&journal.lock);
    return count;
}
