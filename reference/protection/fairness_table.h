/* fairness_table.h - the tenants' entries: found by number, held while in use, forgotten when idle. And the
 * store of queued items. Private to this room; the lock of the queue that owns it guards it all.
 *
 * Entries and items lie in arrays of a fixed size, and are linked by index: nothing is allocated later.
 */
#ifndef DEEPEND_POOL_FAIRNESS_TABLE_H
#define DEEPEND_POOL_FAIRNESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOWHERE = UINT32_MAX }; /* an index that is none */

struct fairness_item {
    void *item;
    uint64_t cost;
    uint32_t next; /* of the same tenant, or free */
};

/* Invariant: an entry is in the ring of turns if something is queued and may start; among the idle if nothing
 * is queued, running or pinned; in neither otherwise. So one pair of links does. */
struct pool_tenant {
    uint64_t id;
    uint32_t next_same_hash; /* or next free */
    uint32_t next, before;   /* in the ring of turns or among the idle */
    bool in_turn, idle;
    bool turn_open;       /* has had the credit of its turn; a turn that the cap interrupts stays open */
    uint32_t first, last; /* queued items */
    size_t queued, running, pins;
    unsigned weight;
    uint64_t credit; /* of its turn: what it may still start */
    uint64_t idle_since;
    unsigned long long accepted, done, refused;
};

/* A ring or a list of entries. */
struct fairness_list {
    uint32_t first, last;
    size_t count;
};

struct fairness_table {
    /* Fixed after init. */
    size_t most_tenants, buckets; /* a power of two */
    struct pool_tenant *tenants;
    struct fairness_item *items;
    uint32_t *heads; /* by hash */

    uint32_t free_tenant, free_item;
    size_t known, queued;
    struct fairness_list turns, idle; /* idle: the longest idle one first */
    unsigned long long forgotten;
};

/* False: out of memory, and nothing is left. */
bool pool_fairness_table_init(struct fairness_table *table, size_t tenants, size_t items);
void pool_fairness_table_release(struct fairness_table *table);

/* NULL: not known. */
struct pool_tenant *pool_fairness_table_find(struct fairness_table *table, uint64_t id);

/* Find or make; idle ones that were so for GRACE are forgotten first, and one that was not if there is no
 * place. NULL: all are in use. */
struct pool_tenant *pool_fairness_table_get(struct fairness_table *table, uint64_t id, uint64_t now,
                                            uint64_t grace);

/* Put the entry where its counts say: among the idle, into the ring, or into neither. Whose turn was
 * interrupted by the cap and is not spent goes on with it, at the ring's head; others join at its end. */
void pool_fairness_table_settle(struct fairness_table *table, struct pool_tenant *tenant, size_t most_running,
                                uint64_t now);

/* The turn of the ring's first is over: it becomes the last. */
void pool_fairness_table_rotate(struct fairness_table *table);

/* There must be a free item, and one that is queued. */
void pool_fairness_table_push(struct fairness_table *table, struct pool_tenant *tenant, void *item,
                              uint64_t cost);
struct fairness_item pool_fairness_table_pop(struct fairness_table *table, struct pool_tenant *tenant);

#endif
