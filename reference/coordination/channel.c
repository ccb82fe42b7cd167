/* channel.c - a ring of pointers, one lock, a bell for each side.
 *
 * A send that makes the ring less empty rings for one receiver, a receive that makes room for one sender. Who
 * is late tries once more before it says so: the ring for the last item may have come to it, and nobody else
 * would hear of that item.
 */
#include "channel.h"

#include "pool_monitor.h"
#include <stdint.h>
#include <stdlib.h>

struct pool_channel {
    /* Fixed after create. */
    size_t capacity;

    struct lock lock;

    /* Guarded by lock. */
    size_t head, queued, peak; /* the oldest item is at head, the others follow it round the end */
    bool closed;
    size_t visitors; /* threads inside send or receive: the channel must outlive them */
    unsigned long long sent, received;
    struct bell room; /* slept at by senders until: queued < capacity, or closed */
    struct bell some; /* slept at by receivers until: queued > 0, or closed */
    struct bell gone; /* slept at by destroy until: visitors is 0 */
    void *items[];
};

enum pool_status pool_channel_create(struct pool_channel **channel, size_t capacity)
{
    if (!channel)
        return POOL_INVALID;
    *channel = NULL;
    if (capacity == 0 || capacity > (PTRDIFF_MAX - sizeof **channel) / sizeof(void *))
        return POOL_INVALID;
    struct pool_channel *made = calloc(1, sizeof *made + capacity * sizeof made->items[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->capacity = capacity;
    lock_init(&made->lock);
    bell_init(&made->room, &made->lock);
    bell_init(&made->some, &made->lock);
    bell_init(&made->gone, &made->lock);
    *channel = made;
    return POOL_OK;
}

/* --- one attempt each --------------------------------------------------------------------------------- */

/* What an attempt is about. */
struct parcel {
    void *item;
    unsigned long long number; /* of those received before it */
};

static enum pool_status put_locked(struct pool_channel *channel, struct parcel *parcel)
{
    assert(lock_is_mine(&channel->lock));
    if (channel->closed)
        return POOL_STOPPED;
    if (channel->queued == channel->capacity)
        return POOL_FULL;
    size_t to_end = channel->capacity - channel->head;
    size_t slot = channel->queued < to_end ? channel->head + channel->queued : channel->queued - to_end;
    channel->items[slot] = parcel->item;
    channel->queued++;
    channel->peak = channel->queued > channel->peak ? channel->queued : channel->peak;
    channel->sent++;
    bell_ring(&channel->some);
    return POOL_OK;
}

/* The slot is cleared: what its receiver loses must not look alive to a leak checker (X51). */
static enum pool_status take_locked(struct pool_channel *channel, struct parcel *parcel)
{
    assert(lock_is_mine(&channel->lock));
    if (channel->queued == 0)
        return channel->closed ? POOL_STOPPED : POOL_EMPTY;
    *parcel = (struct parcel){.item = channel->items[channel->head], .number = channel->received};
    channel->items[channel->head] = NULL;
    channel->head = channel->head + 1 == channel->capacity ? 0 : channel->head + 1;
    channel->queued--;
    channel->received++;
    bell_ring(&channel->room);
    return POOL_OK;
}

/* --- with patience ------------------------------------------------------------------------------------ */

typedef enum pool_status attempt(struct pool_channel *channel, struct parcel *parcel);

enum patience { NOT_AT_ALL, AS_LONG_AS_IT_TAKES };

/* Attempts until one finds room or an item, or the channel closed, or DEADLINE has passed (NULL: none). */
static enum pool_status patiently_locked(struct pool_channel *channel, struct parcel *parcel, attempt *try,
                                         const struct timespec *deadline)
{
    enum pool_status not_yet = try == put_locked ? POOL_FULL : POOL_EMPTY;
    enum pool_status status;
    int late = 0;

    while ((status = try(channel, parcel)) == not_yet && !late)
        late = bell_wait(not_yet == POOL_FULL ? &channel->room : &channel->some, deadline);
    return status == not_yet ? POOL_TIMED_OUT : status;
}

static enum pool_status visit(struct pool_channel *channel, struct parcel *parcel, attempt *try,
                              enum patience patience, const struct timespec *deadline)
{
    if (!channel)
        return POOL_INVALID;
    lock_take(&channel->lock);
    channel->visitors++;
    enum pool_status status =
        patience == NOT_AT_ALL ? try(channel, parcel) : patiently_locked(channel, parcel, try, deadline);
    if (--channel->visitors == 0)
        bell_ring(&channel->gone);
    lock_drop(&channel->lock);
    return status;
}

static enum pool_status send_to(struct pool_channel *channel, void *item, enum patience patience,
                                const struct timespec *deadline)
{
    struct parcel parcel = {.item = item};
    return visit(channel, &parcel, put_locked, patience, deadline);
}

static enum pool_status receive_from(struct pool_channel *channel, void **item, unsigned long long *number,
                                     enum patience patience, const struct timespec *deadline)
{
    struct parcel parcel;
    if (!item || !number)
        return POOL_INVALID;
    enum pool_status status = visit(channel, &parcel, take_locked, patience, deadline);
    if (status == POOL_OK) {
        *item = parcel.item;
        *number = parcel.number;
    }
    return status;
}

enum pool_status pool_channel_send(struct pool_channel *channel, void *item)
{
    return send_to(channel, item, AS_LONG_AS_IT_TAKES, NULL);
}

enum pool_status pool_channel_try_send(struct pool_channel *channel, void *item)
{
    return send_to(channel, item, NOT_AT_ALL, NULL);
}

enum pool_status pool_channel_send_until(struct pool_channel *channel, void *item,
                                         const struct timespec *deadline)
{
    return deadline_is_valid(deadline) ? send_to(channel, item, AS_LONG_AS_IT_TAKES, deadline) : POOL_INVALID;
}

enum pool_status pool_channel_receive(struct pool_channel *channel, void **item)
{
    unsigned long long unused;
    return receive_from(channel, item, &unused, AS_LONG_AS_IT_TAKES, NULL);
}

enum pool_status pool_channel_receive_numbered(struct pool_channel *channel, void **item,
                                               unsigned long long *number)
{
    return receive_from(channel, item, number, AS_LONG_AS_IT_TAKES, NULL);
}

enum pool_status pool_channel_try_receive(struct pool_channel *channel, void **item)
{
    unsigned long long unused;
    return receive_from(channel, item, &unused, NOT_AT_ALL, NULL);
}

enum pool_status pool_channel_receive_until(struct pool_channel *channel, void **item,
                                            const struct timespec *deadline)
{
    unsigned long long unused;
    if (!deadline_is_valid(deadline))
        return POOL_INVALID;
    return receive_from(channel, item, &unused, AS_LONG_AS_IT_TAKES, deadline);
}

/* --- the end ------------------------------------------------------------------------------------------ */

static void close_locked(struct pool_channel *channel)
{
    channel->closed = true;
    bell_ring_all(&channel->room);
    bell_ring_all(&channel->some);
}

enum pool_status pool_channel_close(struct pool_channel *channel)
{
    if (!channel)
        return POOL_INVALID;
    lock_take(&channel->lock);
    close_locked(channel);
    lock_drop(&channel->lock);
    return POOL_OK;
}

void pool_channel_destroy(struct pool_channel *channel)
{
    if (!channel)
        return;
    lock_take(&channel->lock);
    close_locked(channel);
    while (channel->visitors > 0)
        bell_wait(&channel->gone, NULL);
    lock_drop(&channel->lock);
    bell_release(&channel->gone);
    bell_release(&channel->some);
    bell_release(&channel->room);
    lock_release(&channel->lock);
    free(channel);
}

struct pool_channel_counts pool_channel_counts(struct pool_channel *channel)
{
    struct pool_channel_counts counts = {0};
    if (!channel)
        return counts;
    lock_take(&channel->lock);
    counts = (struct pool_channel_counts){
        .capacity = channel->capacity,
        .queued = channel->queued,
        .peak = channel->peak,
        .senders = channel->room.waiting,
        .receivers = channel->some.waiting,
        .sent = channel->sent,
        .received = channel->received,
    };
    lock_drop(&channel->lock);
    return counts;
}
