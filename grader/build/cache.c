/* cache.c - folders of built things, see cache.h. The newest use of an entry is the time stamp of its list of
 * hashes. */
#include "build/cache.h"

#include "base/file.h"
#include "build/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

/* The list of hashes in each entry, and the head of the names of workplaces. */
#define SUMS      "sums"
#define TEMPORARY "tmp."

enum { FILE_LIMIT = 256 * 1024 * 1024, IN_USE_SECONDS = 3600 };

struct cache {
    char *folder;
    char *temporary; /* of this grader, NULL until something is built */
    unsigned workplaces;
};

static int cache_release(struct cache *cache)
{
    if (cache->temporary)
        path_remove(cache->temporary);
    return 0;
}

struct cache *cache_open(void *mem, const char *root)
{
    struct cache *cache = talloc_zero(mem, struct cache);

    cache->folder = talloc_asprintf(cache, "%s/build/cache", root);
    talloc_set_destructor(cache, cache_release);
    return cache;
}

char *cache_path(void *mem, const struct cache *cache, const char *key)
{
    return talloc_asprintf(mem, "%s/%s", cache->folder, key);
}

const char *cache_inside(const struct cache *cache, const char *path)
{
    size_t length = strlen(cache->folder);
    return strncmp(path, cache->folder, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static int matches(void *mem, const char *path, const char *wanted)
{
    char sum[SHA256_TEXT];
    size_t length;
    char *bytes = file_read(mem, path, FILE_LIMIT, &length, NULL);

    if (!bytes)
        return 0;
    sha256_bytes(bytes, length, sum);
    talloc_free(bytes);
    return strcmp(sum, wanted) == 0;
}

/* Whether every file that the list names is there and as it was. The list itself must be complete: it ends in
 * a full stop. */
static int intact(void *mem, const char *folder)
{
    char *list = file_read(mem, talloc_asprintf(mem, "%s/" SUMS, folder), 4096, NULL, NULL), *line;

    while (list && (line = strsep(&list, "\n"))) {
        char *name = strchr(line, ' ');
        if (!name)
            return strcmp(line, ".") == 0;
        *name++ = '\0';
        if (!matches(mem, talloc_asprintf(mem, "%s/%s", folder, name), line))
            return 0;
    }
    return 0;
}

char *cache_find(void *mem, const struct cache *cache, const char *key)
{
    void *scratch = talloc_new(mem);
    char *folder = cache_path(scratch, cache, key);
    int good = intact(scratch, folder);

    if (good) {
        utimensat(AT_FDCWD, talloc_asprintf(scratch, "%s/" SUMS, folder), NULL,
                  0); /* a read-only cache will do */
        talloc_steal(mem, folder);
    }
    talloc_free(scratch);
    return good ? folder : NULL;
}

/* --- writing ------------------------------------------------------------------------------------------ */

static char *trouble(const struct cache *cache, struct error *err)
{
    error_grader(err, "cannot write the build cache %s: %s", cache->folder, strerror(errno));
    return NULL;
}

size_t cache_room(const struct cache *cache)
{
    struct statvfs disk;
    return statvfs(cache->folder, &disk) == 0 ? disk.f_bavail * disk.f_frsize : SIZE_MAX;
}

char *cache_workplace(void *mem, struct cache *cache, struct error *err)
{
    if (!cache->temporary) {
        if (folder_make(cache->folder, err) != 0)
            return NULL;
        char *name = talloc_asprintf(cache, "%s/" TEMPORARY "XXXXXX", cache->folder);
        if (!mkdtemp(name))
            return trouble(cache, err);
        cache->temporary = name;
    }
    char *workplace = talloc_asprintf(mem, "%s/%u", cache->temporary, cache->workplaces++);
    return mkdir(workplace, 0755) == 0 ? workplace : trouble(cache, err);
}

/* Hash every file of WORKPLACE into its list. */
static int write_sums(void *mem, const char *workplace)
{
    char *path = talloc_asprintf(mem, "%s/" SUMS, workplace);
    FILE *list = fopen(path, "we");
    DIR *folder = opendir(workplace);
    struct dirent *entry;
    int good = list && folder;

    while (good && (entry = readdir(folder))) {
        char sum[SHA256_TEXT];
        size_t length;
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, SUMS) == 0)
            continue;
        char *bytes = file_read(mem, talloc_asprintf(mem, "%s/%s", workplace, entry->d_name), FILE_LIMIT,
                                &length, NULL);
        good = bytes != NULL;
        if (good) {
            sha256_bytes(bytes, length, sum);
            good = fprintf(list, "%s %s\n", sum, entry->d_name) > 0;
        }
        talloc_free(bytes);
    }
    good = good && fputs(".\n", list) >= 0;
    if (folder)
        closedir(folder);
    return list && fclose(list) == 0 && good ? 0 : -1;
}

/* Out of the way first, so that nobody meets an entry that is half removed. */
static void discard(struct cache *cache, const char *folder)
{
    char *away = cache_workplace(cache, cache, NULL);

    if (away && rename(folder, away) == 0)
        path_remove(away);
    talloc_free(away);
}

char *cache_keep(void *mem, struct cache *cache, const char *key, const char *workplace, struct error *err)
{
    char *folder = cache_path(mem, cache, key);

    if (write_sums(cache, workplace) != 0)
        return trouble(cache, err);
    for (int attempt = 0; attempt < 3; attempt++) {
        if (rename(workplace, folder) == 0)
            return folder;
        if (errno != EEXIST && errno != ENOTEMPTY)
            return trouble(cache, err);
        char *others = cache_find(mem, cache, key);
        if (others)
            return others;
        discard(cache, folder);
    }
    errno = EBUSY;
    return trouble(cache, err);
}

/* --- trimming ----------------------------------------------------------------------------------------- */

struct old {
    char *path;
    time_t used;
    size_t bytes;
};

static int by_age(const void *left, const void *right)
{
    const struct old *a = left, *b = right;
    return a->used < b->used ? -1 : a->used > b->used;
}

static size_t folder_bytes(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    struct stat status;
    size_t bytes = 0;

    while (folder && (entry = readdir(folder)))
        if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode))
            bytes += (size_t)status.st_blocks * 512;
    if (folder)
        closedir(folder);
    return bytes;
}

static struct old examine(void *mem, const char *folder, const char *name)
{
    struct old entry = {.path = talloc_asprintf(mem, "%s/%s", folder, name)};
    struct stat status;

    if (stat(talloc_asprintf(mem, "%s/" SUMS, entry.path), &status) == 0 || stat(entry.path, &status) == 0)
        entry.used = status.st_mtime;
    entry.bytes = folder_bytes(entry.path);
    return entry;
}

/* All entries, oldest first; workplaces that a killed grader has left are removed on the way. */
static struct old *list_entries(void *mem, struct cache *cache, time_t young, size_t *count)
{
    DIR *folder = opendir(cache->folder);
    struct old *entries = NULL;
    struct dirent *entry;

    *count = 0;
    while (folder && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        struct old found = examine(mem, cache->folder, entry->d_name);
        if (strncmp(entry->d_name, TEMPORARY, strlen(TEMPORARY)) == 0) {
            if (found.used < young)
                path_remove(found.path);
            continue;
        }
        entries = talloc_realloc(mem, entries, struct old, *count + 1);
        entries[(*count)++] = found;
    }
    if (folder)
        closedir(folder);
    if (*count)
        qsort(entries, *count, sizeof entries[0], by_age);
    return entries;
}

void build_cache_trim(const char *root, size_t limit)
{
    struct cache *cache = cache_open(NULL, root);
    time_t young = time(NULL) - IN_USE_SECONDS; /* another grader may still be running what is younger */
    size_t count, total = 0;
    struct old *entries = list_entries(cache, cache, young, &count);

    for (size_t i = 0; i < count; i++)
        total += entries[i].bytes;
    for (size_t i = 0; i < count && total > limit && entries[i].used < young; i++) {
        discard(cache, entries[i].path);
        total -= entries[i].bytes;
    }
    talloc_free(cache);
}
