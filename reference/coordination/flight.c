/* flight.c - a table of what is in the air: key to call.
 *
 * A call is found in the table while its work runs, and forgotten when that ends. It is the answer as well:
 * it counts its holders, who are the thread that leads it (runs its work) and all that wait for it, and then
 * all that were given the answer. The last one frees it.
 *
 * One lock guards the table and all calls in it. It is held for a look-up or a landing, never for a work, so
 * callers for different keys do not wait for each other's works. As many calls are in the table as threads
 * lead one, at most; so the table does not grow.
 *
 * Who would wait for itself. A thread that leads a call and now depends on another one, because it waits for
 * it or leads it further inside, notes that in waits_for of the call that it leads. Before a thread joins a
 * call it follows these notes: if they come to a call that it leads itself, nobody would ever land. The notes
 * never form a ring, because the one that would close it is refused. A wait with a deadline is not noted: it
 * ends.
 */
#include "flight.h"

#include "pool_monitor.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { BUCKETS = 256 }; /* a power of two */

struct call {
    struct pool_flight_answer
        answer; /* first: a pointer to it is one to the call. Written once, at landing */

    /* Fixed after create. */
    struct pool_flight *flight; /* not to be followed after landing: the answer may outlive it */
    void (*free_value)(void *value);
    struct call *outer; /* what its leading thread leads around it, in any flight */
    uint64_t hash;

    atomic_size_t holders; /* acquire and release: who frees comes after everybody else's last look */

    /* Guarded by the flight's lock. */
    struct call *next; /* in its bucket */
    bool in_table, has_landed;
    const struct call *waits_for; /* see above */
    struct bell landed;           /* slept at until: has_landed */
    size_t key_size;              /* fixed, as is the key */
    unsigned char key[];
};

struct pool_flight {
    /* Fixed after create. */
    void (*free_value)(void *value);

    struct lock lock;

    /* Guarded by lock. */
    struct pool_flight_counts counts;
    size_t visitors;  /* threads inside do: the flight must outlive them */
    struct bell gone; /* slept at by destroy until: visitors is 0 */
    struct call *buckets[BUCKETS];
};

/* The calls that this thread leads, innermost first. */
static _Thread_local struct call *leading;

static bool i_lead(const struct call *call)
{
    for (const struct call *mine = leading; mine; mine = mine->outer)
        if (mine == call)
            return true;
    return false;
}

/* The innermost call of FLIGHT that this thread leads; NULL: none. */
static struct call *led_in(const struct pool_flight *flight)
{
    struct call *mine = leading;
    while (mine && mine->flight != flight)
        mine = mine->outer;
    return mine;
}

/* --- calls -------------------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits (Fowler, Noll, Vo; the constants are theirs). Nothing here needs a hash that resists an
 * attacker: no chain is longer than there are threads inside. */
static uint64_t hash_of(struct pool_flight_key key)
{
    const unsigned char *bytes = key.bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static bool is_for(const struct call *call, uint64_t hash, struct pool_flight_key key)
{
    return call->hash == hash && call->key_size == key.size &&
           (key.size == 0 || memcmp(call->key, key.bytes, key.size) == 0);
}

static struct call *find_locked(struct pool_flight *flight, uint64_t hash, struct pool_flight_key key)
{
    assert(lock_is_mine(&flight->lock));
    struct call *call = flight->buckets[hash % BUCKETS];
    while (call && !is_for(call, hash, key))
        call = call->next;
    return call;
}

/* A call in the table, held by who leads it. NULL: out of memory. */
static struct call *take_off_locked(struct pool_flight *flight, uint64_t hash, struct pool_flight_key key)
{
    struct call *call = key.size > PTRDIFF_MAX - sizeof *call ? NULL : calloc(1, sizeof *call + key.size);
    if (!call)
        return NULL;
    call->flight = flight;
    call->free_value = flight->free_value;
    call->outer = leading;
    call->hash = hash;
    atomic_init(&call->holders, 1);
    bell_init(&call->landed, &flight->lock);
    call->key_size = key.size;
    if (key.size > 0)
        memcpy(call->key, key.bytes, key.size);
    call->next = flight->buckets[hash % BUCKETS];
    flight->buckets[hash % BUCKETS] = call;
    call->in_table = true;
    flight->counts.run++;
    flight->counts.flying++;
    return call;
}

static void remove_locked(struct pool_flight *flight, struct call *call)
{
    struct call **link = &flight->buckets[call->hash % BUCKETS];
    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
    call->in_table = false;
}

static void land_locked(struct call *call, struct pool_flight_answer answer)
{
    struct pool_flight *flight = call->flight;
    call->answer = answer;
    call->has_landed = true;
    if (call->in_table)
        remove_locked(flight, call);
    flight->counts.flying--;
    flight->counts.failed += answer.error != 0;
    bell_ring_all(&call->landed);
}

void pool_flight_drop(const struct pool_flight_answer *answer)
{
    struct call *call = (struct call *)answer;
    if (!call || atomic_fetch_sub_explicit(&call->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (call->free_value && call->answer.value)
        call->free_value(call->answer.value);
    bell_release(&call->landed);
    free(call);
}

/* --- do ----------------------------------------------------------------------------------------------- */

/* Note that what this thread leads in this flight cannot land before CALL; NULL: it can again. */
static void depend_locked(struct call *mine, const struct call *call)
{
    if (mine)
        mine->waits_for = call;
}

/* Run the work, without the lock. */
static void lead_locked(struct call *call, pool_flight_work *work, void *arg)
{
    struct pool_flight *flight = call->flight;
    struct call *around = led_in(flight);
    struct pool_flight_answer answer = {.value = NULL};

    depend_locked(around, call);
    lock_drop(&flight->lock);
    leading = call;
    answer.error = work(arg, &answer.value);
    assert(leading == call);
    leading = call->outer;
    lock_take(&flight->lock);
    depend_locked(around, NULL);
    land_locked(call, answer);
}

static bool would_wait_for_me_locked(const struct call *call)
{
    for (; call; call = call->waits_for)
        if (i_lead(call))
            return true;
    return false;
}

static enum pool_status join_locked(struct call *call, const struct timespec *deadline)
{
    struct pool_flight *flight = call->flight;
    struct call *mine = led_in(flight);
    int late = 0;

    if (would_wait_for_me_locked(call))
        return POOL_WOULD_DEADLOCK;
    atomic_fetch_add_explicit(&call->holders, 1,
                              memory_order_relaxed); /* under the lock: it cannot reach 0 */
    depend_locked(mine, deadline ? NULL : call);
    flight->counts.waiting++;
    while (!call->has_landed && !late)
        late = bell_wait(&call->landed, deadline);
    flight->counts.waiting--;
    depend_locked(mine, NULL);
    if (call->has_landed) {
        flight->counts.shared++;
        return POOL_OK;
    }
    flight->counts.timed_out++;
    pool_flight_drop(&call->answer); /* never the last: its leader has not landed */
    return POOL_TIMED_OUT;
}

static enum pool_status do_locked(struct pool_flight *flight, struct pool_flight_key key,
                                  pool_flight_work *work, void *arg, const struct timespec *deadline,
                                  struct call **held)
{
    uint64_t hash = hash_of(key);
    struct call *call = find_locked(flight, hash, key);
    if (call) {
        enum pool_status status = join_locked(call, deadline);
        *held = status == POOL_OK ? call : NULL;
        return status;
    }
    *held = take_off_locked(flight, hash, key);
    if (!*held)
        return POOL_NO_MEMORY;
    lead_locked(*held, work, arg);
    return POOL_OK;
}

static bool key_is_valid(struct pool_flight_key key)
{
    return key.bytes || key.size == 0;
}

static enum pool_status fly(struct pool_flight *flight, struct pool_flight_key key, pool_flight_work *work,
                            void *arg, const struct timespec *deadline,
                            const struct pool_flight_answer **answer)
{
    struct call *held = NULL;
    if (answer)
        *answer = NULL;
    if (!flight || !key_is_valid(key) || !work)
        return POOL_INVALID;
    lock_take(&flight->lock);
    flight->visitors++;
    enum pool_status status = do_locked(flight, key, work, arg, deadline, &held);
    if (--flight->visitors == 0)
        bell_ring(&flight->gone);
    lock_drop(&flight->lock);
    if (!held)
        return status;
    status = held->answer.error == 0 ? POOL_OK : POOL_FAILED;
    if (answer)
        *answer = &held->answer;
    else
        pool_flight_drop(&held->answer);
    return status;
}

enum pool_status pool_flight_do(struct pool_flight *flight, struct pool_flight_key key,
                                pool_flight_work *work, void *arg, const struct pool_flight_answer **answer)
{
    return fly(flight, key, work, arg, NULL, answer);
}

enum pool_status pool_flight_do_until(struct pool_flight *flight, struct pool_flight_key key,
                                      pool_flight_work *work, void *arg, const struct timespec *deadline,
                                      const struct pool_flight_answer **answer)
{
    if (deadline_is_valid(deadline))
        return fly(flight, key, work, arg, deadline, answer);
    if (answer)
        *answer = NULL;
    return POOL_INVALID;
}

enum pool_status pool_flight_forget(struct pool_flight *flight, struct pool_flight_key key)
{
    if (!flight || !key_is_valid(key))
        return POOL_INVALID;
    lock_take(&flight->lock);
    struct call *call = find_locked(flight, hash_of(key), key);
    if (call)
        remove_locked(flight, call);
    lock_drop(&flight->lock);
    return call ? POOL_OK : POOL_EMPTY;
}

/* --- create and destroy ------------------------------------------------------------------------------- */

enum pool_status pool_flight_create(struct pool_flight **flight, const struct pool_flight_options *options)
{
    if (!flight)
        return POOL_INVALID;
    *flight = calloc(1, sizeof **flight);
    if (!*flight)
        return POOL_NO_MEMORY;
    (*flight)->free_value = options ? options->free_value : NULL;
    lock_init(&(*flight)->lock);
    bell_init(&(*flight)->gone, &(*flight)->lock);
    return POOL_OK;
}

void pool_flight_destroy(struct pool_flight *flight)
{
    if (!flight)
        return;
    bool inside = led_in(flight) != NULL;
    assert(!inside && "pool_flight_destroy was called from one of the flight's own works");
    if (inside)
        return; /* without assertions: a leak rather than a landing in freed memory */
    lock_take(&flight->lock);
    while (flight->visitors > 0)
        bell_wait(&flight->gone, NULL);
    lock_drop(&flight->lock);
    bell_release(&flight->gone);
    lock_release(&flight->lock);
    free(flight);
}

struct pool_flight_counts pool_flight_counts(struct pool_flight *flight)
{
    struct pool_flight_counts counts = {0};
    if (!flight)
        return counts;
    lock_take(&flight->lock);
    counts = flight->counts;
    lock_drop(&flight->lock);
    return counts;
}
