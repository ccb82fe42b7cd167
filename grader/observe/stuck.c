/* stuck.c - who waits for whom, in words, from the stacks that the watchdog took.
 *
 * Threads that stand at the same place and wait for the same are told together. A circle of owners and
 * waiters, when there is one, comes first: it is the reason; the others usually wait for its members.
 */
#include "observe/judges.h"
#include "observe/stuck.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { GROUPS_TOLD = 4 };

/* --- what a thread does ------------------------------------------------------------------------------ */

/* `to_holder` is used when it is known whom the thread waits for: %s. */
static const struct waiting {
    const char *call, *words, *to_holder;
} waitings[] = {
    {"pthread_mutex_lock", "a mutex", "a mutex that %s holds"},
    {"pthread_mutex_timedlock", "a mutex", "a mutex that %s holds"},
    {"pthread_cond_wait", "a condition", NULL},
    {"pthread_cond_timedwait", "a condition, with a time limit", NULL},
    {"pthread_cond_clockwait", "a condition, with a time limit", NULL},
    {"pthread_join", "another thread to end", "%s to end"},
    {"pthread_timedjoin", "another thread to end", "%s to end"},
    {"pthread_clockjoin_np", "another thread to end", "%s to end"},
    {"pthread_barrier_wait", "more threads at a barrier", NULL},
    {"pthread_rwlock_rdlock", "a read-write lock, to read", NULL},
    {"pthread_rwlock_wrlock", "a read-write lock, to write", NULL},
    {"sem_wait", "a semaphore", NULL},
    {"sem_timedwait", "a semaphore, with a time limit", NULL},
    {"pthread_once", "an initialisation", NULL},
    {"pthread_spin_lock", "a spin lock", NULL},
    {"gate_wait", "the check to open a gate", NULL},
    {"gate_await", "other threads to reach a gate of the check", NULL},
    {"tally_await", "other threads to be counted by the check", NULL},
    {"poll", "input", NULL},
    {"read", "input", NULL},
};

/* What is no waiting for anybody: the verb, for one thread and for several. */
static const struct {
    const char *call, *one, *several;
} pauses[] = {
    {"nanosleep", "sleeps", "sleep"},
    {"usleep", "sleeps", "sleep"},
    {"sleep", "sleeps", "sleep"},
    {"sched_yield", "gives its turn away, again and again", "give their turns away, again and again"},
};

static const char *thread_name(struct reading *reading, int number)
{
    return number == 0 ? "the main thread" : talloc_asprintf(reading->mem, "thread %d", number);
}

/* The thread that THREAD waits for, or -1. Of two threads, the one that joins can only join the other. */
static int awaited(const struct reading *reading, const struct thread_stack *thread)
{
    const struct run *run = reading->run;

    if (thread->holder >= 0 || run->stack_count != 2 || !thread->waits ||
        strncmp(thread->waits, "pthread_join", 12) != 0)
        return thread->holder;
    return run->stacks[thread == &run->stacks[0]].number;
}

/* "waits for a mutex that thread 1 holds"; PLURAL gives "wait for". */
static char *doing(struct reading *reading, const struct thread_stack *thread, int plural)
{
    const char *s = plural ? "" : "s";
    int holder = awaited(reading, thread);

    if (!thread->waits)
        return talloc_strdup(reading->mem, plural ? "are running" : "is running");
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++)
        if (strcmp(thread->waits, pauses[i].call) == 0)
            return talloc_strdup(reading->mem, plural ? pauses[i].several : pauses[i].one);
    for (size_t i = 0; i < sizeof waitings / sizeof waitings[0]; i++) {
        if (strcmp(thread->waits, waitings[i].call) != 0)
            continue;
        if (holder < 0 || !waitings[i].to_holder)
            return talloc_asprintf(reading->mem, "wait%s for %s", s, waitings[i].words);
        const char *whom = holder == thread->number ? "it" : thread_name(reading, holder);
        const char *mark = strstr(waitings[i].to_holder, "%s");
        char *rest = talloc_strdup(reading->mem, holder == thread->number ? " already holds" : mark + 2);
        return talloc_asprintf(reading->mem, "wait%s for %.*s%s%s", s, (int)(mark - waitings[i].to_holder),
                               waitings[i].to_holder, whom, rest);
    }
    return talloc_asprintf(reading->mem, "%s in `%s`", plural ? "are" : "is", thread->waits);
}

/* --- in which order ---------------------------------------------------------------------------------- */

static const struct thread_stack *thread_find(const struct reading *reading, int number)
{
    for (size_t i = 0; number >= 0 && i < reading->run->stack_count; i++)
        if (reading->run->stacks[i].number == number)
            return &reading->run->stacks[i];
    return NULL;
}

/* Does following who waits for whom from THREAD lead back to it? */
static int in_circle(const struct reading *reading, const struct thread_stack *thread)
{
    const struct thread_stack *at = thread;

    for (size_t step = 0; step < reading->run->stack_count; step++) {
        at = thread_find(reading, awaited(reading, at));
        if (!at)
            return 0;
        if (at == thread)
            return 1;
    }
    return 0;
}

static int same_stand(const struct reading *reading, const struct thread_stack *a,
                      const struct thread_stack *b)
{
    int at = frames_place(reading, a->frames, a->frame_count),
        bt = frames_place(reading, b->frames, b->frame_count);

    if (awaited(reading, a) != awaited(reading, b) ||
        strcmp(a->waits ? a->waits : "", b->waits ? b->waits : "") != 0 || (at < 0) != (bt < 0))
        return 0;
    return at < 0 ||
           (a->frames[at].line == b->frames[bt].line && strcmp(a->frames[at].file, b->frames[bt].file) == 0);
}

/* The threads, grouped: those of a circle first, in the order in which they wait for each other. Each group
 * is led by its first thread. */
struct stands {
    const struct thread_stack **leaders;
    size_t count;
};

static void add_stand(const struct reading *reading, struct stands *stands, const struct thread_stack *thread)
{
    for (size_t i = 0; i < stands->count; i++)
        if (stands->leaders[i] == thread || same_stand(reading, stands->leaders[i], thread))
            return;
    stands->leaders[stands->count++] = thread;
}

static struct stands stands_find(struct reading *reading, int least)
{
    const struct run *run = reading->run;
    struct stands stands = {
        talloc_array(reading->mem, const struct thread_stack *, (unsigned)run->stack_count), 0};

    for (size_t i = 0; i < run->stack_count; i++) {
        const struct thread_stack *thread = &run->stacks[i];
        if (thread->number < least || !in_circle(reading, thread))
            continue;
        for (size_t step = 0; step < run->stack_count; step++) {
            add_stand(reading, &stands, thread);
            thread = thread_find(reading, awaited(reading, thread));
        }
        break;
    }
    for (size_t i = 0; i < run->stack_count; i++)
        if (run->stacks[i].number >= least)
            add_stand(reading, &stands, &run->stacks[i]);
    return stands;
}

/* --- the words --------------------------------------------------------------------------------------- */

/* "the main thread and threads 1, 2 and 4" of the threads that stand like LEADER; *COUNT gets how many. */
static char *who(struct reading *reading, const struct thread_stack *leader, int least, size_t *count)
{
    const struct run *run = reading->run;
    int with_main = 0, left = 0;
    char *words = talloc_strdup(reading->mem, "");

    for (size_t i = 0; i < run->stack_count; i++)
        if (run->stacks[i].number >= least && same_stand(reading, leader, &run->stacks[i]))
            run->stacks[i].number == 0 ? with_main++ : left++;
    *count = (size_t)(with_main + left);
    if (with_main)
        words = talloc_asprintf_append(words, "the main thread%s", left ? " and " : "");
    if (left)
        words = talloc_strdup_append(words, left == 1 ? "thread " : "threads ");
    for (size_t i = 0; i < run->stack_count; i++)
        if (run->stacks[i].number > 0 && same_stand(reading, leader, &run->stacks[i])) {
            left--;
            words = talloc_asprintf_append(words, "%d%s", run->stacks[i].number,
                                           left > 1    ? ", "
                                           : left == 1 ? " and "
                                                       : "");
        }
    return words;
}

char *stuck_words(struct reading *reading, enum stuck_whom whom, struct place **where, size_t *where_count)
{
    int least = whom == STUCK_OTHERS ? 1 : 0;
    struct stands stands = stands_find(reading, least);
    char *text = talloc_strdup(reading->mem, "");
    size_t members, told = 0;

    *where = talloc_array(reading->mem, struct place, (unsigned)stands.count);
    *where_count = 0;
    for (size_t i = 0; i < stands.count; i++) {
        const struct thread_stack *leader = stands.leaders[i];
        char *names = who(reading, leader, least, &members), *does = doing(reading, leader, members > 1);
        struct place place = reading_place(reading, leader->frames, leader->frame_count,
                                           talloc_asprintf(reading->mem, "%s %s", names, does));
        if (place.file)
            (*where)[(*where_count)++] = place;
        if (told == GROUPS_TOLD)
            continue;
        text = talloc_asprintf_append_buffer(text, "%s%s %s", told++ ? "; " : "", names, does);
        if (place.file)
            text = talloc_asprintf_append_buffer(text, " (%s)", place_words(reading, &place));
    }
    if (stands.count > GROUPS_TOLD)
        text = talloc_strdup_append_buffer(text, "; and others");
    return text;
}

/* --- the finding ------------------------------------------------------------------------------------- */

/* The rule behind a hang of each class, as the check names it. */
static const char *hang_why(enum verdict_class class)
{
    static const char *const whys[CLASS_COUNT] = {
        [CLASS_DEADLOCK] = "Each of them waits for something that only another waiting thread could give.",
        [CLASS_LOST_WAKEUP] =
            "A signal wakes only threads that wait already; what it announces has to be kept in a variable "
            "under the same mutex, and looked at before each wait.",
        [CLASS_LOST_TASK] =
            "A task that was accepted has to be run, or given back: here nobody is left to do it.",
        [CLASS_THREAD_LEAK] =
            "Whoever starts a thread has to make it end, and has to wake it for that if it waits.",
    };
    return whys[class] ? whys[class] : "Nothing is left that could make any of them go on.";
}

void stuck_judge(struct reading *reading)
{
    enum verdict_class class =
        reading->run->check->when_stuck ? reading->run->check->when_stuck : CLASS_DEADLOCK;
    struct place *where = NULL;
    size_t where_count = 0;
    char *words = reading->run->stack_count ? stuck_words(reading, STUCK_ALL, &where, &where_count) : NULL;

    reading_add(reading,
                &(struct finding){
                    .class = class,
                    .message = words && *words
                                   ? talloc_asprintf(reading->mem, "Nothing can ever go on: %s.", words)
                                   : "Every thread waits for another one, so nothing can ever go on.",
                    .why = (char *)hang_why(class),
                    .where = where,
                    .where_count = where_count,
                });
}
