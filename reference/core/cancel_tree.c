/* cancel_tree.c - the life of tokens: create, references, parents and children; see cancel_inside.h.
 *
 * Nothing here recurses, however deep the tree: the last reference to a child gives back one to its parent,
 * in a loop, and walks go along the links.
 */
#include "cancel_inside.h"

#include <stdlib.h>

/* --- parents and children ------------------------------------------------------------------------------- */

static void adopt_locked(struct pool_cancel *parent, struct pool_cancel *child)
{
    assert(lock_is_mine(&parent->family->lock));
    parent->references++;
    child->parent = parent;
    child->next = parent->first_child;
    if (child->next)
        child->next->previous = child;
    parent->first_child = child;
}

/* Returns the parent, whose reference is now the caller's to give back; NULL: there is none. */
static struct pool_cancel *leave_parent_locked(struct pool_cancel *child)
{
    struct pool_cancel *parent = child->parent;
    assert(lock_is_mine(&child->family->lock));
    if (!parent)
        return NULL;
    if (child->previous)
        child->previous->next = child->next;
    else
        parent->first_child = child->next;
    if (child->next)
        child->next->previous = child->previous;
    child->parent = child->next = child->previous = NULL;
    return parent;
}

struct pool_cancel *pool_cancel_walk(const struct pool_cancel *token, const struct pool_cancel *root)
{
    if (token->first_child)
        return token->first_child;
    while (token != root && !token->next)
        token = token->parent;
    return token == root ? NULL : token->next;
}

static uint64_t parents_deadline(const struct pool_cancel *token)
{
    return token->parent ? atomic_load_explicit(&token->parent->deadline, memory_order_relaxed) : UINT64_MAX;
}

/* Every token from ROOT down has the earlier deadline of its own and its parent's, from the top. */
static void spread_deadlines_locked(struct pool_cancel *root)
{
    assert(lock_is_mine(&root->family->lock));
    for (struct pool_cancel *token = root; token; token = pool_cancel_walk(token, root)) {
        uint64_t inherited = parents_deadline(token);
        uint64_t deadline = inherited < token->own_deadline ? inherited : token->own_deadline;
        atomic_store_explicit(&token->deadline, deadline, memory_order_relaxed);
    }
}

enum pool_status pool_cancel_detach(struct pool_cancel *token)
{
    if (!token)
        return POOL_INVALID;
    lock_take(&token->family->lock);
    struct pool_cancel *parent = leave_parent_locked(token);
    if (!parent) {
        lock_drop(&token->family->lock);
        return POOL_EMPTY;
    }
    spread_deadlines_locked(token);
    pool_cancel_unref_and_drop(parent);
    return POOL_OK;
}

/* --- references ----------------------------------------------------------------------------------------- */

struct pool_cancel *pool_cancel_ref(struct pool_cancel *token)
{
    if (!token)
        return NULL;
    lock_take(&token->family->lock);
    token->references++;
    lock_drop(&token->family->lock);
    return token;
}

static void family_release(struct family *family)
{
    bell_release(&family->ran);
    lock_release(&family->lock);
    free(family);
}

/* Whoever loses its last reference gives back one to its parent, and so on upwards. */
void pool_cancel_unref_and_drop(struct pool_cancel *token)
{
    struct family *family = token->family;

    assert(lock_is_mine(&family->lock));
    while (token && --token->references == 0) {
        struct pool_cancel *parent = leave_parent_locked(token);
        while (token->callbacks.next != &token->callbacks)
            cancel_ring_remove(token->callbacks.next);
        bell_release(&token->cancelled);
        free(token);
        family->tokens--;
        token = parent;
    }
    bool last = family->tokens == 0;
    lock_drop(&family->lock);
    if (last)
        family_release(family);
}

void pool_cancel_unref(struct pool_cancel *token)
{
    if (!token)
        return;
    lock_take(&token->family->lock);
    pool_cancel_unref_and_drop(token);
}

/* --- create --------------------------------------------------------------------------------------------- */

static struct family *family_new(const struct pool_clock *clock)
{
    struct family *family = malloc(sizeof *family);
    if (!family)
        return NULL;
    *family = (struct family){.clock = clock};
    lock_init(&family->lock);
    bell_init(&family->ran, &family->lock);
    return family;
}

/* A token without a parent. NULL: out of memory. */
static struct pool_cancel *token_new(struct family *family, uint64_t deadline)
{
    struct pool_cancel *token = malloc(sizeof *token);
    if (!token)
        return NULL;
    *token = (struct pool_cancel){.family = family, .references = 1};
    token->own_deadline = deadline ? deadline : UINT64_MAX;
    atomic_init(&token->reason, (int)POOL_OK);
    atomic_init(&token->deadline, token->own_deadline);
    cancel_ring_init(&token->callbacks);
    bell_init(&token->cancelled, &family->lock);
    return token;
}

static enum pool_status root_new(struct pool_cancel **token, const struct pool_cancel_options *options)
{
    struct family *family = family_new(options->clock);
    *token = family ? token_new(family, options->deadline) : NULL;
    if (*token)
        family->tokens = 1;
    else if (family)
        family_release(family);
    return *token ? POOL_OK : POOL_NO_MEMORY;
}

static enum pool_status child_new(struct pool_cancel **token, const struct pool_cancel_options *options)
{
    struct family *family = options->parent->family;
    struct pool_cancel *made = token_new(family, options->deadline);

    if (!made)
        return POOL_NO_MEMORY;
    enum pool_status reason = pool_cancel_check(options->parent); /* its deadline may have passed unseen */
    lock_take(&family->lock);
    family->tokens++;
    adopt_locked(options->parent, made);
    spread_deadlines_locked(made);
    if (reason == POOL_OK)
        reason = cancel_reason(options->parent); /* or it was cancelled since */
    atomic_store_explicit(&made->reason, (int)reason, memory_order_release);
    lock_drop(&family->lock);
    *token = made;
    return POOL_OK;
}

enum pool_status pool_cancel_create(struct pool_cancel **token, const struct pool_cancel_options *options)
{
    static const struct pool_cancel_options none = {.parent = NULL};

    if (!token)
        return POOL_INVALID;
    *token = NULL;
    if (!options)
        options = &none;
    if (options->parent && options->clock)
        return POOL_INVALID;
    return options->parent ? child_new(token, options) : root_new(token, options);
}
