/* dump.c - who is in a dump, and what they say that they do. See dump.h.
 *
 * How workers are asked stands in dump_signal.c, what is written in dump_text.c.
 */
#include "dump_inside.h"

#include <assert.h>
#include <execinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A handler must find the slot of its own thread, without a lock. The model says that no call is needed for
 * it, also when the library is a shared one. */
static _Thread_local struct dump_slot *mine __attribute__((tls_model("initial-exec")));

struct dump_slot *pool_dump_mine(void)
{
    return mine;
}

/* --- notes ------------------------------------------------------------------------------------------------
 */

enum { NOTE_WORDS = POOL_DUMP_LABEL_SIZE / 8 };

void pool_dump_note_write(struct dump_note *note, const char *text, uint64_t since)
{
    uint64_t words[NOTE_WORDS + 1] = {0};
    unsigned sequence = atomic_load_explicit(&note->sequence, memory_order_relaxed);

    strncpy((char *)words, text, POOL_DUMP_LABEL_SIZE - 1);
    words[NOTE_WORDS] = since;
    atomic_store_explicit(&note->sequence, sequence + 1, memory_order_relaxed);
    for (int i = 0; i <= NOTE_WORDS; i++)
        atomic_store_explicit(&note->words[i], words[i], memory_order_release);
    atomic_store_explicit(&note->sequence, sequence + 2, memory_order_release);
}

bool pool_dump_note_read(const struct dump_note *note, char *text, uint64_t *since)
{
    enum { TRIES = 1000 };
    uint64_t words[NOTE_WORDS + 1];

    for (int i = 0; i < TRIES; i++) {
        unsigned before = atomic_load_explicit(&note->sequence, memory_order_acquire);
        for (int k = 0; k <= NOTE_WORDS; k++)
            words[k] = atomic_load_explicit(&note->words[k], memory_order_acquire);
        unsigned after = atomic_load_explicit(&note->sequence, memory_order_relaxed);
        if (before % 2 == 0 && before == after) {
            memcpy(text, words, POOL_DUMP_LABEL_SIZE);
            *since = words[NOTE_WORDS];
            return true;
        }
    }
    return false;
}

/* --- create -----------------------------------------------------------------------------------------------
 */

static bool options_are_valid(const struct pool_dump_options *options)
{
    return options && options->workers >= 1 && options->workers <= POOL_DUMP_WORKERS &&
           options->capture_signal >= 0 && options->capture_signal <= SIGRTMAX &&
           options->capture_signal != SIGKILL && options->capture_signal != SIGSTOP &&
           options->patience <= 3600 * POOL_SECOND;
}

enum pool_status pool_dump_create(struct pool_dump **dump, const struct pool_dump_options *options)
{
    void *first;

    if (!dump)
        return POOL_INVALID;
    *dump = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_dump *made = calloc(1, sizeof *made + options->workers * sizeof made->slots[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->workers = options->workers;
    made->capture_signal = options->capture_signal ? options->capture_signal : SIGURG;
    made->patience = options->patience ? options->patience : POOL_SECOND;
    made->clock = options->clock;
    atomic_init(&made->trigger_fd, -1);
    made->answers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (unsigned i = 0; i < made->workers; i++)
        made->slots[i].dump = made;
    if (made->answers >= 0 && pool_dump_modules_note(made)) {
        backtrace(&first, 1); /* loads the unwinder, which allocates: not in a handler, later */
        *dump = made;
        return POOL_OK;
    }
    enum pool_status status = made->answers < 0 ? POOL_SYSTEM : POOL_NO_MEMORY;
    pool_dump_destroy(made);
    return status;
}

void pool_dump_destroy(struct pool_dump *dump)
{
    if (!dump)
        return;
    pool_dump_off_signal(dump);
    for (unsigned i = 0; i < dump->workers; i++)
        assert(dump->slots[i].tid == 0 && "a worker is still in the dump");
    pool_dump_modules_free(dump);
    if (dump->answers >= 0)
        close(dump->answers);
    free(dump);
}

/* --- entering ---------------------------------------------------------------------------------------------
 */

static void block_capture(const struct pool_dump *dump, int how, bool *was_blocked)
{
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, dump->capture_signal);
    pthread_sigmask(how, &set, &before);
    if (was_blocked)
        *was_blocked = sigismember(&before, dump->capture_signal) == 1;
}

/* Take a free slot. NULL: there is none. */
static struct dump_slot *claim(struct pool_dump *dump)
{
    for (unsigned i = 0; i < dump->workers; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&dump->slots[i].tid, &nobody, -1))
            return &dump->slots[i];
    }
    return NULL;
}

enum pool_status pool_dump_enter(struct pool_dump *dump, const char *name)
{
    if (!dump)
        return POOL_INVALID;
    if (mine)
        return POOL_ALREADY;
    struct dump_slot *slot = claim(dump);
    if (!slot)
        return POOL_FULL;
    pool_dump_note_write(&slot->name, name ? name : "", 0);
    pool_dump_note_write(&slot->task, "", 0);
    block_capture(dump, SIG_UNBLOCK, &slot->was_blocked);
    mine = slot;
    atomic_store_explicit(&slot->tid, gettid(), memory_order_release);
    return POOL_OK;
}

enum pool_status pool_dump_leave(struct pool_dump *dump)
{
    struct dump_slot *slot = mine;
    if (!dump)
        return POOL_INVALID;
    if (!slot || slot->dump != dump)
        return POOL_EMPTY;
    mine = NULL; /* a question that comes now finds nobody */
    if (slot->was_blocked)
        block_capture(dump, SIG_BLOCK, NULL);
    atomic_store_explicit(&slot->tid, 0, memory_order_release);
    pool_dump_ring(dump);
    return POOL_OK;
}

void pool_dump_task(const char *label)
{
    struct dump_slot *slot = mine;
    if (!slot)
        return;
    if (label)
        pool_dump_note_write(&slot->task, label, pool_clock_now(slot->dump->clock) + 1);
    else
        pool_dump_note_write(&slot->task, "", 0);
}
