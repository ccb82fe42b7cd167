/* check.c - is the diagnosis what the evidence says, and does the repaired till come through?
 *
 * The bank is played here. Its time is not the clock's: an answer is there at once, or nothing comes and the
 * deadline passes as soon as no other thread can move. Without a deadline the wait has no end, and the
 * watchdog proves what that leads to.
 */
#include "check.h"
#include "diagnosis.h"
#include "service.h"

#include <semaphore.h>

enum { ORDERS = 32, SHOP_PATIENCE_MS = 5000, BANK_MS = 400 };

/* --- the bank ------------------------------------------------------------------------------------------- */

/* One bad day, and what the bank remembers of it. */
struct day {
    unsigned orders;
    int (*silent)(unsigned question); /* does the bank keep silent? By order, 0 for an audit */
    int slow;                         /* answers come when everybody else has come to rest */
    int in_time;                      /* deadlines are judged */
    struct tally begun[ORDERS + 1], ended[ORDERS + 1], asked[ORDERS + 1];
    struct tally audits, taken, strays;
};

static struct day *day; /* changed only while there is no service */

/* A question to which the answer has not been read. */
struct question {
    unsigned order; /* 0: an audit */
    int late;       /* nothing came within the time; by the next question it will be there */
    long waited_ms;
    unsigned waits;
};

enum { PENDING_MOST = 64 };

/* Plain data: it is the thread's that has taken the line. */
struct line {
    struct question pending[PENDING_MOST];
    unsigned count;
};

static struct line lines[LINES_MOST];

struct line *line_open(unsigned number)
{
    lines[number].count = 0;
    return &lines[number];
}

void line_redial(struct line *line)
{
    line->count = 0;
}

static void ask(struct line *line, unsigned order, int late)
{
    CHECK_THAT(line->count < PENDING_MOST, CLASS_OVERLOAD, "%d questions on one line wait for an answer",
               PENDING_MOST);
    for (unsigned i = 0; i < line->count; i++)
        line->pending[i].late = 0; /* meanwhile it has come */
    line->pending[line->count++] = (struct question){.order = order, .late = late};
}

static int is_declined(unsigned order)
{
    return order % 9 == 8;
}

void line_ask_payment(struct line *line, const struct order *order)
{
    int known = order->id >= 1 && order->id <= ORDERS;

    tally_add(known ? &day->asked[order->id] : &day->strays, 1);
    ask(line, order->id, day->silent(order->id));
}

void line_ask_audit(struct line *line, unsigned long cents)
{
    (void)cents;
    int nth = tally_add(&day->audits, 1);
    check_settle(); /* now others may write into the ledger, if they can */
    ask(line, 0, day->silent(0) && nth % 2 == 0);
}

/* The deadline passes. Without one, nothing does. */
static enum answer let_pass(struct question *question, int deadline_ms)
{
    static sem_t silence; /* never posted */

    while (deadline_ms == NO_DEADLINE)
        sem_wait(&silence);
    question->waited_ms += deadline_ms;
    CHECK_THAT(++question->waits <= 20, CLASS_LIVELOCK,
               "the same answer is waited for again and again, and it never comes");
    CHECK_THAT(!day->in_time || question->waited_ms <= SHOP_PATIENCE_MS, CLASS_TIMEOUT,
               "an answer is waited for as long as %ld ms; the shop's customers leave after %d",
               question->waited_ms, SHOP_PATIENCE_MS);
    check_settle();
    return ANSWER_NONE;
}

enum answer line_answer(struct line *line, int deadline_ms)
{
    struct question *first = &line->pending[0], question;

    CHECK_THAT(line->count > 0, CLASS_MISUSE, "an answer is waited for on a line without a question");
    CHECK_THAT(deadline_ms >= 0, CLASS_MISUSE, "a deadline of %d ms has no meaning", deadline_ms);
    if (first->late)
        return let_pass(first, deadline_ms);
    if (day->slow)
        check_settle();
    if (deadline_ms != NO_DEADLINE && first->waited_ms + deadline_ms < BANK_MS) {
        first->waited_ms += deadline_ms;
        return ANSWER_NONE;
    }
    question = *first;
    line->count--;
    for (unsigned i = 0; i < line->count; i++)
        line->pending[i] = line->pending[i + 1];
    return is_declined(question.order) ? ANSWER_NO : ANSWER_YES;
}

/* --- the shop, and what is told of the orders -------------------------------------------------------------
 */

static struct order order_number(unsigned id)
{
    return (struct order){id, 1000 + id};
}

int shop_next(struct order *order)
{
    unsigned id = (unsigned)tally_add(&day->taken, 1);

    if (day->slow && id == 2) /* all that follow come while the only line is in use */
        tally_await(&day->asked[1], 1);
    *order = order_number(id);
    return id <= day->orders;
}

void tell(enum event event, const struct order *order)
{
    if (event == EVENT_BEGUN)
        tally_add(&day->begun[order->id], 1);
    else if (event == EVENT_ENDED)
        tally_add(&day->ended[order->id], 1);
}

static int never_silent(unsigned question)
{
    (void)question;
    return 0;
}

/* Every third order, and the audits: each second one of them. */
static int often_silent(unsigned question)
{
    return question % 3 == 0;
}

static int once_silent(unsigned question)
{
    return question == 4;
}

/* --- the repair -------------------------------------------------------------------------------------------
 */

static struct service *run_day(struct day *today, struct settings with)
{
    check_note("tried: %u workers, %u lines, %u orders", with.workers, with.lines, today->orders);
    day = today;
    struct service *service = service_start(&with);
    service_stop(service);
    for (unsigned i = 1; i <= day->orders; i++)
        CHECK_INT(tally_read(&day->ended[i]), 1, "order %u was not dealt with exactly once", i);
    return service;
}

static void check_settings(void)
{
    CHECK_THAT(settings.workers >= 1 && settings.workers <= WORKERS_MOST, CLASS_OVERLOAD,
               "%u workers: 1 to %d are possible", settings.workers, WORKERS_MOST);
    CHECK_THAT(settings.lines >= 1 && settings.lines <= LINES_MOST, CLASS_OVERLOAD,
               "%u lines to the bank: 1 to %d are possible", settings.lines, LINES_MOST);
    CHECK_THAT(settings.room >= 1 && settings.room <= ROOM_MOST, CLASS_OVERLOAD,
               "room for %u orders: 1 to %d are possible", settings.room, ROOM_MOST);
}

/* The bank falls silent more often than there are lines and workers. */
static void moves(void)
{
    static struct day today = {.orders = ORDERS, .silent = often_silent, .in_time = 1};

    check_settings();
    service_destroy(run_day(&today, (struct settings){settings.workers, settings.lines, 4, 4}));
}

static const char *const entry_names[] = {"not there", "begun", "paid", "declined", "unknown"};

/* What the ledger ought to say of an order. */
static enum entry truth(unsigned order)
{
    if (day->silent(order))
        return UNKNOWN;
    return is_declined(order) ? DECLINED : PAID;
}

static void check_order(const struct ledger *ledger, unsigned order)
{
    enum entry is = ledger->entries[order], ought = truth(order);

    CHECK_THAT(tally_read(&day->asked[order]) > 0, CLASS_LOST_TASK,
               "the bank was never asked for the money of order %u", order);
    CHECK_THAT(tally_read(&day->asked[order]) == 1, CLASS_WRONG_RESULT,
               "the bank was asked %d times for the money of order %u, and does what it is asked",
               tally_read(&day->asked[order]), order);
    CHECK_THAT(is <= UNKNOWN && is == ought, CLASS_WRONG_RESULT,
               "order %u is %s in the ledger; %s would be right, since the bank %s", order,
               is <= UNKNOWN ? entry_names[is] : "nonsense", entry_names[ought],
               ought == UNKNOWN    ? "has not answered"
               : ought == DECLINED ? "answered no"
                                   : "answered yes, within its usual time");
}

static void check_ledger(struct service *service)
{
    struct ledger *ledger = service_ledger(service);
    unsigned long cents = 0;

    CHECK_INT(tally_read(&day->strays), 0, "the bank was asked about orders that there are not");
    for (unsigned i = 1; i <= day->orders; i++) {
        check_order(ledger, i);
        cents += ledger->entries[i] == PAID ? order_number(i).cents : 0;
    }
    CHECK_THAT(ledger->cents == cents, CLASS_WRONG_RESULT,
               "the ledger's total is %lu cents, its paid orders make %lu", ledger->cents, cents);
}

/* One worker takes the lines in turn, so the line of the silent order is used again. Then a normal day on
 * which one line is not enough for all at once. */
static void keeps_work(void)
{
    static struct day bad = {.orders = 20, .silent = once_silent},
                      normal = {.silent = never_silent, .slow = 1};
    struct service *service = run_day(&bad, (struct settings){1, 2, 4, ORDERS_MOST});

    check_ledger(service);
    service_destroy(service);
    normal.orders = 12;
    service = run_day(&normal, (struct settings){3, 1, 4, 4});
    check_ledger(service);
    CHECK_INT(tally_read(&normal.audits), 3, "not every audit that was due was put to the bank");
    service_destroy(service);
}

/* --- the diagnosis ----------------------------------------------------------------------------------------
 */

static const char *const names[] = {"main",     "the intake", "the auditor", "worker-1",
                                    "worker-2", "worker-3",   "worker-4",    "the world outside"};

#define THE_SILENT  (SET(WORKER_1) | SET(WORKER_4))
#define ALL_WORKERS (SET(WORKER_1) | SET(WORKER_2) | SET(WORKER_3) | SET(WORKER_4))

/* What threads.txt shows: each thread's own frames, and for the owners the lines above those in orders.c. */
static const struct wait truth_of[THREADS] = {
    [MAIN] = {END_OF_A_THREAD, SET(INTAKE)},     [INTAKE] = {ROOM_IN_QUEUE, ALL_WORKERS},
    [AUDITOR] = {FREE_LINE, THE_SILENT},         [WORKER_1] = {ANSWER_OF_BANK, SET(OUTSIDE)},
    [WORKER_2] = {FREE_LINE, THE_SILENT},        [WORKER_3] = {LEDGER_LOCK, SET(AUDITOR)},
    [WORKER_4] = {ANSWER_OF_BANK, SET(OUTSIDE)},
};

static void chain(void)
{
    for (int i = 0; i < THREADS; i++) {
        struct wait said = diagnosis.waits[i];
        CHECK_THAT(said.what == truth_of[i].what, CLASS_WRONG_RESULT,
                   "%s: the frames of its stack in threads.txt show another wait than the one you name",
                   names[i]);
        for (int k = 0; k <= OUTSIDE; k++)
            CHECK_THAT(!(said.held_by & ~truth_of[i].held_by & SET(k)), CLASS_WRONG_RESULT,
                       "%s does not have what %s waits for", names[k], names[i]);
        CHECK_THAT((said.held_by & truth_of[i].held_by) == truth_of[i].held_by, CLASS_WRONG_RESULT,
                   "%s: you do not name everybody who could end its wait", names[i]);
    }
}

/* Why a cause is not the one. */
static const char *const refuted[] = {
    [CAUSE_NOT_FOUND] = "no cause is named",
    [LOCK_ORDER] = "it takes a circle, and the chain has none: follow it to its end",
    [LOCK_NOT_GIVEN_BACK] =
        "every lock that is held is held by a thread still inside of the function that took it",
    [LOST_WAKEUP] = "no thread sleeps although what it waits for is there",
    [SELF_WAIT] = "no task waits for another task",
    [QUEUE_FED_BY_WORKERS] = "no worker puts anything into the queue",
    [TOO_FEW_WORKERS] = "completed would fall behind, but not to nothing",
};

static void root(void)
{
    CHECK_THAT(diagnosis.root != 0, CLASS_WRONG_RESULT, "no thread is named as the root");
    for (int i = 0; i < THREADS; i++)
        CHECK_THAT(!(diagnosis.root & ~THE_SILENT & SET(i)), CLASS_WRONG_RESULT,
                   "%s is a victim: what it waits for is in the hands of another thread of this process",
                   names[i]);
    CHECK_THAT(diagnosis.root == THE_SILENT, CLASS_WRONG_RESULT,
               "there is a second chain, and it ends at another thread than the one you name");
    CHECK_THAT(diagnosis.cause == WAIT_WITHOUT_END, CLASS_WRONG_RESULT, "that is not the cause: %s",
               diagnosis.cause <= TOO_FEW_WORKERS ? refuted[diagnosis.cause]
                                                  : "there is none with that number");
}

enum { BEGINNING = 4 };

static void onset(void)
{
    static const enum metric speaks_for[SUSPECTS] = {ARRIVED, CPU, BANK_P99};
    static const char *const suspects[SUSPECTS] = {"a burst of orders", "a busy processor", "a slow bank"};

    CHECK_THAT(diagnosis.minute <= BEGINNING, CLASS_WRONG_RESULT,
               "minute %d is too late: one column had changed for good before that", diagnosis.minute);
    CHECK_THAT(diagnosis.minute == BEGINNING, CLASS_WRONG_RESULT,
               "in minute %d every column was still as on any other day", diagnosis.minute);
    CHECK_THAT(diagnosis.first_sign == RUNNING || diagnosis.first_sign == COMPLETED, CLASS_WRONG_RESULT,
               "the column that you name does not show it in minute %d", diagnosis.minute);
    for (int i = 0; i < SUSPECTS; i++)
        CHECK_THAT(diagnosis.acquitted_by[i] == speaks_for[i], CLASS_WRONG_RESULT,
                   "%s: another column than the one you name says that it was not that", suspects[i]);
}

CHECKS({"chain", chain}, {"root", root}, {"onset", onset}, {"moves", moves}, {"keeps-work", keeps_work});
