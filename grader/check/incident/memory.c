/* memory.c - the account of what the service has allocated, as the runtime (or account.c, live) tells it.
 *
 * Each block counts with all the room that the C library gave it, and its header. In virtual time passing the
 * budget ends the process on the spot, as the kernel's out-of-memory killer would; live somebody outside
 * watches what is really resident. A table of the living blocks tells at the end who forgot what.
 */
#include "inside.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { HEADER = 8, BLOCKS = 1 << 20, PLACES = 64, MEBIBYTE = 1 << 20 };

struct block {
    const void *address, *pc;
};

static struct {
    long long now, peak; /* bytes; changed by whoever has the turn, live atomically */
    unsigned long blocks;
    int keeping; /* 1: from memory_begin on */
    struct block *table;
} memory;

/* --- the table: open addressing, linear probing, deletion by moving back (Knuth, vol. 3, 6.4 R) ---------- */

static size_t slot_of(const void *address)
{
    return (size_t)(((uintptr_t)address >> 4) * 0x9e3779b97f4a7c15ULL >> 44) % BLOCKS;
}

static void table_add(const void *address, const void *pc)
{
    size_t at = slot_of(address);

    if (!memory.table || memory.blocks >= BLOCKS / 4 * 3)
        return;
    while (memory.table[at].address)
        at = (at + 1) % BLOCKS;
    memory.table[at] = (struct block){address, pc};
    memory.blocks++;
}

/* 1 when it was there. */
static int table_remove(const void *address)
{
    size_t at = slot_of(address);

    while (memory.table && memory.table[at].address && memory.table[at].address != address)
        at = (at + 1) % BLOCKS;
    if (!memory.table || !memory.table[at].address)
        return 0;
    for (size_t next = (at + 1) % BLOCKS; memory.table[next].address; next = (next + 1) % BLOCKS) {
        size_t home = slot_of(memory.table[next].address);
        if ((next > at && (home <= at || home > next)) || (next < at && home <= at && home > next)) {
            memory.table[at] = memory.table[next];
            at = next;
        }
    }
    memory.table[at] = (struct block){0};
    memory.blocks--;
    return 1;
}

/* --- the account --------------------------------------------------------------------------------------- */

static void add(long long bytes)
{
    long long now = __atomic_add_fetch(&memory.now, bytes, __ATOMIC_RELAXED);

    if (now > __atomic_load_n(&memory.peak, __ATOMIC_RELAXED))
        __atomic_store_n(&memory.peak, now, __ATOMIC_RELAXED);
}

void check_allocated(void *block, const void *pc)
{
    char words[100];

    if (!memory.keeping || engine.over)
        return;
    add((long long)malloc_usable_size(block) + HEADER);
    if (!engine.live)
        table_add(block, pc);
    if (engine.live || engine.budget == 0 || (double)memory.now <= engine.budget)
        return;
    snprintf(words, sizeof words, "out of memory: %.1f MiB in use, %.0f MiB allowed",
             (double)memory.now / MEBIBYTE, engine.budget / MEBIBYTE);
    engine_kill(words);
}

void check_frees(void *block)
{
    if (memory.keeping && !engine.over && (engine.live || table_remove(block)))
        add(-(long long)malloc_usable_size(block) - HEADER);
}

void memory_begin(void)
{
    void *map = mmap(NULL, sizeof *memory.table * BLOCKS, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    memory.table = map == MAP_FAILED ? NULL : map;
    memory.keeping = 1;
}

double memory_now(void)
{
    return (double)__atomic_load_n(&memory.now, __ATOMIC_RELAXED);
}

double memory_peak(void)
{
    return (double)__atomic_exchange_n(&memory.peak, memory.now, __ATOMIC_RELAXED);
}

/* --- what was forgotten -------------------------------------------------------------------------------- */

struct place {
    const void *pc;
    unsigned long blocks;
    long long bytes;
};

static struct place most_forgotten(void)
{
    static struct place places[PLACES];
    unsigned count = 0, best = 0;

    for (size_t i = 0; memory.table && i < BLOCKS; i++) {
        const struct block *block = &memory.table[i];
        unsigned k = 0;
        if (!block->address)
            continue;
        while (k < count && places[k].pc != block->pc)
            k++;
        if (k == count && count < PLACES)
            places[count++].pc = block->pc;
        if (k < count) {
            places[k].blocks++;
            places[k].bytes += (long long)malloc_usable_size((void *)block->address) + HEADER;
        }
    }
    for (unsigned i = 1; i < count; i++)
        if (places[i].bytes > places[best].bytes)
            best = i;
    return places[best];
}

void memory_tell(void)
{
    struct place place = {0};

    memory.keeping = 0;
    if (!engine.live && !engine.sanitized && memory.blocks > 0)
        place = most_forgotten();
    record_line("memory left %lld blocks %lu pc %lx", engine.sanitized ? 0 : memory.now,
                engine.sanitized ? 0 : memory.blocks, (unsigned long)(uintptr_t)place.pc);
}
