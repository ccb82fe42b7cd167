/* stacks.c - where the threads of a run stood, one line each: the innermost line of the learner's, and what
 * the thread waits for there. Threads that stand at the same line and wait for the same thing share a line.
 * See screen.h. */
#include "report/screen.h"

#include <string.h>
#include <talloc.h>

enum { LINES_SHOWN = 5 };

/* --- words ------------------------------------------------------------------------------------------------
 */

/* By the head of the function's name, the longer ones first. */
static const char *waits_for(const char *function)
{
    static const char *const words[][2] = {
        {"pthread_mutex", "a mutex"},
        {"pthread_cond", "a condition variable"},
        {"pthread_rwlock_rd", "a read lock"},
        {"pthread_rwlock", "a write lock"},
        {"pthread_barrier", "the others at a barrier"},
        {"pthread_spin", "a spin lock"},
        {"pthread_join", "a thread to end"},
        {"pthread_timedjoin", "a thread to end"},
        {"pthread_once", "another thread's pthread_once"},
        {"sem_", "a semaphore"},
        {"nanosleep", "a sleep to end"},
        {"clock_nanosleep", "a sleep to end"},
        {"usleep", "a sleep to end"},
        {"sleep", "a sleep to end"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(function, words[i][0], strlen(words[i][0])) == 0)
            return words[i][1];
    return NULL;
}

static const char *thread_name(const struct screen *screen, int number)
{
    return number == 0 ? "the main thread" : talloc_asprintf(screen->mem, "thread %d", number);
}

static const char *doing(const struct screen *screen, const struct thread_stack *thread)
{
    const char *what = thread->waits ? waits_for(thread->waits) : NULL;

    if (!thread->waits)
        return "was running";
    if (!what)
        return talloc_asprintf(screen->mem, "waits in %s", screen_clean(screen, thread->waits));
    if (thread->holder >= 0)
        return talloc_asprintf(screen->mem, "waits for %s that %s holds", what,
                               thread_name(screen, thread->holder));
    return talloc_asprintf(screen->mem, "waits for %s", what);
}

/* --- places -----------------------------------------------------------------------------------------------
 */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The innermost frame in the learner's file, else the innermost whose file is known, else NULL. */
static const struct frame *telling_frame(const struct screen *screen, const struct thread_stack *thread)
{
    const char *learners = screen->verdict->exercise->file;
    const struct frame *known = NULL;

    for (size_t i = 0; i < thread->frame_count; i++) {
        const struct frame *frame = &thread->frames[i];
        if (!frame->file)
            continue;
        if (learners && strcmp(base_name(frame->file), learners) == 0)
            return frame;
        if (!known)
            known = frame;
    }
    return known;
}

/* One line of the list: all threads that do the same at the same place. */
struct stand {
    const char *place; /* "tasks.c:18", or a function's name */
    const char *doing;
    char *who;
};

static struct stand stand_of(const struct screen *screen, const struct thread_stack *thread)
{
    const struct frame *frame = telling_frame(screen, thread);
    struct stand stand = {.doing = doing(screen, thread)};

    stand.who = talloc_asprintf(screen->mem, thread->number == 0 ? "main" : "%d", thread->number);
    if (frame)
        stand.place =
            talloc_asprintf(screen->mem, "%s:%d", screen_clean(screen, base_name(frame->file)), frame->line);
    else if (thread->frame_count > 0 && thread->frames[0].function)
        stand.place = screen_clean(screen, thread->frames[0].function);
    else
        stand.place = "";
    return stand;
}

static size_t collect(const struct screen *screen, const struct check_verdict *row, struct stand *stands)
{
    size_t count = 0;

    for (size_t i = 0; i < row->run->stack_count; i++) {
        struct stand stand = stand_of(screen, &row->run->stacks[i]);
        size_t same = 0;
        while (same < count &&
               (strcmp(stands[same].place, stand.place) != 0 || strcmp(stands[same].doing, stand.doing) != 0))
            same++;
        if (same < count)
            stands[same].who = talloc_asprintf_append(stands[same].who, ", %s", stand.who);
        else
            stands[count++] = stand;
    }
    return count;
}

/* --- the list ---------------------------------------------------------------------------------------------
 */

/* Classes of threads that do not go on, or do not go away: for the others, stacks explain nothing. */
static int is_about_standing(enum verdict_class class)
{
    static const char about[CLASS_COUNT] = {
        [CLASS_LOST_WAKEUP] = 1, [CLASS_DEADLOCK] = 1,    [CLASS_LIVELOCK] = 1, [CLASS_STARVATION] = 1,
        [CLASS_LOST_TASK] = 1,   [CLASS_THREAD_LEAK] = 1, [CLASS_TIMEOUT] = 1,
    };
    return about[class];
}

/* Places in the learner's file tell of the threads already, in better words. */
static int names_learner(const struct check_verdict *row)
{
    for (size_t i = 0; i < row->where_count; i++)
        if (row->where[i].learner)
            return 1;
    return 0;
}

void screen_stacks(const struct screen *screen, const struct check_verdict *row)
{
    size_t count, column = 0;
    struct stand *stands;

    if (!row->run || row->run->stack_count == 0 || names_learner(row) || !is_about_standing(row->class))
        return;
    stands = talloc_zero_array(screen->mem, struct stand, row->run->stack_count);
    count = collect(screen, row, stands);
    if (count == 0)
        return;
    screen_say(screen, "\n  ", "  ", "%s",
               row->class == CLASS_THREAD_LEAK ? "Threads that were left:" : "Where threads stood:");
    for (size_t i = 0; i < count && i < LINES_SHOWN; i++)
        column = text_width(stands[i].place) > column ? text_width(stands[i].place) : column;
    for (size_t i = 0; i < count && i < LINES_SHOWN; i++)
        screen_say(screen,
                   talloc_asprintf(screen->mem, "    %s%s  ",
                                   screen_paint(screen, ACCENT_CYAN, stands[i].place),
                                   text_blanks(column - text_width(stands[i].place))),
                   "      ", "thread%s %s: %s", strchr(stands[i].who, ',') ? "s" : "", stands[i].who,
                   stands[i].doing);
    if (count > LINES_SHOWN)
        screen_say(screen, "    ", "    ", "... and at %zu more places", count - LINES_SHOWN);
}
