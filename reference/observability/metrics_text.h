/* metrics_text.h - a text that grows, with the escapes and the numbers of Prometheus' text format.
 *
 * Private to this room. A text that runs out of memory remembers it and swallows the rest, so that a writer
 * asks once, at the end. Owner thread only.
 */
#ifndef DEEPEND_POOL_METRICS_TEXT_H
#define DEEPEND_POOL_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_text {
    char *data; /* always ends with a 0 once something was put; the owner's to free() */
    size_t length, size;
    bool failed; /* memory ran out: data is NULL and stays so */
};

void pool_text_bytes(struct pool_text *text, const char *bytes, size_t count);
void pool_text_put(struct pool_text *text, const char *string);

/* STRING with \ and line feed escaped, and each byte of MORE as well: "" in a help, "\"" in a label value. */
void pool_text_escaped(struct pool_text *text, const char *string, const char *more);

void pool_text_natural(struct pool_text *text, uint64_t number);
void pool_text_integer(struct pool_text *text, int64_t number);

/* The fewest digits, from 15 on, that read back to NUMBER; with a dot in every locale; +Inf, -Inf, NaN. */
void pool_text_double(struct pool_text *text, double number);

#endif
