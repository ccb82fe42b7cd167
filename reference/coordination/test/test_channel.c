/* test_channel.c - the channel: order, room, waiting on both sides, closing. */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "channel.h"
#include "timeout_test.h"

static int things[8]; /* items are their addresses; nobody writes them */

static struct pool_channel *channel_make(size_t capacity)
{
    struct pool_channel *channel;
    assert_int_equal(pool_channel_create(&channel, capacity), POOL_OK);
    return channel;
}

/* A send or receive in a thread of its own. */
struct user {
    struct call call;
    struct pool_channel *channel;
    void *item;
    const struct timespec *deadline;
};

static enum pool_status user_send(void *arg)
{
    struct user *user = arg;
    return user->deadline ? pool_channel_send_until(user->channel, user->item, user->deadline)
                          : pool_channel_send(user->channel, user->item);
}

static enum pool_status user_receive(void *arg)
{
    struct user *user = arg;
    return user->deadline ? pool_channel_receive_until(user->channel, &user->item, user->deadline)
                          : pool_channel_receive(user->channel, &user->item);
}

static void start_sender(struct user *user, struct pool_channel *channel, void *item)
{
    size_t senders = pool_channel_counts(channel).senders;
    *user = (struct user){.channel = channel, .item = item};
    call_start(&user->call, user_send, user);
    AWAIT(pool_channel_counts(channel).senders == senders + 1);
}

static void start_receiver(struct user *user, struct pool_channel *channel)
{
    size_t receivers = pool_channel_counts(channel).receivers;
    *user = (struct user){.channel = channel};
    call_start(&user->call, user_receive, user);
    AWAIT(pool_channel_counts(channel).receivers == receivers + 1);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct pool_channel *channel = (struct pool_channel *)state;
    struct timespec past = in_the_past();
    void *item = things;
    assert_int_equal(pool_channel_create(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_channel_create(&channel, 0), POOL_INVALID);
    assert_null(channel);
    assert_int_equal(pool_channel_create(&channel, SIZE_MAX), POOL_INVALID);
    assert_int_equal(pool_channel_create(&channel, SIZE_MAX / sizeof(void *)), POOL_INVALID);
    channel = channel_make(1);
    assert_int_equal(pool_channel_send(NULL, item), POOL_INVALID);
    assert_int_equal(pool_channel_try_send(NULL, item), POOL_INVALID);
    assert_int_equal(pool_channel_send_until(channel, item, NULL), POOL_INVALID);
    assert_int_equal(pool_channel_send_until(channel, item, &no_deadline), POOL_INVALID);
    assert_int_equal(pool_channel_receive(channel, NULL), POOL_INVALID);
    assert_int_equal(pool_channel_try_receive(channel, NULL), POOL_INVALID);
    assert_int_equal(pool_channel_receive_numbered(channel, &item, NULL), POOL_INVALID);
    assert_int_equal(pool_channel_receive_until(NULL, &item, &past), POOL_INVALID);
    assert_int_equal(pool_channel_receive_until(channel, &item, &no_deadline), POOL_INVALID);
    assert_int_equal(pool_channel_close(NULL), POOL_INVALID);
    assert_int_equal(pool_channel_counts(NULL).capacity, 0);
    pool_channel_destroy(channel);
    pool_channel_destroy(NULL);
}

static void items_leave_in_order_round_the_end(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(3);
    void *item;
    int sent = 0, received = 0;
    for (int round = 0; round < 10; round++) {
        while (pool_channel_try_send(channel, &things[sent % 8]) == POOL_OK)
            sent++;
        assert_int_equal(sent - received, 3);
        for (int i = 0; i <= round % 3; i++, received++) {
            unsigned long long number;
            assert_int_equal(pool_channel_receive_numbered(channel, &item, &number), POOL_OK);
            assert_int_equal(number, received);
            assert_ptr_equal(item, &things[received % 8]);
        }
    }
    struct pool_channel_counts counts = pool_channel_counts(channel);
    assert_true(counts.sent == (unsigned)sent && counts.received == (unsigned)received && counts.peak == 3);
    assert_int_equal(counts.queued, sent - received);
    pool_channel_destroy(channel);
}

static void an_empty_or_full_channel_answers_a_try(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(1);
    struct timespec past = in_the_past();
    void *item = things;
    assert_int_equal(pool_channel_try_receive(channel, &item), POOL_EMPTY);
    assert_int_equal(pool_channel_receive_until(channel, &item, &past), POOL_TIMED_OUT);
    assert_ptr_equal(item, things);
    assert_int_equal(pool_channel_send_until(channel, NULL, &past), POOL_OK); /* NULL is an item too */
    assert_int_equal(pool_channel_try_send(channel, item), POOL_FULL);
    assert_int_equal(pool_channel_send_until(channel, item, &past), POOL_TIMED_OUT);
    assert_int_equal(pool_channel_receive_until(channel, &item, &past), POOL_OK);
    assert_null(item);
    pool_channel_destroy(channel);
}

static void a_full_channel_makes_senders_wait(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(1);
    struct user sender;
    void *item;
    assert_int_equal(pool_channel_send(channel, &things[0]), POOL_OK);
    start_sender(&sender, channel, &things[1]);
    assert_int_equal(pool_channel_receive(channel, &item), POOL_OK);
    assert_int_equal(call_join(&sender.call), POOL_OK);
    assert_int_equal(pool_channel_receive(channel, &item), POOL_OK);
    assert_ptr_equal(item, &things[1]);
    pool_channel_destroy(channel);
}

static void an_empty_channel_makes_receivers_wait(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(2);
    struct user receivers[2];
    for (int i = 0; i < 2; i++)
        start_receiver(&receivers[i], channel);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pool_channel_send(channel, &things[i]), POOL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&receivers[i].call), POOL_OK);
    assert_ptr_not_equal(receivers[0].item, receivers[1].item);
    pool_channel_destroy(channel);
}

/* The deadline passes, then the item comes, then the receiver gets the lock: it takes the item, since the
 * ring for it may have been its own. The same for a sender and a free slot. */
static void who_is_late_looks_once_more(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(1);
    struct user user = {.channel = channel, .deadline = &at_the_gate};
    void *item;
    gate_init(&timeout_gate);
    call_start(&user.call, user_receive, &user);
    gate_await(&timeout_gate);
    assert_int_equal(pool_channel_send(channel, &things[3]), POOL_OK);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&user.call), POOL_OK);
    assert_ptr_equal(user.item, &things[3]);

    assert_int_equal(pool_channel_send(channel, &things[4]), POOL_OK);
    call_start(&user.call, user_send, &user);
    gate_await(&timeout_gate);
    assert_int_equal(pool_channel_receive(channel, &item), POOL_OK);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&user.call), POOL_OK);
    assert_int_equal(pool_channel_counts(channel).queued, 1);
    gate_release(&timeout_gate);
    pool_channel_destroy(channel);
}

static void a_close_lets_senders_out_and_receivers_have_the_rest(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(2);
    struct user senders[2];
    void *item;
    assert_int_equal(pool_channel_send(channel, &things[0]), POOL_OK);
    assert_int_equal(pool_channel_send(channel, &things[1]), POOL_OK);
    for (int i = 0; i < 2; i++)
        start_sender(&senders[i], channel, &things[2]);
    assert_int_equal(pool_channel_close(channel), POOL_OK);
    assert_int_equal(pool_channel_close(channel), POOL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&senders[i].call), POOL_STOPPED);
    assert_int_equal(pool_channel_try_send(channel, things), POOL_STOPPED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pool_channel_receive(channel, &item), POOL_OK);
        assert_ptr_equal(item, &things[i]);
    }
    assert_int_equal(pool_channel_receive(channel, &item), POOL_STOPPED);
    assert_int_equal(pool_channel_try_receive(channel, &item), POOL_STOPPED);
    pool_channel_destroy(channel);
}

static void a_close_lets_receivers_out(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(2);
    struct user receivers[2];
    for (int i = 0; i < 2; i++)
        start_receiver(&receivers[i], channel);
    assert_int_equal(pool_channel_close(channel), POOL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&receivers[i].call), POOL_STOPPED);
    pool_channel_destroy(channel);
}

static void a_destroy_lets_everybody_out_first(void **state)
{
    (void)state;
    struct pool_channel *channel = channel_make(1);
    struct user user;
    start_receiver(&user, channel);
    pool_channel_destroy(channel);
    assert_int_equal(call_join(&user.call), POOL_STOPPED);
    channel = channel_make(1);
    assert_int_equal(pool_channel_send(channel, things), POOL_OK);
    start_sender(&user, channel, things);
    pool_channel_destroy(channel); /* what is left in it is forgotten */
    assert_int_equal(call_join(&user.call), POOL_STOPPED);
}

/* --- many at once ------------------------------------------------------------------------------------- */

enum { EACH = 2000 };

static enum pool_status send_many(void *arg)
{
    int status = POOL_OK;
    for (uintptr_t i = 1; i <= EACH && status == POOL_OK; i++)
        status = pool_channel_send(arg, (void *)i);
    return status;
}

struct sum {
    struct pool_channel *channel;
    atomic_size_t total;
};

static enum pool_status sum_up(void *arg)
{
    struct sum *sum = arg;
    void *item;
    while (pool_channel_receive(sum->channel, &item) == POOL_OK)
        atomic_fetch_add(&sum->total, (uintptr_t)item);
    return POOL_OK;
}

static void nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    struct sum sum = {.channel = channel_make(3)};
    struct call senders[2], receivers[2];
    for (int i = 0; i < 2; i++)
        call_start(&senders[i], send_many, sum.channel);
    for (int i = 0; i < 2; i++)
        call_start(&receivers[i], sum_up, &sum);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&senders[i]), POOL_OK);
    assert_int_equal(pool_channel_close(sum.channel), POOL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&receivers[i]), POOL_OK);
    assert_int_equal(sum.total, 2 * (size_t)EACH * (EACH + 1) / 2);
    assert_in_range(pool_channel_counts(sum.channel).peak, 1, 3);
    pool_channel_destroy(sum.channel);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_refused),
        CASE(items_leave_in_order_round_the_end),
        CASE(an_empty_or_full_channel_answers_a_try),
        CASE(a_full_channel_makes_senders_wait),
        CASE(an_empty_channel_makes_receivers_wait),
        CASE(who_is_late_looks_once_more),
        CASE(a_close_lets_senders_out_and_receivers_have_the_rest),
        CASE(a_close_lets_receivers_out),
        CASE(a_destroy_lets_everybody_out_first),
        CASE(nothing_is_lost_or_doubled),
    };
    return cmocka_run_group_tests_name("coordination: channel", cases, NULL, NULL);
}
