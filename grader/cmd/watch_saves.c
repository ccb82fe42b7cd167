/* watch_saves.c - see watch_saves.h.
 *
 * Every hint (an event, a stamp that changed) makes the file `restless`. A restless file is looked at until
 * its stamp has stood still for a moment; then its content is hashed, and only a new hash is a save. So the
 * order and number of events, which differ from editor to editor, do not matter, and a half-written file is
 * not taken for a whole one.
 */
#include "cmd/watch_saves.h"

#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { HASHED_MOST = 4 << 20 /* bytes; more than any submission may have */ };

static const double quiet = 0.06; /* seconds a told change must stand still */
static const double quiet_polled =
    0.25;                               /* likewise one that was found by looking: no event will correct it */
static const double empty_grace = 1.0;  /* an empty file is mostly one about to be written */
static const double look_polling = 0.5; /* seconds between looks without events */
static const double look_besides = 2.0; /* and with them */

/* What tells of a change without reading. */
struct stamp {
    int there;
    ino_t inode;
    off_t size;
    struct timespec changed; /* ctime: nobody can set it back */
};

struct saves {
    char *path, *folder;
    const char *name; /* within path */
    int inotify;      /* -1: polling only */
    int watch;        /* on the folder, -1: none at this moment */
    ino_t watched;    /* the folder's inode */
    struct stamp stamp;
    int restless;
    double since, moved; /* when it became restless; when it last changed */
    double still;        /* seconds it must stand still */
    double next_look;
    char hash[SHA256_TEXT];
};

/* --- stamps and hashes ------------------------------------------------------------------------------------
 */

static struct stamp stamp_of(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return (struct stamp){.there = errno != ENOENT && errno != ENOTDIR}; /* unreadable is not gone */
    return (struct stamp){1, status.st_ino, status.st_size, status.st_ctim};
}

static int stamp_same(const struct stamp *a, const struct stamp *b)
{
    return a->there == b->there && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* What cannot be hashed (a folder, a pipe, a file that may not be read) gets a text made of what is known of
 * it. */
void saves_hash_now(const char *path, char out[SHA256_TEXT])
{
    struct error err = {.text = "not a file"};
    struct stat status;
    char *text = NULL;
    size_t length;

    out[0] = '\0';
    if (stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        text = file_read(NULL, path, HASHED_MOST, &length, &err);
    if (text)
        sha256_bytes(text, length, out);
    else
        snprintf(out, SHA256_TEXT, "%lld %.50s", (long long)status.st_size, err.text);
    talloc_free(text);
}

/* --- inotify ----------------------------------------------------------------------------------------------
 */

static int saves_close(struct saves *saves)
{
    if (saves->inotify >= 0)
        close(saves->inotify);
    return 0;
}

/* The folder, not the file: a rename puts another file under the same name. */
static void watch_folder(struct saves *saves)
{
    struct stat status;

    if (saves->inotify < 0 || stat(saves->folder, &status) != 0)
        return;
    if (saves->watch >= 0 && status.st_ino == saves->watched)
        return;
    if (saves->watch >= 0)
        inotify_rm_watch(saves->inotify, saves->watch);
    saves->watched = status.st_ino;
    saves->watch = inotify_add_watch(saves->inotify, saves->folder,
                                     IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                         IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

static void stir(struct saves *saves, double now, double still)
{
    if (!saves->restless)
        saves->since = now;
    saves->restless = 1;
    saves->moved = now;
    saves->still = still;
}

static void take_event(struct saves *saves, const struct inotify_event *event, double now)
{
    if (event->mask & IN_IGNORED) {
        if (event->wd == saves->watch)
            saves->watch = -1;
    } else if (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) {
        saves->next_look = now;
    } else if (event->len > 0 && strcmp(event->name, saves->name) == 0) {
        /* created: by a link, complete; or by an editor that is still writing, who will close it */
        if (event->mask & IN_CREATE)
            saves->next_look = now + quiet_polled;
        else
            stir(saves, now, quiet);
    }
}

static void take_events(struct saves *saves, double now)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t got;

    while (saves->inotify >= 0 && (got = read(saves->inotify, buffer, sizeof buffer)) > 0)
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            take_event(saves, event, now);
            at += sizeof *event + event->len;
        }
}

/* --- looking ----------------------------------------------------------------------------------------------
 */

/* Now and then, for what no event told: the folder may be another one, the file may have changed. */
static void look_besides_events(struct saves *saves, double now)
{
    struct stamp stamp = stamp_of(saves->path);

    watch_folder(saves);
    if (!stamp_same(&stamp, &saves->stamp) && !saves->restless)
        stir(saves, now, quiet_polled);
    saves->stamp = stamp;
    saves->next_look = now + (saves->watch >= 0 && stamp.there ? look_besides : look_polling);
}

/* The file has stood still: is its content another one? */
static int settle(struct saves *saves)
{
    char hash[SHA256_TEXT];
    struct stamp after;

    saves_hash_now(saves->path, hash);
    after = stamp_of(saves->path);
    if (!stamp_same(&after, &saves->stamp)) { /* written while it was read */
        saves->stamp = after;
        stir(saves, clock_seconds(), saves->still);
        return 0;
    }
    saves->restless = 0;
    if (!*hash || strcmp(hash, saves->hash) == 0)
        return 0;
    strcpy(saves->hash, hash);
    return 1;
}

int saves_look(struct saves *saves)
{
    double now = clock_seconds();
    struct stamp stamp;

    take_events(saves, now);
    if (now >= saves->next_look)
        look_besides_events(saves, now);
    if (!saves->restless)
        return 0;
    stamp = stamp_of(saves->path);
    if (!stamp_same(&stamp, &saves->stamp)) {
        saves->stamp = stamp;
        saves->moved = now;
    }
    if (now - saves->moved < saves->still)
        return 0;
    if (!stamp.there) { /* between a removal and what follows: the next look or event finds it */
        saves->restless = 0;
        saves->next_look = now + look_polling;
        return 0;
    }
    if (stamp.size == 0 && now - saves->since < empty_grace)
        return 0;
    return settle(saves);
}

/* --- the rest ---------------------------------------------------------------------------------------------
 */

struct saves *saves_open(void *mem, const char *path)
{
    const char *poll = getenv("DEEPEND_POLL");
    struct saves *saves = talloc_zero(mem, struct saves);
    char *slash;

    saves->path = talloc_strdup(saves, path);
    saves->folder = talloc_strdup(saves, path);
    slash = strrchr(saves->folder, '/');
    if (slash)
        *slash = '\0';
    else
        saves->folder = talloc_strdup(saves, ".");
    saves->name = strrchr(saves->path, '/') ? strrchr(saves->path, '/') + 1 : saves->path;
    saves->inotify = poll && strcmp(poll, "1") == 0 ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    saves->watch = -1;
    talloc_set_destructor(saves, saves_close);
    saves->stamp = stamp_of(path);
    saves_hash_now(path, saves->hash);
    look_besides_events(saves, clock_seconds());
    return saves;
}

int saves_descriptor(const struct saves *saves)
{
    return saves->inotify;
}

int saves_patience(const struct saves *saves)
{
    double left = saves->next_look - clock_seconds();
    int until_look = left > 0 ? (int)(left * 1000) + 1 : 0;

    return saves->restless && until_look > 30 ? 30 : until_look;
}

int saves_missing(const struct saves *saves)
{
    return !saves->stamp.there;
}

void saves_forget(struct saves *saves)
{
    saves->hash[0] = '\0';
    stir(saves, clock_seconds(), quiet);
}

const char *saves_hash(const struct saves *saves)
{
    return saves->hash;
}
