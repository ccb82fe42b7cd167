/* fairness_table.c - entries of tenants and the store of items, see fairness_table.h.
 *
 * A hash table with chains; the hash is the multiplication by 2^64 / phi (Knuth, The Art of Computer
 * Programming, volume 3, 6.4). Whoever may choose tenant numbers can still choose ones that collide: then a
 * look-up walks the chain.
 */
#include "fairness_table.h"

#include <assert.h>
#include <stdlib.h>

/* --- lists by index ----------------------------------------------------------------------------------- */

static uint32_t index_of(const struct fairness_table *table, const struct pool_tenant *tenant)
{
    return (uint32_t)(tenant - table->tenants);
}

static void list_append(struct fairness_table *table, struct fairness_list *list, struct pool_tenant *tenant)
{
    uint32_t index = index_of(table, tenant);

    tenant->next = NOWHERE;
    tenant->before = list->last;
    if (list->last == NOWHERE)
        list->first = index;
    else
        table->tenants[list->last].next = index;
    list->last = index;
    list->count++;
}

static void list_prepend(struct fairness_table *table, struct fairness_list *list, struct pool_tenant *tenant)
{
    uint32_t index = index_of(table, tenant);

    tenant->before = NOWHERE;
    tenant->next = list->first;
    *(list->first == NOWHERE ? &list->last : &table->tenants[list->first].before) = index;
    list->first = index;
    list->count++;
}

static void list_remove(struct fairness_table *table, struct fairness_list *list, struct pool_tenant *tenant)
{
    *(tenant->before == NOWHERE ? &list->first : &table->tenants[tenant->before].next) = tenant->next;
    *(tenant->next == NOWHERE ? &list->last : &table->tenants[tenant->next].before) = tenant->before;
    list->count--;
}

/* --- the table ---------------------------------------------------------------------------------------- */

static size_t power_of_two_from(size_t least)
{
    size_t power = 1;
    while (power < least)
        power *= 2;
    return power;
}

static void chain_free(struct fairness_table *table, size_t items)
{
    for (size_t i = 0; i < table->buckets; i++)
        table->heads[i] = NOWHERE;
    for (size_t i = 0; i < table->most_tenants; i++)
        table->tenants[i].next_same_hash = i + 1 < table->most_tenants ? (uint32_t)(i + 1) : NOWHERE;
    for (size_t i = 0; i < items; i++)
        table->items[i].next = i + 1 < items ? (uint32_t)(i + 1) : NOWHERE;
}

bool pool_fairness_table_init(struct fairness_table *table, size_t tenants, size_t items)
{
    const struct fairness_list none = {NOWHERE, NOWHERE, 0};

    *table = (struct fairness_table){.most_tenants = tenants, .buckets = power_of_two_from(tenants)};
    table->turns = table->idle = none;
    table->tenants = calloc(tenants, sizeof *table->tenants);
    table->items = calloc(items, sizeof *table->items);
    table->heads = calloc(table->buckets, sizeof *table->heads);
    if (!table->tenants || !table->items || !table->heads) {
        pool_fairness_table_release(table);
        return false;
    }
    chain_free(table, items);
    return true;
}

void pool_fairness_table_release(struct fairness_table *table)
{
    free(table->tenants);
    free(table->items);
    free(table->heads);
}

static uint32_t *head_of(struct fairness_table *table, uint64_t id)
{
    uint64_t mixed = id * UINT64_C(0x9e3779b97f4a7c15);
    return &table->heads[(mixed >> 32) & (table->buckets - 1)];
}

struct pool_tenant *pool_fairness_table_find(struct fairness_table *table, uint64_t id)
{
    for (uint32_t i = *head_of(table, id); i != NOWHERE; i = table->tenants[i].next_same_hash)
        if (table->tenants[i].id == id)
            return &table->tenants[i];
    return NULL;
}

static void forget(struct fairness_table *table, struct pool_tenant *tenant)
{
    uint32_t *link = head_of(table, tenant->id), index = index_of(table, tenant);

    assert(tenant->idle && tenant->queued + tenant->running + tenant->pins == 0);
    list_remove(table, &table->idle, tenant);
    while (*link != index)
        link = &table->tenants[*link].next_same_hash;
    *link = tenant->next_same_hash;
    tenant->next_same_hash = table->free_tenant;
    table->free_tenant = index;
    table->known--;
    table->forgotten++;
}

/* Two at most: each call makes one entry at most, so the table shrinks back, and no call pays for a crowd.
 * With no place left the longest idle one goes however short that was: nothing hangs on it but its counts. */
static void forget_idle(struct fairness_table *table, uint64_t now, uint64_t grace)
{
    for (int i = 0; i < 2 && table->idle.first != NOWHERE; i++) {
        struct pool_tenant *oldest = &table->tenants[table->idle.first];
        bool over = now > oldest->idle_since && now - oldest->idle_since >= grace;
        if (!over && table->free_tenant != NOWHERE)
            return;
        forget(table, oldest);
    }
}

static struct pool_tenant *make(struct fairness_table *table, uint64_t id)
{
    if (table->free_tenant == NOWHERE)
        return NULL;
    uint32_t index = table->free_tenant, *head = head_of(table, id);
    struct pool_tenant *tenant = &table->tenants[index];
    table->free_tenant = tenant->next_same_hash;
    *tenant = (struct pool_tenant){
        .id = id, .next_same_hash = *head, .first = NOWHERE, .last = NOWHERE, .weight = 1};
    *head = index;
    table->known++;
    return tenant;
}

struct pool_tenant *pool_fairness_table_get(struct fairness_table *table, uint64_t id, uint64_t now,
                                            uint64_t grace)
{
    struct pool_tenant *tenant = pool_fairness_table_find(table, id);

    if (tenant)
        return tenant;
    forget_idle(table, now, grace);
    return make(table, id);
}

static void join_turns(struct fairness_table *table, struct pool_tenant *tenant)
{
    if (tenant->turn_open && tenant->credit >= table->items[tenant->first].cost) {
        list_prepend(table, &table->turns, tenant);
        return;
    }
    tenant->turn_open = false;
    list_append(table, &table->turns, tenant);
}

static void set_in_turn(struct fairness_table *table, struct pool_tenant *tenant, bool in_turn)
{
    if (tenant->in_turn == in_turn)
        return;
    tenant->in_turn = in_turn;
    if (in_turn)
        join_turns(table, tenant);
    else
        list_remove(table, &table->turns, tenant);
}

static void set_idle(struct fairness_table *table, struct pool_tenant *tenant, bool idle, uint64_t now)
{
    if (tenant->idle == idle)
        return;
    tenant->idle = idle;
    tenant->idle_since = now;
    if (idle)
        list_append(table, &table->idle, tenant);
    else
        list_remove(table, &table->idle, tenant);
}

void pool_fairness_table_settle(struct fairness_table *table, struct pool_tenant *tenant, size_t most_running,
                                uint64_t now)
{
    bool in_turn = tenant->queued > 0 && tenant->running < most_running;
    bool idle = tenant->queued + tenant->running + tenant->pins == 0;

    if (tenant->queued == 0) { /* nothing to spend it on: credit is not hoarded */
        tenant->turn_open = false;
        tenant->credit = 0;
    }
    /* The links serve one list at a time: leave before joining. */
    if (!in_turn)
        set_in_turn(table, tenant, false);
    set_idle(table, tenant, idle, now);
    set_in_turn(table, tenant, in_turn);
}

void pool_fairness_table_rotate(struct fairness_table *table)
{
    struct pool_tenant *first = &table->tenants[table->turns.first];

    first->turn_open = false;
    list_remove(table, &table->turns, first);
    list_append(table, &table->turns, first);
}

/* --- the store ---------------------------------------------------------------------------------------- */

void pool_fairness_table_push(struct fairness_table *table, struct pool_tenant *tenant, void *item,
                              uint64_t cost)
{
    uint32_t index = table->free_item;

    assert(index != NOWHERE);
    table->free_item = table->items[index].next;
    table->items[index] = (struct fairness_item){item, cost, NOWHERE};
    *(tenant->last == NOWHERE ? &tenant->first : &table->items[tenant->last].next) = index;
    tenant->last = index;
    tenant->queued++;
    table->queued++;
}

struct fairness_item pool_fairness_table_pop(struct fairness_table *table, struct pool_tenant *tenant)
{
    uint32_t index = tenant->first;
    struct fairness_item popped = table->items[index];

    tenant->first = popped.next;
    if (tenant->first == NOWHERE)
        tenant->last = NOWHERE;
    table->items[index] =
        (struct fairness_item){NULL, 0, table->free_item}; /* no stale pointer stays (X51) */
    table->free_item = index;
    tenant->queued--;
    table->queued--;
    return popped;
}
