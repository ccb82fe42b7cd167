/* ledger.c - the balance of a pool and the book of its tasks, see ledger.h. */
#include "ledger.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    size_t offset;
} entries[POOL_ENTRIES] = {
#define X(code, field) [POOL_ENTRY_##code] = {#field, offsetof(struct pool_ledger, field)},
    POOL_LEDGER_ENTRIES(X)
#undef X
};

const char *pool_entry_name(enum pool_entry entry)
{
    return (size_t)entry < POOL_ENTRIES ? entries[entry].name : "no entry";
}

static uint64_t *at(struct pool_ledger *ledger, size_t entry)
{
    return (uint64_t *)((char *)ledger + entries[entry].offset);
}

static uint64_t value(const struct pool_ledger *ledger, size_t entry)
{
    return *(const uint64_t *)((const char *)ledger + entries[entry].offset);
}

struct pool_ledger pool_ledger_of(struct pool_counts counts)
{
    return (struct pool_ledger){
        .submitted = counts.submitted + counts.refused,
        .completed = counts.completed,
        .failed = counts.failed,
        .rejected = counts.refused,
        .discarded = counts.discarded,
        .queued = counts.queued,
        .running = counts.running,
    };
}

/* --- the sums ------------------------------------------------------------------------------------------ */

static uint64_t sum_of_the_others(const struct pool_ledger *ledger)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < POOL_ENTRIES; i++)
        sum += i == POOL_ENTRY_SUBMITTED ? 0 : value(ledger, i);
    return sum;
}

enum pool_status pool_ledger_check(const struct pool_ledger *ledger, long long *gap)
{
    if (!ledger)
        return POOL_INVALID;
    uint64_t difference = ledger->submitted - sum_of_the_others(ledger);
    if (gap)
        *gap = (long long)difference;
    return difference == 0 ? POOL_OK : POOL_FAILED;
}

enum pool_status pool_ledger_follows(const struct pool_ledger *before, const struct pool_ledger *now,
                                     struct pool_finding *finding)
{
    if (!before || !now)
        return POOL_INVALID;
    for (size_t i = 0; i < POOL_ENTRIES; i++) {
        uint64_t was = value(before, i), is = value(now, i);
        /* A counter that wrapped has grown: less than half the numbers lie between the two. */
        if (i == POOL_ENTRY_QUEUED || i == POOL_ENTRY_RUNNING || is - was <= UINT64_MAX / 2)
            continue;
        if (finding)
            *finding = (struct pool_finding){
                .fault = POOL_FAULT_WENT_DOWN, .entry = (enum pool_entry)i, .expected = was, .found = is};
        return POOL_FAILED;
    }
    return POOL_OK;
}

int pool_finding_text(char *text, size_t size, const struct pool_finding *finding)
{
    const char *entry = pool_entry_name(finding->entry);
    const char *from = finding->from == POOL_ENTRIES ? "never submitted" : pool_entry_name(finding->from);

    switch (finding->fault) {
    case POOL_FAULT_TWICE:
        return snprintf(text, size, "task %zu is counted twice: it was %s and then %s", finding->task, from,
                        entry);
    case POOL_FAULT_ORDER:
        return snprintf(text, size, "task %zu was %s and then %s, which cannot be", finding->task, from,
                        entry);
    case POOL_FAULT_ENTRY:
        return snprintf(text, size, "%s is %" PRIu64 ", but %" PRIu64 " tasks are", entry, finding->found,
                        finding->expected);
    case POOL_FAULT_WENT_DOWN:
        return snprintf(text, size, "%s went down from %" PRIu64 " to %" PRIu64, entry, finding->expected,
                        finding->found);
    default:
        return snprintf(text, size, "submitted is %" PRIu64 ", the other entries make %" PRIu64,
                        finding->found, finding->expected);
    }
}

/* --- the book ------------------------------------------------------------------------------------------ */

/* A line holds 0 for a task that was never submitted, else 1 + the entry where it stands. */
struct pool_book {
    size_t tasks;
    /* The first impossible note: 0, or 1 + task; its two entries are written by whoever set it, before READY.
     */
    atomic_size_t culprit;
    enum pool_entry from, entry;
    atomic_bool ready;
    atomic_uchar lines[];
};

enum pool_status pool_book_create(struct pool_book **book, size_t tasks)
{
    if (!book)
        return POOL_INVALID;
    *book = NULL;
    if (tasks < 1 || tasks > SIZE_MAX / 2)
        return POOL_INVALID;
    *book = calloc(1, sizeof **book + tasks);
    if (!*book)
        return POOL_NO_MEMORY;
    (*book)->tasks = tasks;
    return POOL_OK;
}

void pool_book_destroy(struct pool_book *book)
{
    free(book);
}

static bool has_ended(enum pool_entry entry)
{
    return entry != POOL_ENTRY_SUBMITTED && entry != POOL_ENTRY_RUNNING && entry != POOL_ENTRIES;
}

/* Where a task may go from FROM (POOL_ENTRIES: not submitted yet). */
static bool may_go(enum pool_entry from, enum pool_entry entry)
{
#define BIT(code) (1u << POOL_ENTRY_##code)
    static const unsigned next[POOL_ENTRIES + 1] = {
        [POOL_ENTRIES] = BIT(SUBMITTED),
        [POOL_ENTRY_SUBMITTED] = BIT(RUNNING) | BIT(REJECTED) | BIT(CANCELLED) | BIT(DISCARDED),
        [POOL_ENTRY_RUNNING] = BIT(COMPLETED) | BIT(FAILED) | BIT(CANCELLED),
    };
#undef BIT
    return next[from] >> entry & 1;
}

static void accuse(struct pool_book *book, size_t task, enum pool_entry from, enum pool_entry entry)
{
    size_t nobody = 0;
    if (!atomic_compare_exchange_strong(&book->culprit, &nobody, task + 1))
        return;
    book->from = from;
    book->entry = entry;
    atomic_store(&book->ready, true);
}

enum pool_status pool_book_note(struct pool_book *book, size_t task, enum pool_entry entry)
{
    if (!book || task >= book->tasks || (size_t)entry >= POOL_ENTRIES || entry == POOL_ENTRY_QUEUED)
        return POOL_INVALID;
    unsigned char line = atomic_load(&book->lines[task]);
    do {
        enum pool_entry from = line == 0 ? POOL_ENTRIES : (enum pool_entry)(line - 1);
        if (!may_go(from, entry)) {
            accuse(book, task, from, entry);
            return POOL_FAILED;
        }
    } while (!atomic_compare_exchange_weak(&book->lines[task], &line, (unsigned char)(entry + 1)));
    return POOL_OK;
}

struct pool_ledger pool_book_ledger(const struct pool_book *book)
{
    struct pool_ledger ledger = {0};
    for (size_t i = 0; book && i < book->tasks; i++) {
        unsigned char line = atomic_load(&book->lines[i]);
        if (line == 0)
            continue;
        ledger.submitted++;
        if (line - 1 == POOL_ENTRY_SUBMITTED)
            ledger.queued++;
        else
            ++*at(&ledger, line - 1u);
    }
    return ledger;
}

/* A list of findings that counts also those that have no room. */
struct findings {
    struct pool_finding *list;
    size_t room, count;
};

static void find(struct findings *findings, struct pool_finding finding)
{
    if (findings->count < findings->room)
        findings->list[findings->count] = finding;
    findings->count++;
}

static void find_entries(struct findings *findings, const struct pool_ledger *book,
                         const struct pool_ledger *claimed)
{
    for (size_t i = 0; i < POOL_ENTRIES; i++)
        if (value(book, i) != value(claimed, i))
            find(findings, (struct pool_finding){.fault = POOL_FAULT_ENTRY,
                                                 .entry = (enum pool_entry)i,
                                                 .expected = value(book, i),
                                                 .found = value(claimed, i)});
}

enum pool_status pool_book_check(const struct pool_book *book, const struct pool_ledger *claimed,
                                 struct pool_finding *findings, size_t room, size_t *count)
{
    struct findings found = {.list = findings, .room = room};

    if (!book || !count || (!findings && room > 0))
        return POOL_INVALID;
    if (atomic_load(&book->ready))
        find(&found,
             (struct pool_finding){.fault = has_ended(book->from) ? POOL_FAULT_TWICE : POOL_FAULT_ORDER,
                                   .entry = book->entry,
                                   .from = book->from,
                                   .task = atomic_load(&book->culprit) - 1});
    if (claimed) {
        struct pool_ledger mine = pool_book_ledger(book);
        find_entries(&found, &mine, claimed);
    }
    *count = found.count;
    return found.count == 0 ? POOL_OK : POOL_FAILED;
}
