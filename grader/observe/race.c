/* race.c - two accesses to the same memory, in the words of the two lines.
 *
 * The change stands first: "Line 17 changes `i` while another thread reads it on line 9". Which of the two
 * came first in time is luck, so it is not told. The object's name is exact for static storage (from the
 * address); for heap and stack it is read off the two lines when they leave no choice. The rule that is
 * missing is chosen by what the tool knows of locks, atomics, sleeps and of who started whom.
 */
#include "observe/judges.h"
#include "observe/memory.h"
#include "observe/source.h"

#include <string.h>
#include <talloc.h>

/* One of the two. */
struct access {
    const struct section *section;
    const char *who;     /* "thread 2" */
    const char *library; /* "free", "memset", ... when the access is inside such a call; else NULL */
    int changes, atomic, frees;
    int direct; /* the access itself stands on the line that is shown */
    struct place place;
    const char *name;  /* of the object, or NULL */
    const char *locks; /* "M0, M1" that it held, or NULL */
    char *candidates[SOURCE_NAMES];
    size_t candidate_count;
};

/* --- reading the sections ---------------------------------------------------------------------------- */

static int is_access(const char *heading)
{
    return strcasestr(heading, " of size ") && (strcasestr(heading, "read") || strcasestr(heading, "write"));
}

/* What was done stands before the size: "Previous read of size 4 at ... (mutexes: write M0)" is no write. */
static int heading_says(const char *heading, const char *word)
{
    const char *at = strcasestr(heading, word), *size = strcasestr(heading, " of size ");
    return at && size && at < size;
}

/* "(mutexes: write M0, read M1)" -> "M0, read M1", or NULL. */
static const char *held_locks(struct reading *reading, const char *heading)
{
    static const char mark[] = "(mutexes: ";
    const char *at = strstr(heading, mark);

    if (!at)
        return NULL;
    at += sizeof mark - 1;
    return talloc_strndup(reading->mem, at, strcspn(at, ")"));
}

static void find_candidates(struct reading *reading, struct access *access)
{
    const char *line = access->place.source;

    if (!access->direct || !line)
        return;
    if (access->library) {
        char *argument = source_argument(reading->mem, line, access->library);
        if (argument && !access->frees)
            access->candidates[access->candidate_count++] = argument;
        return;
    }
    access->candidate_count =
        source_names(reading->mem, line, access->changes ? SOURCE_CHANGES : SOURCE_READS, access->candidates);
}

static void access_read(struct reading *reading, const struct section *section, struct access *access)
{
    const struct frame *frames = section->frames;
    size_t count = section->frame_count;

    *access = (struct access){.section = section};
    access->who = thread_words(reading, SPEAKER_TSAN, section->heading);
    access->library = frames_library_call(reading, frames, count);
    access->changes = heading_says(section->heading, "write");
    access->atomic = strcasestr(section->heading, "atomic") != NULL;
    access->frees =
        access->library && (strcmp(access->library, "free") == 0 || strcmp(access->library, "realloc") == 0);
    access->direct = frames_direct(reading, frames, count);
    access->locks = held_locks(reading, section->heading);
    access->place = section_place(reading, section, "");
    find_candidates(reading, access);
}

/* --- the object's name ------------------------------------------------------------------------------- */

static const char *single(const struct access *access)
{
    return access->candidate_count == 1 ? access->candidates[0] : NULL;
}

/* The one of ACCESS's candidates that means the same as NAME. */
static const char *candidate_like(const struct access *access, const char *name)
{
    const char *found = NULL;

    for (size_t i = 0; name && i < access->candidate_count; i++)
        if (source_same_member(access->candidates[i], name)) {
            if (found)
                return NULL;
            found = access->candidates[i];
        }
    return found;
}

static void name_object(const struct complaint *complaint, struct access *first, struct access *second)
{
    const struct section *global = complaint_section(complaint, SECTION_NAMED);

    if (global) {
        first->name = second->name = global->heading + strlen(SECTION_NAMED);
        return;
    }
    first->name = single(first) ? single(first) : candidate_like(first, single(second));
    second->name = single(second) ? single(second) : candidate_like(second, first->name);
}

static const char *quoted(struct reading *reading, const char *name)
{
    return talloc_asprintf(reading->mem, "`%s`", name);
}

/* --- sentences --------------------------------------------------------------------------------------- */

static const char *verb(const struct access *access)
{
    return access->frees ? "frees" : access->changes ? "changes" : "reads";
}

static char *what_words(struct reading *reading, const struct access *access)
{
    const char *name = access->frees  ? "the memory"
                       : access->name ? quoted(reading, access->name)
                                      : "the same memory";
    const char *atomically = access->atomic ? " atomically" : "";

    return talloc_asprintf(reading->mem, "%s %s %s%s", access->who, verb(access), name, atomically);
}

static char *race_message(struct reading *reading, const struct access *first, const struct access *second)
{
    void *mem = reading->mem;
    const char *name = first->name    ? quoted(reading, first->name)
                       : second->name ? quoted(reading, second->name)
                                      : "the same memory";
    const char *here = place_Words(reading, &first->place), *there = place_words(reading, &second->place);

    if (!first->place.file && !second->place.file)
        return talloc_asprintf(mem, "One thread %s %s while another one uses it: nothing orders the two.",
                               verb(first), name);
    if (!first->place.file || !second->place.file) {
        const struct access *known = first->place.file ? first : second;
        return talloc_asprintf(mem, "%s %s %s while another thread uses it: nothing orders the two.",
                               place_Words(reading, &known->place), verb(known), name);
    }
    if (first->frees)
        return talloc_asprintf(
            mem, "%s frees memory that another thread still uses on %s: nothing orders the two.", here,
            there);
    if (place_same(&first->place, &second->place))
        return second->changes
                   ? talloc_asprintf(mem, "%s changes %s in two threads at once: nothing orders the two.",
                                     here, name)
                   : talloc_asprintf(mem,
                                     "%s changes %s in one thread while another one reads it there: nothing "
                                     "orders the two.",
                                     here, name);
    if (second->changes)
        return talloc_asprintf(mem, "%s and %s both change %s, in two threads: nothing orders the two.", here,
                               there, name);
    return talloc_asprintf(mem, "%s changes %s while another thread reads it on %s: nothing orders the two.",
                           here, name, there);
}

/* Did WHO start the thread OTHER? "Thread T1 (tid=5386, finished) created by main thread at:" */
static int started(struct reading *reading, const struct complaint *complaint, const char *who,
                   const char *other)
{
    for (size_t i = 0; i < complaint->section_count; i++) {
        const char *heading = complaint->sections[i].heading, *by = strstr(heading, " created by ");
        if (!by || strncmp(heading, "Thread T", 8) != 0)
            continue;
        const char *created = talloc_strndup(reading->mem, heading, (size_t)(by - heading));
        if (strcmp(thread_words(reading, SPEAKER_TSAN, created), other) == 0 &&
            strcmp(thread_words(reading, SPEAKER_TSAN, by), who) == 0)
            return 1;
    }
    return 0;
}

static const char *race_why(struct reading *reading, const struct complaint *complaint,
                            const struct access *a, const struct access *b)
{
    if (a->frees || b->frees)
        return "Before memory is freed, every thread that uses it must have finished: joined, or told so "
               "under a lock.";
    if (complaint_section(complaint, "As if synchronized via sleep"))
        return "A sleep makes the collision rare, but it orders nothing: the other thread may always be "
               "later still.";
    if (a->atomic != b->atomic)
        return "Only one of the two is atomic: beside a plain access an atomic one orders nothing.";
    if (a->locks && b->locks)
        return "Each side holds a lock, but not the same one: a lock orders only the threads that take that "
               "lock.";
    if (a->locks || b->locks)
        return "One side holds a lock and the other does not: a lock protects only what every access takes "
               "it for.";
    if (started(reading, complaint, a->who, b->who) || started(reading, complaint, b->who, a->who))
        return "The new thread may run at any moment after pthread_create, and the thread that made it goes "
               "on "
               "without waiting.";
    return "No lock, no join and nothing else makes one of the two happen before the other.";
}

/* --- judging ----------------------------------------------------------------------------------------- */

/* Should A be told after B? Frees first, then changes; of two equals the one on the earlier line. */
static int after(const struct access *a, const struct access *b)
{
    int rank_a = a->frees ? 0 : a->changes ? 1 : 2, rank_b = b->frees ? 0 : b->changes ? 1 : 2;

    if (rank_a != rank_b)
        return rank_a > rank_b;
    if (a->place.learner != b->place.learner)
        return b->place.learner;
    return a->place.line > b->place.line;
}

static void judge_freed(struct reading *reading, const struct complaint *complaint, const struct access *user,
                        const struct access *freer)
{
    const struct section *block = complaint_section(complaint, "Location is heap block");
    int call = user->library && strncmp(user->library, "pthread_", 8) == 0;

    memory_add(reading, &(struct memory_event){
                            .fault = FAULT_FREED,
                            .verb = call ? "uses" : memory_verb(user->section->heading),
                            .access = user->section,
                            .freed = freer->section,
                            .allocated = block,
                            .raw = complaint->raw,
                        });
}

void race_judge(struct reading *reading, const struct complaint *complaint)
{
    struct access accesses[2];
    size_t count = 0;

    for (size_t i = 0; i < complaint->section_count && count < 2; i++)
        if (is_access(complaint->sections[i].heading))
            access_read(reading, &complaint->sections[i], &accesses[count++]);
    if (count < 2) /* the log was cut off in the middle */
        return;
    if (strncmp(complaint->title, "heap-use-after-free", 19) == 0) {
        judge_freed(reading, complaint, &accesses[0], &accesses[1]);
        return;
    }
    int swap = after(&accesses[0], &accesses[1]);
    struct access *first = &accesses[swap], *second = &accesses[!swap];
    name_object(complaint, first, second);
    struct place where[2] = {section_place(reading, first->section, what_words(reading, first)),
                             section_place(reading, second->section, what_words(reading, second))};
    if (where[0].file && where[1].file && place_same(&where[0], &where[1]))
        where[0].what =
            talloc_asprintf(reading->mem, "%s, %s", what_words(reading, first), what_words(reading, second));
    reading_add(reading, &(struct finding){.class = CLASS_RACE,
                                           .message = race_message(reading, first, second),
                                           .why = (char *)race_why(reading, complaint, first, second),
                                           .where = where,
                                           .where_count = 2,
                                           .raw = complaint->raw});
}
