/* file.h - whole files, folders and content hashes.
 *
 * Memory is talloc's: results hang on MEM and go with it. All functions return -1 or NULL and fill ERR on
 * failure.
 */
#ifndef DEEPEND_FILE_H
#define DEEPEND_FILE_H

#include "error.h"
#include <stddef.h>

enum { SHA256_TEXT = 65 }; /* hex digits and the final zero */

/* Read all of PATH (at most LIMIT bytes, more is an error); the text is zero-terminated, its length goes to
 * *LENGTH unless that is NULL. */
char *file_read(void *mem, const char *path, size_t limit, size_t *length, struct error *err);

/* Replace PATH by TEXT in one step: written beside it, synced, renamed. A reader sees the old or the new
 * file, never half. */
int file_replace(const char *path, const void *text, size_t length, struct error *err);

int file_exists(const char *path);

/* Make the folder PATH and those above it. */
int folder_make(const char *path, struct error *err);

/* Remove PATH, with everything in it if it is a folder. Missing is fine. */
int path_remove(const char *path);

/* Hex SHA-256 of bytes. */
void sha256_bytes(const void *bytes, size_t length, char out[SHA256_TEXT]);

#endif
