/* races.c - happens-before over the program's accesses: tells a race in every schedule in which two accesses
 * are not ordered, also when they did not meet.
 *
 * Vector clocks as in FastTrack (Flanagan, Freund: "FastTrack: efficient and precise dynamic race detection",
 * PLDI 2009). A thread's clock counts its releases; what it did up to number n of thread u's is ordered
 * before it when its entry for u is n or more. Memory is watched in words of eight bytes, each with a list of
 * the accesses that later ones may still have to be compared with, by bytes within the word.
 *
 * It errs to one side only: what is released to an object stays with it, though a later relaxed store or
 * another reader's unlock would not pass it on; and when a table is full, further accesses are not watched.
 * So a race may be missed, and is never made up.
 */
#include "explore/rt/inside.h"

#include <string.h>

enum {
    WORDS = 1 << 16,    /* memory watched at once; a power of two */
    RECORDS = 1 << 18,  /* accesses remembered */
    RELEASERS = 1 << 13 /* synchronisation objects and atomics; a power of two */
};

struct record {
    uint32_t next;  /* number of the next one of this word, 0: none */
    uint32_t clock; /* of its thread, then */
    uint8_t thread, bytes, is_write, is_atomic;
    const void *pc;
};

struct word {
    uintptr_t address; /* divided by 8; 0: free */
    uint32_t first;
};

struct releaser {
    const void *address;
    uint32_t clock[EXPLORE_THREADS];
};

/* One schedule a process: all of it begins as zeroes. Belongs to whoever has the turn. */
static struct {
    uint32_t clock[EXPLORE_THREADS][EXPLORE_THREADS];
    struct releaser releaser[RELEASERS];
    struct word word[WORDS];
    uint32_t used[WORDS], used_count; /* slots of `word`, as they were taken */
    struct record record[RECORDS];
    uint32_t records, spare; /* how many were ever taken; list of those given back */
} races;

static unsigned slot_of(uintptr_t key, unsigned slots)
{
    return (unsigned)(key * 0x9e3779b97f4a7c15ULL >> 32) & (slots - 1);
}

/* --- clocks --------------------------------------------------------------------------------------------- */

/* Clocks begin with 1: 0 is what others know of a thread that they never met. */
static uint32_t *clock_of(int thread)
{
    uint32_t *clock = races.clock[thread];

    if (clock[thread] == 0)
        clock[thread] = 1;
    return clock;
}

static void clock_join(uint32_t *into, const uint32_t *from)
{
    for (unsigned i = 0; i < rt.threads; i++)
        if (into[i] < from[i])
            into[i] = from[i];
}

static struct releaser *releaser_find(const void *address)
{
    unsigned slot = slot_of((uintptr_t)address, RELEASERS);

    for (unsigned i = 0; i < RELEASERS; i++, slot = (slot + 1) & (RELEASERS - 1)) {
        struct releaser *releaser = &races.releaser[slot];
        if (!releaser->address)
            releaser->address = address;
        if (releaser->address == address)
            return releaser;
    }
    rt_unsupported("more atomics and locks at once than the explorer keeps", NULL);
}

void rt_release(const void *object)
{
    if (!rt_request()->detect_races)
        return;
    uint32_t *clock = clock_of(rt_self());
    clock_join(releaser_find(object)->clock, clock);
    clock[rt_self()]++;
}

void rt_acquire(const void *object)
{
    if (rt_request()->detect_races)
        clock_join(clock_of(rt_self()), releaser_find(object)->clock);
}

/* The stack may have been another thread's before. */
static void forget_stack(int thread)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;

    if (pthread_getattr_np(rt.thread[thread].handle, &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0)
        rt_forget(low, size);
    pthread_attr_destroy(&attributes);
}

void rt_started(int child)
{
    if (!rt_request()->detect_races)
        return;
    uint32_t *clock = clock_of(rt_self());
    clock_join(clock_of(child), clock);
    clock[rt_self()]++;
    forget_stack(child);
}

void rt_ended(int child)
{
    if (rt_request()->detect_races)
        clock_join(clock_of(rt_self()), clock_of(child));
}

/* --- memory --------------------------------------------------------------------------------------------- */

/* The word at ADDRESS (divided by 8), made when it is not there and MAKE is 1; NULL when there is none. */
static struct word *word_find(uintptr_t address, int make)
{
    unsigned slot = slot_of(address, WORDS);

    for (unsigned i = 0; i < WORDS; i++, slot = (slot + 1) & (WORDS - 1)) {
        struct word *word = &races.word[slot];
        if (word->address == address)
            return word;
        if (word->address != 0)
            continue;
        if (!make)
            return NULL;
        word->address = address;
        races.used[races.used_count++] = slot;
        return word;
    }
    return NULL;
}

static uint32_t record_take(void)
{
    uint32_t number = races.spare;

    if (number)
        races.spare = races.record[number].next;
    else if (races.records + 1 < RECORDS)
        number = ++races.records;
    return number;
}

/* Unhook the record that *LINK names. */
static void record_drop(uint32_t *link)
{
    uint32_t number = *link;

    *link = races.record[number].next;
    races.record[number].next = races.spare;
    races.spare = number;
}

static int is_ordered(const struct record *before, const uint32_t *clock)
{
    return before->clock <= clock[before->thread];
}

static void compare(const struct record *before, const struct record *now, const void *address)
{
    if (before->thread == now->thread || !(before->bytes & now->bytes) ||
        !(before->is_write || now->is_write) || (before->is_atomic && now->is_atomic) ||
        is_ordered(before, races.clock[now->thread]))
        return;
    rt_fail(CLASS_RACE, now->pc, before->pc, address,
            "thread %d %s what thread %d %s, with nothing to order them", now->thread,
            now->is_write ? "writes" : "reads", before->thread, before->is_write ? "wrote" : "read");
}

/* Need OLD be kept beside NOW? Not when whoever races with OLD races with NOW as well. */
static int is_covered(const struct record *old, const struct record *now)
{
    return (old->bytes & ~now->bytes) == 0 && now->is_write >= old->is_write &&
           now->is_atomic <= old->is_atomic && is_ordered(old, races.clock[now->thread]);
}

static void word_accessed(struct word *word, const struct record *now, const void *address)
{
    for (uint32_t *link = &word->first; *link;) {
        struct record *before = &races.record[*link];
        compare(before, now, address);
        if (is_covered(before, now))
            record_drop(link);
        else
            link = &before->next;
    }
    uint32_t number = record_take();
    if (!number)
        return;
    races.record[number] = *now;
    races.record[number].next = word->first;
    word->first = number;
}

void rt_accessed(const void *address, unsigned size, int is_write, int is_atomic, const void *pc)
{
    uintptr_t from = (uintptr_t)address, until = from + size;
    int self = rt_self();
    struct record now = {.clock = clock_of(self)[self],
                         .thread = (uint8_t)self,
                         .is_write = (uint8_t)is_write,
                         .is_atomic = (uint8_t)is_atomic,
                         .pc = pc};

    for (uintptr_t at = from; at < until; at = (at | 7) + 1) {
        uintptr_t end = (at | 7) + 1 < until ? (at | 7) + 1 : until;
        struct word *word = word_find(at >> 3, 1);
        now.bytes = (uint8_t)(((1u << (end - at)) - 1) << (at & 7));
        if (word)
            word_accessed(word, &now, address);
    }
}

static void word_forget(struct word *word)
{
    while (word && word->first)
        record_drop(&word->first);
}

void rt_forget(const void *address, unsigned long size)
{
    uintptr_t from = (uintptr_t)address >> 3, until = ((uintptr_t)address + size + 7) >> 3;

    if (!rt_request()->detect_races)
        return;
    if (until - from < races.used_count) {
        for (uintptr_t at = from; at < until; at++)
            word_forget(word_find(at, 0));
        return;
    }
    for (uint32_t i = 0; i < races.used_count; i++) {
        struct word *word = &races.word[races.used[i]];
        if (word->address >= from && word->address < until)
            word_forget(word);
    }
}
