/* item.h - what the queues of this room carry: a function and its argument, sixteen bytes.
 *
 *     struct pool_item item = {.run = work, .arg = order};
 *
 * The queues copy items and never call or look at them: whoever needs one pointer uses `arg` alone. An item's
 * argument belongs to the submitter until a push has answered POOL_OK, then to whoever pops it.
 */
#ifndef DEEPEND_POOL_ITEM_H
#define DEEPEND_POOL_ITEM_H

struct pool_item {
    void (*run)(void *arg);
    void *arg;
};

/* Bytes that two threads must keep apart if each writes its own: two cache lines, since processors fetch
 * their neighbours in pairs. */
#define POOL_APART 128

#endif
