/* orders.c - what the till does with an order, and what went wrong with it on Tuesday. */
#include "diagnosis.h"
#include "service.h"

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

/* Ask the bank for the money. */
static enum entry charge(struct service *service, const struct order *order)
{
    struct line *line = line_take(service);
    enum answer answer;

    line_ask_payment(line, order);
    answer = line_answer(line, NO_DEADLINE);
    line_give(service, line);
    return answer == ANSWER_YES ? PAID : DECLINED;
}

void order_run(struct service *service, const struct order *order)
{
    ledger_write(service, order, BEGUN);
    ledger_write(service, order, charge(service, order));
}

/* Tell the bank our total of one moment; it compares that with its own. */
void audit_run(struct service *service)
{
    struct ledger *ledger = service_ledger(service);
    struct line *line;

    pthread_mutex_lock(&ledger->lock);
    line = line_take(service);
    line_ask_audit(line, ledger->cents);
    line_answer(line, NO_DEADLINE);
    line_give(service, line);
    pthread_mutex_unlock(&ledger->lock);
}

/* --- what went wrong: fill in ------------------------------------------------------------------------- */

const struct diagnosis diagnosis = {
    .waits = {[MAIN] = {END_OF_A_THREAD, SET(INTAKE)}},
    .root = 0,
    .cause = CAUSE_NOT_FOUND,
    .minute = -1,
    .first_sign = NO_METRIC,
    .acquitted_by = {[BURST_OF_ORDERS] = NO_METRIC, [BUSY_PROCESSOR] = NO_METRIC, [SLOW_BANK] = NO_METRIC},
};
