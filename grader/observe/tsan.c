/* tsan.c - ThreadSanitizer's warnings, see judges.h. Races are in race.c, signals in signal.c.
 *
 * A table from the title to what it means. A title that no row knows is still a warning of the tool's and
 * becomes a finding of the class misuse, in the tool's own words for it: nothing it says is lost.
 */
#include "observe/judges.h"
#include "observe/source.h"

#include <string.h>
#include <stdlib.h>
#include <talloc.h>

/* --- synchronisation objects ------------------------------------------------------------------------- */

static const char own_it[] = "Only the thread that locked a mutex may unlock it, once for each lock.";
static const char life_of_it[] = "A synchronisation object lives from its initialisation to its destruction, "
                                 "and is destroyed when nobody uses it.";

static const struct misuse {
    const char *title;
    const char *sentence; /* %s: the place */
    const char *what, *why;
} misuses[] = {
    {"unlock of an unlocked mutex", "%s unlocks a mutex that this thread has not locked.", "unlocked here",
     own_it},
    {"double lock of a mutex", "%s locks a mutex that this thread holds already.", "locked again here",
     "An ordinary mutex cannot be locked twice: the thread would wait for itself."},
    {"destroy of a locked mutex", "%s destroys a mutex that is still locked.", "destroyed here", life_of_it},
    {"use of an invalid mutex", "%s uses a mutex that was never initialised, or has been destroyed.",
     "used here", life_of_it},
    {"read lock of a write locked mutex", "%s asks to read under a lock that it holds for writing.",
     "locked here", "A thread that holds a lock for writing would wait for itself."},
    {"read unlock of a write locked mutex", "%s gives a lock back for reading that it holds for writing.",
     "unlocked here", own_it},
    {"mutex held in the wrong context", "%s is reached while a mutex is held that should not be.",
     "held here", own_it},
};

/* Valgrind does not name its replacements; these are looked for on the line. */
static const char *const mutex_calls[] = {"pthread_mutex_lock", "pthread_mutex_unlock",
                                          "pthread_mutex_destroy", "pthread_mutex_trylock"};

/* The object that SECTION's library call was given, from its address or else from its line, or NULL. */
static const char *object_name(struct reading *reading, const struct complaint *complaint,
                               const struct section *section, const struct place *place)
{
    const struct section *named = complaint_section(complaint, SECTION_NAMED);
    const char *call = frames_library_call(reading, section->frames, section->frame_count);

    if (named)
        return named->heading + strlen(SECTION_NAMED);
    for (size_t i = 0; !call && i < sizeof mutex_calls / sizeof mutex_calls[0]; i++)
        if (source_argument(reading->mem, place->source, mutex_calls[i]))
            call = mutex_calls[i];
    return call && strncmp(call, "pthread_mutex_", 14) == 0 &&
                   frames_direct(reading, section->frames, section->frame_count)
               ? source_argument(reading->mem, place->source, call)
               : NULL;
}

/* SENTENCE with the place for its %s, and "`m`, a mutex" for its "a mutex" when the name is known. */
static char *misuse_sentence(struct reading *reading, const char *sentence, const struct place *place,
                             const char *object)
{
    const char *mark = strstr(sentence, "%s"), *mutex = object ? strstr(mark, "a mutex") : NULL;
    char *text = talloc_asprintf(reading->mem, "%.*s%s", (int)(mark - sentence), sentence,
                                 place_Words(reading, place));

    mark += 2;
    if (mutex) {
        text = talloc_asprintf_append(text, "%.*s`%s`, ", (int)(mutex - mark), mark, object);
        mark = mutex;
    }
    return talloc_strdup_append(text, mark);
}

void misuse_add(struct reading *reading, const struct complaint *complaint, const struct section *section,
                const char *sentence, const char *what, const char *why)
{
    struct place where[2] = {section_place(reading, section, what),
                             section_place(reading, complaint_section(complaint, "and:"), "locked here")};
    const char *object = object_name(reading, complaint, section, &where[0]);

    reading_add(reading, &(struct finding){.class = CLASS_MISUSE,
                                           .message = misuse_sentence(reading, sentence, &where[0], object),
                                           .why = (char *)why,
                                           .where = where,
                                           .where_count = 2,
                                           .raw = complaint->raw});
}

static int judge_misuse(struct reading *reading, const struct complaint *complaint)
{
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++)
        if (strncmp(complaint->title, misuses[i].title, strlen(misuses[i].title)) == 0) {
            misuse_add(reading, complaint, &complaint->sections[0], misuses[i].sentence, misuses[i].what,
                       misuses[i].why);
            return 1;
        }
    return 0;
}

/* --- lock order -------------------------------------------------------------------------------------- */

/* The lock that SECTION takes, as its line writes it, or NULL. */
static char *lock_name(struct reading *reading, const struct section *section)
{
    static const char *const calls[] = {"pthread_mutex_lock", "pthread_mutex_trylock",
                                        "pthread_rwlock_wrlock", "pthread_rwlock_rdlock",
                                        "pthread_spin_lock"};
    struct place place = section_place(reading, section, "");

    if (!section || !frames_direct(reading, section->frames, section->frame_count))
        return NULL;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char *name = source_argument(reading->mem, place.source, calls[i]);
        if (name)
            return talloc_asprintf(reading->mem, "`%s`", name);
    }
    return NULL;
}

/* "takes `b` while holding `a`". */
static char *taking(struct reading *reading, const struct lock_pair *pair)
{
    char *inner = lock_name(reading, pair->inner), *outer = lock_name(reading, pair->outer);

    return talloc_asprintf(reading->mem, "takes %s while holding %s", inner ? inner : "a lock",
                           outer   ? outer
                           : inner ? "another"
                                   : "another one");
}

void lock_order_add(struct reading *reading, const struct lock_pair *pairs, size_t count, const char *raw)
{
    struct place where[8] = {0};
    char *words[4], *message;

    if (count < 2)
        return;
    if (count > 4)
        count = 4;
    for (size_t i = 0; i < count; i++) {
        words[i] = taking(reading, &pairs[i]);
        where[i] = section_place(reading, pairs[i].inner,
                                 talloc_asprintf(reading->mem, "%s %s", pairs[i].who, words[i]));
        where[count + i] =
            section_place(reading, pairs[i].outer, "the lock that is held meanwhile, taken here");
    }
    size_t first = place_same(&where[0], &where[1]) || where[0].line < where[1].line ? 0 : 1;
    const char *here = place_Words(reading, &where[first]), *there = place_words(reading, &where[!first]);
    if (place_same(&where[0], &where[1]) && strcmp(words[0], words[1]) == 0)
        message =
            talloc_asprintf(reading->mem, "%s %s, and another time the same two locks in the opposite order.",
                            here, words[0]);
    else
        message =
            talloc_asprintf(reading->mem, "%s %s, but %s %s.", here, words[first], there, words[!first]);
    reading_add(
        reading,
        &(struct finding){
            .class = CLASS_LOCK_ORDER,
            .message = message,
            .why =
                "If two threads each have their first lock, each waits for the other's for ever: locks are "
                "taken in one order everywhere.",
            .where = where,
            .where_count = 2 * count,
            .raw = (char *)raw,
        });
}

static void judge_lock_order(struct reading *reading, const struct complaint *complaint)
{
    struct lock_pair pairs[4];
    size_t count = 0;

    for (size_t i = 0; i < complaint->section_count && count < 4; i++) {
        const struct section *section = &complaint->sections[i], *next = section + 1;
        const char *who = strstr(section->heading, " in ");
        if (!strstr(section->heading, "acquired here while holding"))
            continue;
        int has_outer = i + 1 < complaint->section_count && strstr(next->heading, "previously acquired");
        pairs[count++] = (struct lock_pair){section, has_outer ? next : NULL,
                                            thread_words(reading, SPEAKER_TSAN, who ? who : "")};
    }
    lock_order_add(reading, pairs, count, complaint->raw);
}

/* --- threads, signals -------------------------------------------------------------------------------- */

/* Only of a check that was completed: one that ended early never came to its joins. */
static void judge_thread_leak(struct reading *reading, const struct complaint *complaint)
{
    struct place where = section_place(reading, complaint_section(complaint, "created by"), "started here");
    const struct section *more = complaint_section(complaint, "more similar thread leaks");

    if (!reading->run->completed)
        return;
    reading_add(
        reading,
        &(struct finding){
            .class = CLASS_THREAD_LEAK,
            .message = talloc_asprintf(reading->mem,
                                       "The thread that %s started has ended, and nobody joined or "
                                       "detached it.",
                                       place_words(reading, &where)),
            .why = "A finished thread keeps its stack until pthread_join or pthread_detach gives it back.",
            .where = &where,
            .where_count = 1,
            .times = more ? 1 + (unsigned)atoi(more->heading + strcspn(more->heading, "0123456789")) : 1,
            .raw = complaint->raw,
        });
}

static void judge_in_signal(struct reading *reading, const struct complaint *complaint)
{
    const struct section *section = &complaint->sections[0];
    int spoilt = strstr(complaint->title, "errno") != NULL;
    const char *call = frames_library_call(reading, section->frames, section->frame_count);
    struct place where = section_place(reading, section, "in a signal handler");

    if (!where.file)
        for (size_t i = 1; i < complaint->section_count && !where.file; i++)
            where = section_place(reading, &complaint->sections[i], "in a signal handler");
    reading_add(
        reading,
        &(struct finding){
            .class = CLASS_UNDEFINED,
            .message =
                spoilt ? talloc_asprintf(reading->mem, "The signal handler at %s changes errno.",
                                         place_words(reading, &where))
                       : talloc_asprintf(reading->mem,
                                         "%s calls `%s` in a signal handler, where it must not be called.",
                                         place_Words(reading, &where), call ? call : "a function"),
            .why = spoilt ? "A handler interrupts code that may be about to read errno: it has to save and "
                            "restore it."
                          : "A handler may interrupt the very function that it calls: only async-signal-safe "
                            "functions are allowed there.",
            .where = &where,
            .where_count = 1,
            .raw = complaint->raw,
        });
}

/* --- the tool itself --------------------------------------------------------------------------------- */

static int calls(const struct complaint *complaint, const char *function)
{
    for (size_t i = 0; i < complaint->section_count; i++)
        for (size_t k = 0; k < complaint->sections[i].frame_count; k++) {
            const char *name = complaint->sections[i].frames[k].function;
            if (name && strcmp(name, function) == 0)
                return 1;
        }
    return 0;
}

/* A thread id that is joined or detached a second time is nothing that the tool knows any more, and a failed
 * assertion of its own is how it tells: the learner's mistake, with the line. */
static int judge_second_join(struct reading *reading, const struct complaint *complaint)
{
    if (!calls(complaint, "pthread_join") && !calls(complaint, "pthread_detach"))
        return 0;
    misuse_add(reading, complaint, &complaint->sections[0],
               "%s joins or detaches a thread that was joined or detached before, or never started.",
               "joined here",
               "After pthread_join or pthread_detach the thread's id means nothing any more: each thread is "
               "joined once, "
               "by one owner.");
    reading->ended = 1;
    return 1;
}

/* Some eight thousand threads are as many as the tool can follow, and far more than a program of ours needs.
 */
static void judge_thread_limit(struct reading *reading, const struct complaint *complaint)
{
    reading->ended = 1;
    reading_add(reading,
                &(struct finding){.class = CLASS_OVERLOAD,
                                  .message = "The program starts thousands of threads.",
                                  .why = "Each thread costs a stack and time: a pool bounds their number.",
                                  .raw = complaint->raw});
}

static void judge_failure(struct reading *reading, const struct complaint *complaint)
{
    if (strstr(complaint->title, "CHECK failed") && judge_second_join(reading, complaint))
        return;
    if (strstr(complaint->title, "Thread limit (")) {
        judge_thread_limit(reading, complaint);
        return;
    }
    if (!reading->trouble)
        reading->trouble = talloc_asprintf(reading->mem, "the tool of the variant `%s` failed: %s",
                                           reading->run->variant->name, complaint->title);
}

/* --- all --------------------------------------------------------------------------------------------- */

static const struct {
    const char *title;
    void (*judge)(struct reading *reading, const struct complaint *complaint);
} kinds[] = {
    {"data race", race_judge},
    {"heap-use-after-free", race_judge},
    {"lock-order-inversion", judge_lock_order},
    {"thread leak", judge_thread_leak},
    {"signal-unsafe call", judge_in_signal},
    {"signal handler spoils errno", judge_in_signal},
};

void tsan_judge(struct reading *reading, const struct complaint *complaint)
{
    if (complaint->failure) {
        judge_failure(reading, complaint);
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(complaint->title, kinds[i].title, strlen(kinds[i].title)) == 0) {
            kinds[i].judge(reading, complaint);
            return;
        }
    if (judge_misuse(reading, complaint) || signal_judge(reading, complaint))
        return;
    misuse_add(reading, complaint, &complaint->sections[0],
               talloc_asprintf(reading->mem, "%%s is where this was seen: %s.", complaint->title), "here",
               "A synchronisation function was used in a way that POSIX forbids.");
}
