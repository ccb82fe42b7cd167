/* roster.c - threads that say who they are, see roster.h.
 *
 * A line is made by whoever starts the thread and taken out by the thread itself. The roster is freed by the
 * last who has to do with it: its owner, or the last thread to leave after the owner has given it up.
 */
#include "roster.h"

#include "pool_monitor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct roster_line {
    /* Fixed once the thread runs. */
    struct pool_roster *roster;
    void *(*start)(void *);
    void *arg;
    struct pool_birth birth;

    /* Guarded by the roster's lock. */
    int tid; /* 0: it does not run yet */
    struct roster_line *next;
};

struct pool_roster {
    struct lock lock;

    /* Guarded by lock. */
    struct roster_line *lines;
    bool given_up;
};

enum pool_status pool_roster_create(struct pool_roster **roster)
{
    if (!roster)
        return POOL_INVALID;
    *roster = calloc(1, sizeof **roster);
    if (!*roster)
        return POOL_NO_MEMORY;
    lock_init(&(*roster)->lock);
    return POOL_OK;
}

/* Let go of the lock; free the roster if nobody is left who could take it again. */
static void drop_or_free(struct pool_roster *roster)
{
    bool last = roster->given_up && !roster->lines;
    lock_drop(&roster->lock);
    if (!last)
        return;
    lock_release(&roster->lock);
    free(roster);
}

void pool_roster_destroy(struct pool_roster *roster)
{
    if (!roster)
        return;
    lock_take(&roster->lock);
    roster->given_up = true;
    drop_or_free(roster);
}

static void line_remove(void *arg)
{
    struct roster_line *line = arg;
    struct pool_roster *roster = line->roster;

    lock_take(&roster->lock);
    struct roster_line **link = &roster->lines;
    while (*link != line)
        link = &(*link)->next;
    *link = line->next;
    drop_or_free(roster);
    free(line);
}

static void *line_run(void *arg)
{
    struct roster_line *line = arg;
    void *result;

    pthread_cleanup_push(line_remove, line);
    lock_take(&line->roster->lock);
    line->tid = gettid();
    lock_drop(&line->roster->lock);
    result = line->start(line->arg);
    pthread_cleanup_pop(1);
    return result;
}

enum pool_status pool_roster_start_at(struct pool_roster *roster, pthread_t *thread,
                                      const pthread_attr_t *attr, void *(*start)(void *), void *arg,
                                      const char *label, const char *file, int line)
{
    if (!roster || !thread || !start)
        return POOL_INVALID;
    struct roster_line *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    *made = (struct roster_line){
        .roster = roster, .start = start, .arg = arg, .birth = {.file = file, .line = line}};
    snprintf(made->birth.label, sizeof made->birth.label, "%s", label ? label : "");
    lock_take(&roster->lock);
    made->next = roster->lines;
    roster->lines = made;
    lock_drop(&roster->lock);
    if (pthread_create(thread, attr, line_run, made) != 0) {
        line_remove(made); /* the owner is here, so the roster stays */
        return POOL_NO_THREAD;
    }
    return POOL_OK;
}

enum pool_status pool_roster_find(struct pool_roster *roster, int tid, struct pool_birth *birth)
{
    if (!roster || !birth)
        return POOL_INVALID;
    *birth = (struct pool_birth){.line = 0};
    lock_take(&roster->lock);
    struct roster_line *line = roster->lines;
    while (line && (line->tid != tid || tid == 0))
        line = line->next;
    if (line)
        *birth = line->birth;
    lock_drop(&roster->lock);
    return line ? POOL_OK : POOL_EMPTY;
}

size_t pool_roster_count(struct pool_roster *roster)
{
    size_t count = 0;
    if (!roster)
        return 0;
    lock_take(&roster->lock);
    for (const struct roster_line *line = roster->lines; line; line = line->next)
        count++;
    lock_drop(&roster->lock);
    return count;
}
