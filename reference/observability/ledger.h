/* ledger.h - is every task accounted for, exactly once?
 *
 *     submitted = completed + failed + rejected + cancelled + discarded + queued + running
 *
 *     struct pool_ledger ledger = pool_ledger_of(pool_counts(pool));
 *     long long gap;
 *     if (pool_ledger_check(&ledger, &gap) != POOL_OK) ...  // gap > 0: tasks lost; gap < 0: counted twice
 *
 * The sum alone says that something is wrong, not what: a task lost and another counted twice even cancel
 * out. So a test keeps a book, in which each task has a line of its own; then the checker names the entry and
 * the task:
 *
 *     pool_book_create(&book, 1000);
 *     pool_book_note(book, task, POOL_ENTRY_SUBMITTED);     // before the submit
 *     pool_book_note(book, task, POOL_ENTRY_REJECTED);      // it was refused; or, where it happens:
 *     pool_book_note(book, task, POOL_ENTRY_RUNNING);       //   it begins, and then
 *     pool_book_note(book, task, POOL_ENTRY_COMPLETED);     //   it ends
 *     pool_book_check(book, &ledger, findings, 8, &count);
 *
 * `submitted` here is every offer, refused ones too; a pool's own `submitted` counts those it accepted.
 */
#ifndef DEEPEND_POOL_LEDGER_H
#define DEEPEND_POOL_LEDGER_H

#include "pool.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_LEDGER_ENTRIES(X)                                                                               \
    X(SUBMITTED, submitted) /* offered to the pool */                                                        \
    X(COMPLETED, completed) /* ran, and ended well */                                                        \
    X(FAILED, failed)       /* ran, and ended badly */                                                       \
    X(REJECTED, rejected)   /* refused, the argument is still the submitter's */                             \
    X(CANCELLED, cancelled) /* called off, before it ran or while it did */                                  \
    X(DISCARDED, discarded) /* accepted, and thrown out by a stop or for want of room */                     \
    X(QUEUED, queued)       /* waits */                                                                      \
    X(RUNNING, running)     /* runs */

enum pool_entry {
#define X(code, field) POOL_ENTRY_##code,
    POOL_LEDGER_ENTRIES(X)
#undef X
        POOL_ENTRIES
};

struct pool_ledger {
#define X(code, field) uint64_t field;
    POOL_LEDGER_ENTRIES(X)
#undef X
};

/* "submitted", ...; "no entry" for a number that is none. Static. */
const char *pool_entry_name(enum pool_entry entry);

/* What a pool says of itself, as a ledger. Nothing that the pool does not count is invented: it stays 0. */
struct pool_ledger pool_ledger_of(struct pool_counts counts);

/* --- what can be wrong --------------------------------------------------------------------------------- */

enum pool_fault {
    POOL_FAULT_TWICE,     /* TASK had ended as `from` and was noted as `entry` */
    POOL_FAULT_ORDER,     /* TASK was noted as `entry` when it was `from`, which no task can be */
    POOL_FAULT_ENTRY,     /* `entry` is `found`, and the book counts `expected` */
    POOL_FAULT_WENT_DOWN, /* `entry` was `expected` and is `found`, and can only grow */
    POOL_FAULT_BALANCE    /* the sum of the others is `expected`, submitted is `found` */
};

struct pool_finding {
    enum pool_fault fault;
    enum pool_entry entry, from; /* from: POOL_ENTRIES when the task was not even submitted */
    size_t task;
    uint64_t expected, found;
};

/* One line of English about FINDING into TEXT (SIZE bytes, always ended). Returns its length, as snprintf. */
int pool_finding_text(char *text, size_t size, const struct pool_finding *finding);

/* POOL_OK: it balances. POOL_FAILED: it does not; *GAP (may be NULL) is submitted minus the sum of the
 * others. Sums are modulo 2^64, so counters that have wrapped still balance. POOL_INVALID: NULL. */
POOL_MUST_LOOK enum pool_status pool_ledger_check(const struct pool_ledger *ledger, long long *gap);

/* Two ledgers of one pool, BEFORE read first: only queued and running may go down. POOL_FAILED with *FINDING
 * (may be NULL) for the first entry that did. */
POOL_MUST_LOOK enum pool_status pool_ledger_follows(const struct pool_ledger *before,
                                                    const struct pool_ledger *now,
                                                    struct pool_finding *finding);

/* --- the book ------------------------------------------------------------------------------------------ */

struct pool_book; /* one line for each task, 0 to tasks - 1 */

/* POOL_INVALID (NULL, no tasks, or more than SIZE_MAX / 2) or POOL_NO_MEMORY leave *BOOK NULL. */
POOL_MUST_LOOK enum pool_status pool_book_create(struct pool_book **book, size_t tasks);
void pool_book_destroy(struct pool_book *book);

/* What became of TASK. From any thread, never blocks, nothing else orders the notes of different tasks; those
 * of one task must be noted in their order. A task goes from submitted to running, rejected, cancelled or
 * discarded, and from running to completed, failed or cancelled. Until it leaves `submitted` it counts as
 * queued. POOL_FAILED: that cannot be; the line stays, the check will tell it. POOL_INVALID: NULL, no such
 * task, or POOL_ENTRY_QUEUED. */
enum pool_status pool_book_note(struct pool_book *book, size_t task, enum pool_entry entry);

/* The ledger as the book has it. Exact once nobody notes any more. */
struct pool_ledger pool_book_ledger(const struct pool_book *book);

/* POOL_OK: no impossible note, and CLAIMED (may be NULL) has the book's numbers. POOL_FAILED: *COUNT things
 * are wrong, the first ROOM of which are in FINDINGS (may be NULL if ROOM is 0): first one impossible note,
 * then each entry of CLAIMED that differs. For when all is quiet. POOL_INVALID: NULL. */
POOL_MUST_LOOK enum pool_status pool_book_check(const struct pool_book *book,
                                                const struct pool_ledger *claimed,
                                                struct pool_finding *findings, size_t room, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
