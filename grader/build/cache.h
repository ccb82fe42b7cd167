/* cache.h - what was built before, found by the hash of all that went into it.
 *
 *     struct cache *cache = cache_open(mem, root, &err);
 *     char *folder = cache_find(mem, cache, key);          // build/cache/KEY, or NULL
 *     if (!folder) {
 *         char *work = cache_workplace(mem, cache, &err);  // build/cache/tmp.XXXXXX/N: make the files here
 *         ...
 *         folder = cache_keep(mem, cache, key, work, &err);
 *     }
 *
 * An entry is a folder. It appears whole, by one rename, and carries the hash of each of its files, which is
 * compared at every use: what a full disk or a crash has damaged counts as missing and is replaced. Several
 * graders may use one cache; one that may only read it can still use what is there. Workplaces go with the
 * cache's talloc context; those of a killed grader go with build_cache_trim.
 */
#ifndef DEEPEND_CACHE_H
#define DEEPEND_CACHE_H

#include "base/error.h"
#include <stddef.h>

struct cache;

/* Never fails: what cannot be written is told by cache_workplace, when something has to be built. */
struct cache *cache_open(void *mem, const char *root);

/* Where the entry KEY lies or would lie. */
char *cache_path(void *mem, const struct cache *cache, const char *key);

/* What stands behind the cache's folder in PATH, "KEY/check.o", or PATH itself when it lies elsewhere. */
const char *cache_inside(const struct cache *cache, const char *path);

/* The folder of an intact entry, and mark it as used; or NULL. */
char *cache_find(void *mem, const struct cache *cache, const char *key);

/* Bytes that can still be written there; a great number when that is unknown. */
size_t cache_room(const struct cache *cache);

/* A new empty folder to build in. NULL (error_grader) when the cache cannot be written. */
char *cache_workplace(void *mem, struct cache *cache, struct error *err);

/* Make WORKPLACE the entry KEY; the files in it must not be changed any more. Another grader may have been
 * faster: its entry is as good. Returns the entry's folder, or NULL (error_grader). */
char *cache_keep(void *mem, struct cache *cache, const char *key, const char *workplace, struct error *err);

#endif
