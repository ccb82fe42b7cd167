/* deadletter_line.h - a record of the dead-letter file to a line, and back; pure. Private to this room.
 * deadletter_file.h tells the format.
 */
#ifndef DEEPEND_POOL_DEADLETTER_LINE_H
#define DEEPEND_POOL_DEADLETTER_LINE_H

#include "deadletter.h"
#include <stdbool.h>

/* The line with its line break, for free(); *LENGTH without a final 0. NULL: out of memory. */
char *pool_deadletter_line_make(char sign, const struct pool_deadletter_item *item, size_t *length);

/* Read LINE of LENGTH bytes without its line break, in place: what ITEM points at lies in it. False: it is no
 * good line. */
bool pool_deadletter_line_read(char *line, size_t length, char *sign, struct pool_deadletter_item *item);

#endif
