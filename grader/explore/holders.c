/* holders.c - who holds which lock, worked out by going along a trace, see holders.h.
 *
 * The trace tells when a lock was asked for; that it was got tells the next step of who asked.
 */
#include "explore/holders.h"

#include <talloc.h>

enum { LOCKS = 64 };

struct lock {
    uint64_t object;
    const char *name;
    int owner;                        /* -1: nobody */
    uint8_t readers[EXPLORE_THREADS]; /* how often each has it for reading */
};

struct holders {
    struct lock lock[LOCKS];
    unsigned locks;
    struct lock *wanted[EXPLORE_THREADS]; /* asked for, not got yet */
    uint8_t to_read[EXPLORE_THREADS];     /* 1: what is wanted is wanted for reading */
    struct lock *let_go[EXPLORE_THREADS]; /* by waiting on a condition variable */
    uint64_t sleeps_on[EXPLORE_THREADS];  /* condition variable, 0: none */
    unsigned threads;
};

static struct lock *lock_of(struct holders *holders, uint64_t object, const char *name)
{
    for (unsigned i = 0; i < holders->locks; i++)
        if (holders->lock[i].object == object)
            return &holders->lock[i];
    if (holders->locks == LOCKS)
        return NULL;
    holders->lock[holders->locks] = (struct lock){.object = object, .name = name, .owner = -1};
    return &holders->lock[holders->locks++];
}

/* The lock that THREAD took last. */
static struct lock *held_by(struct holders *holders, int thread)
{
    for (unsigned i = holders->locks; i-- > 0;)
        if (holders->lock[i].owner == thread)
            return &holders->lock[i];
    return NULL;
}

static unsigned asleep_on(const struct holders *holders, uint64_t object)
{
    unsigned count = 0;

    for (unsigned i = 0; i < holders->threads; i++)
        count += holders->sleeps_on[i] == object && object != 0;
    return count;
}

static char *ask_for(void *mem, struct holders *holders, struct names *names, int thread, struct lock *lock)
{
    if (!lock)
        return NULL;
    if (lock->owner < 0) {
        lock->owner = thread;
        return NULL;
    }
    if (lock->owner == thread)
        return talloc_strdup(mem, "it holds it already");
    holders->wanted[thread] = lock;
    return talloc_asprintf(mem, "has to wait: %s holds it", names_thread(names, lock->owner));
}

/* A thread that reads under LOCK, or -1. */
static int reader_of(const struct lock *lock, unsigned threads)
{
    for (unsigned i = 0; lock && i < threads; i++)
        if (lock->readers[i])
            return (int)i;
    return -1;
}

static char *ask_to_write(void *mem, struct holders *holders, struct names *names, int thread,
                          struct lock *lock)
{
    int reader = reader_of(lock, holders->threads);

    if (reader < 0)
        return ask_for(mem, holders, names, thread, lock);
    holders->wanted[thread] = lock;
    holders->to_read[thread] = 0;
    return reader == thread
               ? talloc_strdup(mem, "has to wait for itself: it reads under it")
               : talloc_asprintf(mem, "has to wait: %s reads under it", names_thread(names, reader));
}

static char *ask_to_read(void *mem, struct holders *holders, struct names *names, int thread,
                         struct lock *lock)
{
    if (!lock)
        return NULL;
    if (lock->owner < 0) {
        lock->readers[thread]++;
        return NULL;
    }
    holders->wanted[thread] = lock;
    holders->to_read[thread] = 1;
    return talloc_asprintf(mem, "has to wait: %s holds it", names_thread(names, lock->owner));
}

static void let_go_of(struct lock *lock, int thread)
{
    if (lock && lock->owner == thread)
        lock->owner = -1;
    else if (lock && lock->readers[thread])
        lock->readers[thread]--;
}

static void get(struct holders *holders, int thread)
{
    if (holders->to_read[thread])
        holders->wanted[thread]->readers[thread]++;
    else
        holders->wanted[thread]->owner = thread;
    holders->wanted[thread] = NULL;
    holders->to_read[thread] = 0;
}

static void wake_all(struct holders *holders, uint64_t object)
{
    for (unsigned i = 0; i < holders->threads; i++)
        if (holders->sleeps_on[i] == object)
            holders->sleeps_on[i] = 0;
}

char *holders_advance(void *mem, struct holders *holders, struct names *names,
                      const struct explore_event *event)
{
    int thread = event->thread;
    const char *name = names_object(names, event);
    struct lock *lock = NULL;

    if (holders->wanted[thread]) { /* it goes on, so it has got it */
        get(holders, thread);
    }
    switch (event->operation) {
    case OPERATION_LOCK:
        return ask_for(mem, holders, names, thread, lock_of(holders, event->object, name));
    case OPERATION_WRITE_LOCK:
        return ask_to_write(mem, holders, names, thread, lock_of(holders, event->object, name));
    case OPERATION_READ_LOCK:
        return ask_to_read(mem, holders, names, thread, lock_of(holders, event->object, name));
    case OPERATION_TRYLOCK:
        lock = lock_of(holders, event->object, name);
        if (lock && lock->owner >= 0)
            return talloc_asprintf(mem, "busy: %s holds it", names_thread(names, lock->owner));
        return ask_for(mem, holders, names, thread, lock);
    case OPERATION_UNLOCK:
    case OPERATION_RW_UNLOCK:
        let_go_of(lock_of(holders, event->object, name), thread);
        return NULL;
    case OPERATION_WAIT:
        lock = held_by(holders, thread);
        holders->let_go[thread] = lock;
        holders->sleeps_on[thread] = event->object;
        if (lock)
            lock->owner = -1;
        return lock ? talloc_asprintf(mem, "lets go of `%s` and sleeps", lock->name)
                    : talloc_strdup(mem, "sleeps");
    case OPERATION_WOKEN:
    case OPERATION_TIMEOUT:
        if (holders->let_go[thread])
            holders->let_go[thread]->owner = thread;
        holders->sleeps_on[thread] = 0;
        return holders->let_go[thread] ? talloc_asprintf(mem, "has `%s` again", holders->let_go[thread]->name)
                                       : NULL;
    case OPERATION_SIGNAL:
        return asleep_on(holders, event->object) ? NULL : talloc_strdup(mem, "nobody is waiting");
    case OPERATION_BROADCAST: {
        unsigned count = asleep_on(holders, event->object);
        wake_all(holders, event->object);
        return count ? NULL : talloc_strdup(mem, "nobody is waiting");
    }
    default:
        return NULL;
    }
}

char *holders_describe(void *mem, const struct holders *holders, struct names *names)
{
    char *text = NULL;

    for (unsigned i = 0; i < holders->locks; i++)
        if (holders->lock[i].owner >= 0) {
            char *one = talloc_asprintf(mem, "%s%s holds %s", text ? "; " : "",
                                        names_thread(names, holders->lock[i].owner), holders->lock[i].name);
            text = text ? talloc_strdup_append_buffer(text, one) : one;
        }
    for (unsigned i = 0; i < holders->locks; i++)
        for (unsigned k = 0; k < holders->threads; k++)
            if (holders->lock[i].readers[k]) {
                char *one = talloc_asprintf(mem, "%s%s reads under %s", text ? "; " : "",
                                            names_thread(names, (int)k), holders->lock[i].name);
                text = text ? talloc_strdup_append_buffer(text, one) : one;
            }
    for (unsigned i = 0; i < holders->threads; i++) {
        const char *what = holders->wanted[i] ? holders->wanted[i]->name : NULL;
        if (!what && !holders->sleeps_on[i])
            continue;
        char *one = talloc_asprintf(mem, "%s%s %s%s", text ? "; " : "", names_thread(names, (int)i),
                                    what ? "waits for " : "sleeps", what ? what : "");
        text = text ? talloc_strdup_append_buffer(text, one) : one;
    }
    return text;
}

struct holders *holders_new(void *mem, unsigned threads)
{
    struct holders *holders = talloc_zero(mem, struct holders);
    holders->threads = threads;
    return holders;
}
