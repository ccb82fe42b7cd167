/* record.h - for the programs whose outputs are counted: what happened in which order, as a string.
 *
 * One record is one atomic step; the letters a, b, c, ... are the threads'. A slot is written by the thread
 * that has drawn it, and read when all have been joined.
 */
#ifndef DEEPEND_TEST_RECORD_H
#define DEEPEND_TEST_RECORD_H

#include "../crew.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_int recorded;
static char record_text[64];

static inline void record(void *number)
{
    int slot = atomic_fetch_add(&recorded, 1);
    record_text[slot] = (char)('a' + (intptr_t)number);
}

static inline void record_print(void)
{
    puts(record_text);
}

#endif
