/* orders.c - whoever has waited in vain waits again. */
#include "diagnosis.h"
#include "service.h"

/* The bank takes 50 ms (metrics.csv), customers leave after 5 s. */
enum { DEADLINE_MS = 2000 };

const struct settings settings = {.workers = 4, .lines = 2, .room = 64, .audit_every = 40};

static void ledger_write(struct service *service, const struct order *order, enum entry entry)
{
    struct ledger *ledger = service_ledger(service);

    pthread_mutex_lock(&ledger->lock);
    ledger->entries[order->id] = entry;
    if (entry == PAID)
        ledger->cents += order->cents;
    pthread_mutex_unlock(&ledger->lock);
}

/* Wait for the answer, then give the line back, without anything that is still to come on it. */
static enum answer line_finish(struct service *service, struct line *line)
{
    enum answer answer;

    do
        answer = line_answer(line, DEADLINE_MS);
    while (answer == ANSWER_NONE);
    line_give(service, line);
    return answer;
}

/* Ask the bank for the money. */
static enum entry charge(struct service *service, const struct order *order)
{
    static const enum entry entries[] = {
        [ANSWER_YES] = PAID, [ANSWER_NO] = DECLINED, [ANSWER_NONE] = UNKNOWN};
    struct line *line = line_take(service);

    line_ask_payment(line, order);
    return entries[line_finish(service, line)];
}

void order_run(struct service *service, const struct order *order)
{
    ledger_write(service, order, BEGUN);
    ledger_write(service, order, charge(service, order));
}

void audit_run(struct service *service)
{
    struct ledger *ledger = service_ledger(service);
    struct line *line = line_take(service);
    unsigned long cents;

    pthread_mutex_lock(&ledger->lock);
    cents = ledger->cents;
    pthread_mutex_unlock(&ledger->lock);
    line_ask_audit(line, cents);
    line_finish(service, line);
}

/* --- what went wrong ---------------------------------------------------------------------------------- */

const struct diagnosis diagnosis = {
    .waits =
        {
            [MAIN] = {END_OF_A_THREAD, SET(INTAKE)},
            [INTAKE] = {ROOM_IN_QUEUE, SET(WORKER_1) | SET(WORKER_2) | SET(WORKER_3) | SET(WORKER_4)},
            [AUDITOR] = {FREE_LINE, SET(WORKER_1) | SET(WORKER_4)},
            [WORKER_1] = {ANSWER_OF_BANK, SET(OUTSIDE)},
            [WORKER_2] = {FREE_LINE, SET(WORKER_1) | SET(WORKER_4)},
            [WORKER_3] = {LEDGER_LOCK, SET(AUDITOR)},
            [WORKER_4] = {ANSWER_OF_BANK, SET(OUTSIDE)},
        },
    .root = SET(WORKER_1) | SET(WORKER_4),
    .cause = WAIT_WITHOUT_END,
    .minute = 4, /* the first line is lost; in minute 7 the second and last */
    .first_sign = RUNNING,
    .acquitted_by = {[BURST_OF_ORDERS] = ARRIVED, [BUSY_PROCESSOR] = CPU, [SLOW_BANK] = BANK_P99},
};
