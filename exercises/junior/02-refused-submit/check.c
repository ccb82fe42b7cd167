/* check.c - does the desk tell the truth about every order, and does every slip have exactly one end?
 *
 * The cooks stand at the oven's gate until a check opens it: so the kitchen is full when a check wants it to
 * be, and a slip that was thrown away too early is read after that, every time.
 */
#include "check.h"
#include "desk.h"

#include <pthread.h>
#include <string.h>

enum { ORDERS = 4 };

static const char *const orders[ORDERS] = {"soup", "tea", "pie", "cake"};
static struct tally cooked[ORDERS], apologies[ORDERS];
static struct tally unknown; /* slips whose text nobody ordered */
static struct gate oven;

/* --- what the exercise gives ------------------------------------------------------------------------- */

static void book(struct tally book[ORDERS], const char *slip)
{
    for (int i = 0; i < ORDERS; i++) {
        if (strcmp(slip, orders[i]) == 0) {
            tally_add(&book[i], 1);
            return;
        }
    }
    tally_add(&unknown, 1);
}

void cook(const char *order)
{
    gate_wait(&oven);
    book(cooked, order);
}

void apologise(const char *order)
{
    book(apologies, order);
}

/* --- helpers ----------------------------------------------------------------------------------------- */

static struct pool *open_kitchen(unsigned cooks, size_t capacity)
{
    struct pool *kitchen;
    struct pool_options options = {.workers = cooks, .capacity = capacity, .discard = desk_drop};

    if (pool_create(&kitchen, &options) != POOL_OK)
        CHECK_FAIL(CLASS_CRASH, "the check could not open the kitchen");
    return kitchen;
}

static const char *words(enum desk_answer answer)
{
    return answer == DESK_TAKEN ? "taken" : answer == DESK_COME_BACK ? "come back" : "closed";
}

/* One order that there is room for. */
static void take(struct pool *kitchen, const char *order)
{
    enum desk_answer answer = desk_take(kitchen, order);

    CHECK_THAT(answer == DESK_TAKEN, CLASS_WRONG_RESULT,
               "the kitchen had room for the %s, but the customer was told \"%s\"", order, words(answer));
}

/* The kitchen has refused ORDER: what was the customer told? */
static void was_refused(const char *order, enum desk_answer told, enum desk_answer right)
{
    const char *why = right == DESK_CLOSED ? "had stopped" : "was full";

    CHECK_THAT(told != DESK_TAKEN, CLASS_LOST_TASK,
               "the kitchen %s and refused the %s, but the customer was told \"taken\": nobody will cook it",
               why, order);
    CHECK_THAT(told == right, CLASS_WRONG_RESULT,
               "the kitchen %s: the customer who wanted %s should hear \"%s\" and was told \"%s\"", why,
               order, words(right), words(told));
}

/* How often each order should have been cooked, or apologised for, by now. */
static void compare_books(const int cook_times[ORDERS], const int sorry_times[ORDERS])
{
    CHECK_THAT(tally_read(&unknown) == 0, CLASS_WRONG_RESULT,
               "%d slip(s) no longer said what was ordered when the kitchen read them: the customer's paper "
               "was used again after desk_take had returned",
               tally_read(&unknown));
    for (int i = 0; i < ORDERS; i++) {
        int cooks = tally_read(&cooked[i]), sorry = tally_read(&apologies[i]);
        CHECK_THAT(cooks + sorry >= cook_times[i] + sorry_times[i], CLASS_LOST_TASK,
                   "the %s was taken, but it was neither cooked nor apologised for", orders[i]);
        CHECK_THAT(sorry <= sorry_times[i], CLASS_WRONG_RESULT,
                   "there was an apology for the %s, which the kitchen %s", orders[i],
                   cook_times[i] ? "did cook" : "had never accepted");
        CHECK_INT(cooks, cook_times[i], "the %s was not cooked as often as ordered", orders[i]);
    }
}

/* --- customers --------------------------------------------------------------------------------------- */

struct customer {
    struct pool *kitchen;
    const char *order;
    enum desk_answer answer; /* valid after the join */
};

static struct tally answered;
static struct gate home; /* nobody goes home before a check opens it */

static void *visit_desk(void *arg)
{
    struct customer *customer = arg;

    customer->answer = desk_take(customer->kitchen, customer->order);
    tally_add(&answered, 1);
    gate_wait(&home);
    return NULL;
}

/* One order that the kitchen is going to refuse. In a thread that ends, so that nothing but the slip itself
 * can be left of the visit. */
static void be_refused(struct pool *kitchen, const char *order, enum desk_answer right)
{
    pthread_t thread;
    struct customer customer = {kitchen, order, DESK_TAKEN};

    pthread_create(&thread, NULL, visit_desk, &customer);
    check_settle();
    CHECK_THAT(
        tally_read(&answered) == 1, CLASS_TIMEOUT,
        "the kitchen was full, and desk_take let the customer wait until a cook would be free: it must "
        "answer at once");
    gate_open(&home);
    pthread_join(thread, NULL);
    was_refused(order, customer.answer, right);
}

/* One cook, who is busy, and one place for a slip, which is taken. */
static void full(void)
{
    struct pool *kitchen = open_kitchen(1, 1);

    take(kitchen, "soup");
    gate_await(&oven, 1);
    take(kitchen, "tea");
    be_refused(kitchen, "pie", DESK_COME_BACK);
    gate_open(&oven);
    pool_drain(kitchen);
    compare_books((const int[ORDERS]){1, 1, 0, 0}, (const int[ORDERS]){0});
    pool_destroy(kitchen);
}

/* Room enough, but the kitchen has stopped. */
static void closed(void)
{
    struct pool *kitchen = open_kitchen(1, ORDERS);

    take(kitchen, "soup");
    gate_open(&oven);
    pool_drain(kitchen);
    be_refused(kitchen, "tea", DESK_CLOSED);
    compare_books((const int[ORDERS]){1, 0, 0, 0}, (const int[ORDERS]){0});
    pool_destroy(kitchen);
}

/* --- a kitchen that stops with slips in the queue ---------------------------------------------------- */

static void *stop(void *kitchen)
{
    pool_stop(kitchen);
    return NULL;
}

static void given_back(void)
{
    pthread_t thread;
    struct pool *kitchen = open_kitchen(1, ORDERS);

    take(kitchen, "soup");
    gate_await(&oven, 1);
    take(kitchen, "tea");
    take(kitchen, "pie");
    pthread_create(&thread, NULL, stop, kitchen);
    check_settle(); /* tea and pie are discarded; the stop waits for the soup */
    gate_open(&oven);
    pthread_join(thread, NULL);
    compare_books((const int[ORDERS]){1, 0, 0, 0}, (const int[ORDERS]){0, 1, 1, 0});
    pool_destroy(kitchen);
}

/* --- the customer's paper ---------------------------------------------------------------------------- */

static void own_copy(void)
{
    char paper[16] = "soup";
    struct pool *kitchen = open_kitchen(1, ORDERS);

    take(kitchen, paper);
    gate_await(&oven, 1);
    strcpy(paper, "tea");
    take(kitchen, paper);
    strcpy(paper, "a shopping list");
    gate_open(&oven);
    pool_drain(kitchen);
    compare_books((const int[ORDERS]){1, 1, 0, 0}, (const int[ORDERS]){0});
    pool_destroy(kitchen);
}

/* --- several customers at once ----------------------------------------------------------------------- */

/* Nothing orders the customers among themselves: each calls once, and nobody leaves before all have been
 * answered. */
static void side_by_side(void)
{
    pthread_t threads[ORDERS];
    struct customer customers[ORDERS];
    struct pool *kitchen = open_kitchen(2, ORDERS);

    for (int i = 0; i < ORDERS; i++) {
        customers[i] = (struct customer){kitchen, orders[i], DESK_CLOSED};
        pthread_create(&threads[i], NULL, visit_desk, &customers[i]);
    }
    gate_await(&home, ORDERS);
    gate_open(&home);
    for (int i = 0; i < ORDERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_THAT(customers[i].answer == DESK_TAKEN, CLASS_WRONG_RESULT,
                   "the kitchen had room for all %d orders, but the customer who wanted %s was told \"%s\"",
                   ORDERS, orders[i], words(customers[i].answer));
    }
    gate_open(&oven);
    pool_drain(kitchen);
    compare_books((const int[ORDERS]){1, 1, 1, 1}, (const int[ORDERS]){0});
    pool_destroy(kitchen);
}

CHECKS({"full", full}, {"closed", closed}, {"given-back", given_back}, {"own-copy", own_copy},
       {"side-by-side", side_by_side});
