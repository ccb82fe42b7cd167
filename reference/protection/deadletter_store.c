/* deadletter_store.c - letters: a list of copies, oldest first, and the lines they write. See
 * deadletter_store.h.
 */
#include "deadletter_store.h"

#include <stdlib.h>
#include <string.h>

size_t pool_letter_texts_size(const struct pool_deadletter_item *item)
{
    return (item->reason ? strlen(item->reason) : 0) + 1 + item->size;
}

void pool_letter_copy(struct pool_deadletter_item *copy, const struct pool_deadletter_item *item, char *room)
{
    const char *reason = item->reason ? item->reason : "";
    size_t size = strlen(reason) + 1;

    *copy = *item;
    copy->reason = memcpy(room, reason, size);
    copy->payload = item->size ? memcpy(room + size, item->payload, item->size) : NULL;
}

struct letter *pool_letter_of(const struct pool_deadletter_item *item)
{
    struct letter *letter = malloc(sizeof *letter + pool_letter_texts_size(item));

    if (!letter)
        return NULL;
    *letter = (struct letter){.in_hand = false};
    pool_letter_copy(&letter->item, item, letter->texts);
    return letter;
}

void pool_letter_append(struct pool_deadletter *dead, struct letter *letter)
{
    letter->before = dead->newest;
    *(dead->newest ? &dead->newest->next : &dead->oldest) = letter;
    dead->newest = letter;
    dead->counts.kept++;
}

void pool_letter_drop(struct pool_deadletter *dead, struct letter *letter)
{
    *(letter->before ? &letter->before->next : &dead->oldest) = letter->next;
    *(letter->next ? &letter->next->before : &dead->newest) = letter->before;
    dead->counts.kept--;
    free(letter);
}

struct letter *pool_letter_find(struct pool_deadletter *dead, uint64_t id)
{
    struct letter *letter = dead->oldest;
    while (letter && letter->item.id != id)
        letter = letter->next;
    return letter;
}

struct letter *pool_letter_first_free(struct pool_deadletter *dead, uint64_t after)
{
    struct letter *letter = dead->oldest;
    while (letter && (letter->item.id <= after || letter->in_hand))
        letter = letter->next;
    return letter;
}

enum pool_status pool_letter_write_locked(struct pool_deadletter *dead, char sign,
                                          const struct pool_deadletter_item *item)
{
    if (dead->file.fd < 0)
        return POOL_OK;
    enum pool_status status = pool_deadletter_file_append(&dead->file, sign, item);
    dead->counts.file_error = dead->file.error;
    return status;
}

enum pool_status pool_letter_forget_locked(struct pool_deadletter *dead, struct letter *letter,
                                           unsigned long long *gone)
{
    enum pool_status status = pool_letter_write_locked(dead, '-', &letter->item);

    if (status != POOL_OK)
        return status;
    pool_letter_drop(dead, letter);
    ++*gone;
    return POOL_OK;
}
