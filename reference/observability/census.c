/* census.c - the threads of the process, and those that were not there before; see census.h.
 *
 * The list is /proc/self/task. It is read entry by entry while threads come and go, so one look may miss a
 * thread or see one that is gone a moment later; that is what the next look is for.
 */
#include "census.h"

#include "pool_monitor.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- one look --------------------------------------------------------------------------------------------
 */

/* What the system says of a thread. Numbers are used again; a number with a start time is not. */
struct thread_look {
    int tid;
    unsigned long long started; /* clock ticks since boot */
    char name[POOL_THREAD_NAME_SIZE];
    char state;
};

/* Fill in LOOK from a line `tid (name) state ppid ... starttime ...`; the name may hold anything, ")" too. */
static bool parse_look(struct thread_look *look, char *line)
{
    enum { FIELDS_TO_START = 19 }; /* from the state, field 3, to the start time, field 22: proc(5) */
    char *name = strchr(line, '('), *end = strrchr(line, ')');
    if (!name || !end || end[1] != ' ')
        return false;
    *end = '\0';
    snprintf(look->name, sizeof look->name, "%s", name + 1);
    look->state = end[2];
    char *field = end + 2;
    for (int i = 0; i < FIELDS_TO_START && field; i++)
        field = strchr(field + 1, ' ');
    if (!field)
        return false;
    look->started = strtoull(field, NULL, 10);
    return true;
}

/* False: it is gone, or going. */
static bool look_at(struct thread_look *look, int tasks, const char *entry)
{
    char path[48], line[512];

    look->tid = atoi(entry);
    snprintf(path, sizeof path, "%.20s/stat", entry);
    int file = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t got = read(file, line, sizeof line - 1);
    close(file);
    if (got <= 0)
        return false;
    line[got] = '\0';
    return parse_look(look, line) && look->state != 'Z' && look->state != 'X';
}

/* Call VISIT for each thread until it answers false. False: it did, or the list cannot be read (*READ). */
static bool for_each_thread(bool (*visit)(void *context, const struct thread_look *look), void *context,
                            bool *read)
{
    struct thread_look look;
    bool go_on = true;
    DIR *tasks = opendir("/proc/self/task");

    *read = tasks != NULL;
    if (!tasks)
        return false;
    for (struct dirent *entry; go_on && (entry = readdir(tasks));)
        if (entry->d_name[0] != '.' && look_at(&look, dirfd(tasks), entry->d_name))
            go_on = visit(context, &look);
    closedir(tasks);
    return go_on;
}

static bool count_one(void *context, const struct thread_look *look)
{
    (void)look;
    ++*(size_t *)context;
    return true;
}

size_t pool_census_count(void)
{
    size_t count = 0;
    bool read;
    for_each_thread(count_one, &count, &read);
    return count;
}

/* --- the baseline ----------------------------------------------------------------------------------------
 */

struct pool_census {
    /* Fixed after create: any thread may check. */
    struct pool_census_options options;
    char (*ignore)[POOL_THREAD_NAME_SIZE + 1]; /* with room for the star */
    struct {
        int tid;
        unsigned long long started;
    } * baseline;
    size_t count, room;
};

static bool baseline_add(void *context, const struct thread_look *look)
{
    struct pool_census *census = context;
    if (census->count == census->room) {
        size_t room = census->room ? census->room * 2 : 16;
        void *moved = realloc(census->baseline, room * sizeof *census->baseline);
        if (!moved)
            return false;
        census->baseline = moved;
        census->room = room;
    }
    census->baseline[census->count].tid = look->tid;
    census->baseline[census->count++].started = look->started;
    return true;
}

static bool names_copy(struct pool_census *census, const struct pool_census_options *options)
{
    census->ignore = calloc(options->ignore_count + 1, sizeof *census->ignore);
    if (!census->ignore)
        return false;
    for (size_t i = 0; i < options->ignore_count; i++)
        snprintf(census->ignore[i], sizeof census->ignore[i], "%s", options->ignore[i]);
    return true;
}

/* A name that is longer than the system's could never match, so it is a mistake. The star does not count. */
static bool name_is_valid(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length > 0 && length - (name[length - 1] == '*') < POOL_THREAD_NAME_SIZE;
}

static bool options_are_valid(const struct pool_census_options *options)
{
    if (options->ignore_count > 0 && !options->ignore)
        return false;
    for (size_t i = 0; i < options->ignore_count; i++)
        if (!name_is_valid(options->ignore[i]))
            return false;
    return true;
}

enum pool_status pool_census_create(struct pool_census **census, const struct pool_census_options *options)
{
    const struct pool_census_options none = {.ignore_count = 0};
    bool read = true;

    if (!census)
        return POOL_INVALID;
    *census = NULL;
    options = options ? options : &none;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_census *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->options = *options;
    if (names_copy(made, options) && for_each_thread(baseline_add, made, &read)) {
        *census = made;
        return POOL_OK;
    }
    pool_census_destroy(made);
    return read ? POOL_NO_MEMORY : POOL_SYSTEM;
}

void pool_census_destroy(struct pool_census *census)
{
    if (!census)
        return;
    free(census->baseline);
    free(census->ignore);
    free(census);
}

/* --- the check -------------------------------------------------------------------------------------------
 */

struct leak_list {
    const struct pool_census *census;
    struct pool_leak *leaks;
    size_t room, count;
};

static bool is_ignored(const struct pool_census *census, const char *name)
{
    for (size_t i = 0; i < census->options.ignore_count; i++) {
        const char *pattern = census->ignore[i];
        size_t length = strlen(pattern);
        bool prefix = length > 0 && pattern[length - 1] == '*';
        if (prefix ? strncmp(name, pattern, length - 1) == 0 : strcmp(name, pattern) == 0)
            return true;
    }
    return false;
}

static bool was_there(const struct pool_census *census, const struct thread_look *look)
{
    for (size_t i = 0; i < census->count; i++)
        if (census->baseline[i].tid == look->tid && census->baseline[i].started == look->started)
            return true;
    return false;
}

static bool leak_add(void *context, const struct thread_look *look)
{
    struct leak_list *list = context;
    if (look->tid == gettid() || was_there(list->census, look) || is_ignored(list->census, look->name))
        return true;
    if (list->count < list->room) {
        struct pool_leak *leak = &list->leaks[list->count];
        *leak = (struct pool_leak){.tid = look->tid, .state = look->state};
        memcpy(leak->name, look->name, sizeof leak->name);
        pool_roster_find(list->census->options.roster, look->tid, &leak->birth);
    }
    list->count++;
    return true;
}

static uint64_t nanoseconds_of(const struct timespec *time)
{
    return time->tv_sec < 0 ? 0 : (uint64_t)time->tv_sec * POOL_SECOND + (uint64_t)time->tv_nsec;
}

/* Nothing tells when the system has taken a thread out of its list, so there is nothing to wait for but time.
 */
static void pause_for(const struct pool_census *census, uint64_t nanoseconds)
{
    if (census->options.pause) {
        census->options.pause(census->options.context, nanoseconds);
        return;
    }
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / POOL_SECOND),
                            .tv_nsec = (long)(nanoseconds % POOL_SECOND)};
    ppoll(NULL, 0, &time, NULL);
}

/* The pause after look number TRY, from 0; 0: enough. */
static uint64_t next_pause(const struct pool_census *census, const struct timespec *deadline, unsigned try)
{
    const uint64_t longest = 100 * POOL_MILLISECOND;
    uint64_t pause = try < 17 ? UINT64_C(1000) <<
    try : longest
        ; /* 1 us << 17 is more than the longest */

    if (!deadline)
        return try < POOL_CENSUS_TRIES ? pause : 0;
    uint64_t now = pool_clock_now(census->options.clock), end = nanoseconds_of(deadline);
    uint64_t left = now < end ? end - now : 0;
    return left < pause ? left : pause;
}

enum pool_status pool_census_check(const struct pool_census *census, const struct timespec *deadline,
                                   struct pool_leak *leaks, size_t room, size_t *count)
{
    if (!census || !count || (!leaks && room > 0) || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    for (unsigned try = 0;; try++) {
        struct leak_list list = {.census = census, .leaks = leaks, .room = room};
        bool read;
        for_each_thread(leak_add, &list, &read);
        *count = list.count;
        if (!read)
            return POOL_SYSTEM;
        if (list.count == 0)
            return POOL_OK;
        uint64_t pause = next_pause(census, deadline, try);
        if (pause == 0)
            return POOL_FAILED;
        pause_for(census, pause);
    }
}

int pool_leak_text(char *text, size_t size, const struct pool_leak *leak)
{
    const struct pool_birth *birth = &leak->birth;
    if (!birth->file)
        return snprintf(text, size, "thread %d \"%s\" (state %c) is still here", leak->tid, leak->name,
                        leak->state);
    return snprintf(text, size, "thread %d \"%s\" (state %c) is still here: \"%s\", started at %s:%d",
                    leak->tid, leak->name, leak->state, birth->label, birth->file, birth->line);
}
