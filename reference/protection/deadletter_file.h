/* deadletter_file.h - a file of records, one line each, that only grows at its end. Private to this room.
 *
 *     9d1f0b6e + 17 1700000000000000000 4 503%20from%20mail to%3Danna%0A
 *     c03e1d52 - 17
 *
 * First the CRC-32 of the rest of the line; then "+" an item that came, "*" one whose attempts and time
 * changed, "-" one that is gone; its number; its time and attempts; reason and payload with every byte but
 * letters, digits, '-', '.' and '_' as %XX, and a lone % for nothing at all. So a line break is always the
 * end of a record, and any tool that reads lines can read the file. The lock of the store guards it all.
 */
#ifndef DEEPEND_POOL_DEADLETTER_FILE_H
#define DEEPEND_POOL_DEADLETTER_FILE_H

#include "deadletter.h"
#include <stdbool.h>
#include <sys/types.h>

struct deadletter_file {
    int fd; /* -1: there is none */
    bool sync;
    const char *path;
    off_t end;   /* where the last whole line ends */
    bool ragged; /* a failed write may have left something behind that end */
    int error;   /* errno of the last failure */
    size_t torn, damaged;
};

/* Called for each good line; ITEM has id only for '-', no texts for '*'. What it points at lives for the
 * call. False: out of memory. */
typedef bool deadletter_reader(void *context, char sign, const struct pool_deadletter_item *item);

/* POOL_OK; POOL_FAILED with file->error; POOL_REJECTED, somebody else has it; POOL_NO_MEMORY. After these the
 * file is closed. */
enum pool_status pool_deadletter_file_open(struct deadletter_file *file, const char *path, bool sync,
                                           deadletter_reader *reader, void *context);
void pool_deadletter_file_close(struct deadletter_file *file);

/* A line at the end. POOL_OK, POOL_FAILED, POOL_NO_MEMORY; after these the file is as it was. */
enum pool_status pool_deadletter_file_append(struct deadletter_file *file, char sign,
                                             const struct pool_deadletter_item *item);

/* FRESH becomes a new and empty file beside FILE. */
enum pool_status pool_deadletter_file_beside(struct deadletter_file *fresh,
                                             const struct deadletter_file *file);

/* FRESH takes the place of FILE, which is closed. POOL_FAILED: FILE stays, FRESH is gone; or, with sync, it
 * is done but a power cut may undo it. */
enum pool_status pool_deadletter_file_replace(struct deadletter_file *file, struct deadletter_file *fresh);

/* Give up on FRESH. */
void pool_deadletter_file_abandon(struct deadletter_file *fresh, const struct deadletter_file *file);

#endif
