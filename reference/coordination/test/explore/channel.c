/* Shows: two senders through one slot to a receiver that goes on until the channel is closed; every item
 * arrives, in its sender's order, with what was written before the send.
 *
 *     deepend explore reference/coordination/test/explore/channel.c reference/coordination/channel.c
 *         --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/channel.c deadlock: s/bell_ring(&channel->room);//
 *     broken reference/coordination/channel.c wrong-result: s/while (\(.*\) == not_yet/if (\1 == not_yet/
 */
#include "channel.h"
#include <assert.h>
#include <pthread.h>

static struct pool_channel *channel;
static int items[2][2]; /* by sender; not atomic: the channel has to order them */

static void *send_two(void *mine)
{
    int *item = mine;
    for (int i = 0; i < 2; i++) {
        item[i] = i + 1;
        enum pool_status status = pool_channel_send(channel, &item[i]);
        assert(status == POOL_OK);
    }
    return NULL;
}

static void *receive_all(void *unused)
{
    int next[2] = {1, 1};
    void *item;
    while (pool_channel_receive(channel, &item) == POOL_OK) {
        int sender = (int *)item >= items[1];
        assert(*(int *)item == next[sender]);
        next[sender]++;
    }
    assert(next[0] == 3 && next[1] == 3);
    return unused;
}

int main(void)
{
    pthread_t senders[2], receiver;

    if (pool_channel_create(&channel, 1) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&senders[i], NULL, send_two, items[i]);
    pthread_create(&receiver, NULL, receive_all, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(senders[i], NULL);
    pool_channel_close(channel);
    pthread_join(receiver, NULL);
    pool_channel_destroy(channel);
    return 0;
}
