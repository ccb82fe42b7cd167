/* helgrind.c - what Helgrind's kinds of error mean, see judges.h.
 *
 * Judged by kind, never by count, for some of what it says is wrong or harmless:
 * - Race gives no finding. Helgrind knows nothing of C11 atomics and cannot be told, so correct lock-free
 * code is full of "races" that its XML does not tell from real ones. ThreadSanitizer judges races; every
 * exercise that is about one runs under it.
 * - "dubious: associated lock is not held by any thread" is about a signal after the unlock, which POSIX
 * allows.
 * - A call that answers EAGAIN, EBUSY, ETIMEDOUT or EOWNERDEAD was used as it should be: these are answers.
 */
#include "observe/judges.h"

#include <string.h>
#include <talloc.h>

/* --- Misc: told apart by their words ----------------------------------------------------------------- */

static const char waits_right[] = "A condition wait gives up exactly one mutex: one that this thread has "
                                  "locked, the same for every waiter.";
static const char end_of_life[] =
    "A synchronisation object is destroyed once, when nobody holds it or waits for it any more.";

/* Only sentences that are always a mistake are here; whatever is not gives no finding. */
static const struct misc {
    const char *words, *sentence, *what, *why;
} miscs[] = {
    {"pthread_mutex_destroy of a locked mutex", "%s destroys a mutex that is still locked.", "destroyed here",
     end_of_life},
    {"pthread_mutex_destroy with invalid argument", "%s destroys a mutex that was never initialised.",
     "destroyed here", end_of_life},
    {"Attempt to re-lock a non-recursive lock", "%s locks a mutex that this thread holds already.",
     "locked again here", "An ordinary mutex cannot be locked twice: the thread would wait for itself."},
    {"with a pthread_rwlock_t* argument", "%s treats a read-write lock as a mutex.", "used here",
     "Each kind of lock has functions of its own."},
    {"called with invalid mutex", "%s waits with a mutex that nobody has locked.", "waits here", waits_right},
    {"called with un-held mutex", "%s waits with a mutex that nobody has locked.", "waits here", waits_right},
    {"called with mutex held by a different thread", "%s waits with a mutex that another thread holds.",
     "waits here", waits_right},
    {"called with mutex of type pthread_rwlock_t*", "%s waits with a read-write lock in place of a mutex.",
     "waits here", waits_right},
    {"cond is associated with a different mutex",
     "%s waits for a condition with another mutex than its other waiters.", "waits here", waits_right},
    {"destruction of condition variable being waited upon",
     "%s destroys a condition variable that threads wait for.", "destroyed here", end_of_life},
    {"pthread_rwlock_destroy of a locked", "%s destroys a read-write lock that is still held.",
     "destroyed here", end_of_life},
    {"'count' argument is zero", "%s makes a barrier for no threads.", "made here",
     "A barrier needs the number of threads that have to arrive."},
    {"barrier is already initialised", "%s initialises a barrier that is in use.", "initialised here",
     end_of_life},
    {"threads are waiting at barrier", "%s disturbs a barrier at which threads are waiting.", "here",
     end_of_life},
    {"barrier is uninitialised", "%s uses a barrier that was never initialised.", "used here", end_of_life},
    {"barrier was never initialised", "%s destroys a barrier that was never initialised.", "destroyed here",
     end_of_life},
};

/* A thread that ends with a lock: nobody can ever unlock it again. Not told of the main thread, and only of a
 * check that was completed without threads left over, for at the end of a process every thread "exits". */
static void judge_exit_with_lock(struct reading *reading, const struct complaint *complaint)
{
    const struct section *created = complaint_section(complaint, " was created");

    if (created && reading->run->completed && reading->run->leaked_threads == 0)
        misuse_add(reading, complaint, created, "%s started a thread that has ended while it held a lock.",
                   "started here",
                   "Only the thread that locked a mutex may unlock it, so it has to do so on every way out.");
}

static void judge_misc(struct reading *reading, const struct complaint *complaint)
{
    const char *words = complaint->sections[0].heading;

    if (strstr(words, "Exiting thread still holds"))
        judge_exit_with_lock(reading, complaint);
    for (size_t i = 0; i < sizeof miscs / sizeof miscs[0]; i++)
        if (strstr(words, miscs[i].words)) {
            misuse_add(reading, complaint, &complaint->sections[0], miscs[i].sentence, miscs[i].what,
                       miscs[i].why);
            return;
        }
}

/* --- calls that failed ------------------------------------------------------------------------------- */

static const char *const answers[] = {"EAGAIN", "EBUSY", "ETIMEDOUT", "EOWNERDEAD", "EINTR", "ENOMEM"};

/* "Thread #1's call to pthread_join failed with error code 3 (ESRCH: No such process)" */
static void judge_failed_call(struct reading *reading, const struct complaint *complaint)
{
    const char *words = complaint->sections[0].heading, *call = strstr(words, "call to "),
               *code = strchr(words, '(');

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (!call || !code || strncmp(code + 1, answers[i], strlen(answers[i])) == 0)
            return;
    call += strlen("call to ");
    misuse_add(
        reading, complaint, &complaint->sections[0],
        talloc_asprintf(reading->mem, "%%s calls `%.*s`, which refuses with %.*s.", (int)strcspn(call, " "),
                        call, (int)strcspn(code + 1, ":"), code + 1),
        "called here",
        "What it was given is not in a state that allows the call: joined twice, destroyed, held, or never "
        "initialised.");
}

/* --- locks ------------------------------------------------------------------------------------------- */

static void judge_unlock(struct reading *reading, const struct complaint *complaint)
{
    const char *sentence = strcmp(complaint->title, "UnlockForeign") == 0
                               ? "%s unlocks a mutex that another thread has locked."
                               : "%s unlocks a mutex that nobody has locked.";

    misuse_add(reading, complaint, &complaint->sections[0], sentence, "unlocked here",
               "Only the thread that locked a mutex may unlock it, once for each lock.");
}

/* The error is where the order is broken; two more stacks tell where it was set up: the lock that came first,
 * then the other. Without them (an order learnt from several steps) one place has to do. */
static void judge_order(struct reading *reading, const struct complaint *complaint)
{
    const char *who = thread_words(reading, SPEAKER_HELGRIND, complaint->sections[0].heading);
    struct lock_pair pairs[2] = {
        {&complaint->sections[0], NULL, who},
        {complaint_section(complaint, "followed by a later acquisition"),
         complaint_section(complaint, "Required order was established"), "another time, a thread"},
    };

    if (!pairs[1].inner)
        pairs[1].inner = &complaint->sections[0];
    lock_order_add(reading, pairs, 2, complaint->raw);
}

/* --- all --------------------------------------------------------------------------------------------- */

static const struct {
    const char *kind;
    void (*judge)(struct reading *reading, const struct complaint *complaint);
} kinds[] = {
    {"UnlockUnlocked", judge_unlock},     {"UnlockForeign", judge_unlock}, {"UnlockBogus", judge_unlock},
    {"PthAPIerror", judge_failed_call},   {"LockOrder", judge_order},      {"Misc", judge_misc},
    {"fatal_signal", fatal_signal_judge},
};

void helgrind_judge(struct reading *reading, const struct complaint *complaint)
{
    for (size_t i = 0; complaint->section_count > 0 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(complaint->title, kinds[i].kind) == 0)
            kinds[i].judge(reading, complaint);
}
