/* wait_acts.c - the scenes of those who wait for each other: the weighted semaphore, the single flight, the
 * cancel tokens.
 *
 * Semaphore: what the holders hold never exceeds the size, and all of it comes back. Flight: every value that
 * a work made is freed once. Tokens: each callback is called at most once, and never after its forget has
 * returned.
 */
#include "stress.h"

#include "cancel.h"
#include "flight.h"
#include "pool_semaphore.h"
#include <stdlib.h>

enum { ACTORS = 4, TURNS = 16, KEYS = 3, TOKENS = 6 };

struct actor {
    void *scene;
    struct chance chance;
};

static void act_out(void *(*run)(void *), void *scene, struct chance *chance)
{
    struct actor actors[ACTORS];
    struct crew crew = {0};
    for (int i = 0; i < ACTORS; i++) {
        actors[i] = (struct actor){scene, {chance_next(chance)}};
        crew_add(&crew, run, &actors[i]);
    }
    crew_join(&crew);
}

/* --- the semaphore ------------------------------------------------------------------------------------ */

struct vault {
    struct pool_semaphore *semaphore;
    size_t size;
    atomic_size_t held;
};

static enum pool_status acquire_somehow(struct vault *vault, size_t weight, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    switch (chance_of(chance, 3)) {
    case 0:
        return pool_semaphore_try(vault->semaphore, weight);
    case 1:
        return pool_semaphore_acquire_until(vault->semaphore, weight, &deadline);
    default:
        return pool_semaphore_acquire(vault->semaphore, weight);
    }
}

static void *holder_main(void *arg)
{
    struct actor *me = arg;
    struct vault *vault = me->scene;
    for (int n = 0; n < TURNS; n++) {
        size_t weight = 1 + chance_of(&me->chance, (unsigned)vault->size);
        if (chance_in(&me->chance, 60))
            claim(pool_semaphore_close(vault->semaphore) == POOL_OK);
        if (acquire_somehow(vault, weight, &me->chance) != POOL_OK)
            continue;
        claim(atomic_fetch_add(&vault->held, weight) + weight <= vault->size);
        chance_yield(&me->chance, 4);
        atomic_fetch_sub(&vault->held, weight);
        claim(pool_semaphore_release(vault->semaphore, weight) == POOL_OK);
    }
    return NULL;
}

void play_semaphore(struct chance *chance)
{
    struct vault vault = {.size = 1 + chance_of(chance, 9)};
    claim(pool_semaphore_create(&vault.semaphore, vault.size) == POOL_OK);
    act_out(holder_main, &vault, chance);
    struct pool_semaphore_counts counts = pool_semaphore_counts(vault.semaphore);
    claim(counts.held + counts.waiting + counts.wanted == 0);
    pool_semaphore_destroy(vault.semaphore);
}

/* --- the flight --------------------------------------------------------------------------------------- */

/* A value knows where it is counted, since the one who frees it is told nothing else. */
struct value {
    atomic_int *alive;
};

struct airport {
    struct pool_flight *flight;
    atomic_int alive;
};

static int make_value(void *arg, void **made)
{
    struct actor *me = arg;
    struct airport *airport = me->scene;
    struct value *value = malloc(sizeof *value);
    claim(value != NULL);
    value->alive = &airport->alive;
    atomic_fetch_add(&airport->alive, 1);
    chance_yield(&me->chance, 6);
    *made = value;
    return (int)chance_of(&me->chance, 2); /* a failure is shared too */
}

static void free_value(void *value)
{
    atomic_fetch_sub(((struct value *)value)->alive, 1);
    free(value);
}

static void *passenger_main(void *arg)
{
    static const char *const names[KEYS] = {"north", "east", ""};
    struct actor *me = arg;
    struct airport *airport = me->scene;
    for (int n = 0; n < TURNS; n++) {
        const struct pool_flight_answer *answer;
        struct pool_flight_key key = pool_flight_string(names[chance_of(&me->chance, KEYS)]);
        struct timespec deadline = chance_deadline(&me->chance);
        if (chance_in(&me->chance, 6))
            (void)pool_flight_forget(airport->flight, key);
        enum pool_status status =
            chance_in(&me->chance, 2)
                ? pool_flight_do(airport->flight, key, make_value, me, &answer)
                : pool_flight_do_until(airport->flight, key, make_value, me, &deadline, &answer);
        claim(status == POOL_OK || status == POOL_FAILED || status == POOL_TIMED_OUT);
        claim(status == POOL_TIMED_OUT || (answer->error == 0) == (status == POOL_OK));
        pool_flight_drop(status == POOL_TIMED_OUT ? NULL : answer);
    }
    return NULL;
}

void play_flight(struct chance *chance)
{
    struct airport airport = {.alive = 0};
    claim(pool_flight_create(&airport.flight, &(struct pool_flight_options){.free_value = free_value}) ==
          POOL_OK);
    act_out(passenger_main, &airport, chance);
    struct pool_flight_counts counts = pool_flight_counts(airport.flight);
    claim(counts.flying + counts.waiting == 0);
    pool_flight_destroy(airport.flight);
    claim(airport.alive == 0);
}

/* --- the tokens --------------------------------------------------------------------------------------- */

struct tree {
    struct pool_cancel *token[TOKENS]; /* 0 is the root; each other one is the child of an earlier one */
};

static void count_call(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

/* A callback on the stack of its user: gone when the user goes, whatever the token does meanwhile. */
static void listen(struct pool_cancel *token, struct chance *chance)
{
    struct pool_cancel_callback callback = {0};
    atomic_int called = 0;
    enum pool_status status = pool_cancel_on(token, &callback, count_call, &called);
    claim(status == POOL_OK || status == POOL_ALREADY);
    chance_yield(chance, 6);
    enum pool_status forgot = status == POOL_OK ? pool_cancel_forget(token, &callback) : POOL_ALREADY;
    claim(called == (forgot == POOL_ALREADY));
}

static void sprout(struct pool_cancel *token, struct chance *chance)
{
    struct pool_cancel *child;
    struct pool_cancel_options options = {
        .parent = token, .deadline = chance_in(chance, 3) ? pool_clock_now(NULL) + POOL_MILLISECOND : 0};
    claim(pool_cancel_create(&child, &options) == POOL_OK);
    listen(child, chance);
    if (chance_in(chance, 4))
        claim(pool_cancel_detach(child) != POOL_INVALID);
    claim(pool_cancel_check(child) != POOL_INVALID);
    pool_cancel_unref(child);
}

static void await(struct pool_cancel *token, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    enum pool_status status = pool_cancel_wait(token, &deadline);
    claim(status == POOL_OK || status == POOL_TIMED_OUT);
    claim(status != POOL_OK || pool_cancel_check(token) != POOL_OK);
}

static void call_off(struct pool_cancel *token, struct chance *chance)
{
    if (!chance_in(chance, 4))
        return;
    enum pool_status status = pool_cancel_now(token, POOL_CANCELLED);
    claim(status == POOL_OK || status == POOL_ALREADY);
    claim(pool_cancel_check(token) != POOL_OK);
}

static void *listener_main(void *arg)
{
    static void (*const acts[])(struct pool_cancel *, struct chance *) = {listen, sprout, await, call_off};
    struct actor *me = arg;
    struct tree *tree = me->scene;
    for (int n = 0; n < TURNS; n++) {
        struct pool_cancel *token = pool_cancel_ref(tree->token[chance_of(&me->chance, TOKENS)]);
        acts[chance_of(&me->chance, 4)](token, &me->chance);
        pool_cancel_unref(token);
    }
    return NULL;
}

void play_cancel(struct chance *chance)
{
    struct tree tree;
    for (unsigned i = 0; i < TOKENS; i++) {
        struct pool_cancel_options options = {.parent = i ? tree.token[chance_of(chance, i)] : NULL};
        claim(pool_cancel_create(&tree.token[i], &options) == POOL_OK);
    }
    act_out(listener_main, &tree, chance);
    for (unsigned i = 0; i < TOKENS; i++)
        pool_cancel_unref(tree.token[i]);
}
