/* reading.c - places in the learner's file, and findings kept in order. See reading.h. */
#include "observe/reading.h"
#include "observe/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* --- frames ------------------------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Is FOLDER (LENGTH bytes) the end of the path WHOLE, from a slash on? */
static int ends_with_folder(const char *whole, const char *folder, size_t length)
{
    size_t total = whole ? strlen(whole) : 0;
    const char *tail = total >= length ? whole + total - length : NULL;

    return tail && length > 0 && strncmp(tail, folder, length) == 0 && (tail == whole || tail[-1] == '/');
}

/* build/ compiles the learner's file under its bare name, and ours under their paths below the project's
 * root. Whatever is elsewhere is hidden: the check's runtime, the tools' own sources, and those of a C
 * library with debug information. */
enum side frame_side(const struct reading *reading, const struct frame *frame)
{
    const struct exercise *exercise = reading->build->exercise;
    const char *file = frame->file;

    if (!file || frame->line <= 0)
        return SIDE_HIDDEN;
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    const char *slash = strrchr(file, '/');
    if (!slash)
        return strcmp(file, reading->build->submission->name) == 0 ? SIDE_LEARNER : SIDE_HIDDEN;
    if (ends_with_folder(exercise->directory, file, (size_t)(slash - file)) ||
        strncmp(file, "reference/", 10) == 0 || strstr(file, "/reference/"))
        return SIDE_EXERCISE;
    return SIDE_HIDDEN;
}

static int innermost(const struct reading *reading, const struct frame *frames, size_t count, enum side least)
{
    for (size_t i = 0; i < count; i++)
        if (frame_side(reading, &frames[i]) <= least)
            return (int)i;
    return -1;
}

int frames_place(const struct reading *reading, const struct frame *frames, size_t count)
{
    int learner = innermost(reading, frames, count, SIDE_LEARNER);
    return learner >= 0 ? learner : innermost(reading, frames, count, SIDE_EXERCISE);
}

int frames_direct(const struct reading *reading, const struct frame *frames, size_t count)
{
    int place = frames_place(reading, frames, count);
    return place >= 0 && place == innermost(reading, frames, count, SIDE_EXERCISE);
}

const char *frames_library_call(const struct reading *reading, const struct frame *frames, size_t count)
{
    int own = innermost(reading, frames, count, SIDE_EXERCISE);
    return own > 0 ? frames[own - 1].function : NULL;
}

/* --- places ------------------------------------------------------------------------------------------ */

struct place reading_place(struct reading *reading, const struct frame *frames, size_t count,
                           const char *what)
{
    struct place place = {0};
    int at = frames_place(reading, frames, count);

    if (at < 0)
        return place;
    place.file = talloc_strdup(reading->mem, base_name(frames[at].file));
    place.line = frames[at].line;
    place.learner = frame_side(reading, &frames[at]) == SIDE_LEARNER;
    place.source = place.learner ? source_line(reading->mem, reading->build->submission, place.line) : NULL;
    if (!frames_direct(reading, frames, count) && frames[at - 1].function)
        place.what = talloc_asprintf(reading->mem, "%s in `%s`, called here", what, frames[at - 1].function);
    else
        place.what = talloc_strdup(reading->mem, what);
    return place;
}

struct place section_place(struct reading *reading, const struct section *section, const char *what)
{
    return section ? reading_place(reading, section->frames, section->frame_count, what) : (struct place){0};
}

const char *place_words(struct reading *reading, const struct place *place)
{
    if (!place || !place->file)
        return "the program";
    if (place->learner)
        return talloc_asprintf(reading->mem, "line %d", place->line);
    return talloc_asprintf(reading->mem, "line %d of %s", place->line, place->file);
}

const char *place_Words(struct reading *reading, const struct place *place)
{
    char *words = talloc_strdup(reading->mem, place_words(reading, place));

    words[0] = (char)toupper((unsigned char)words[0]);
    return words;
}

int place_same(const struct place *a, const struct place *b)
{
    return a->line == b->line && a->file && b->file && strcmp(a->file, b->file) == 0;
}

const char *thread_words(struct reading *reading, enum speaker speaker, const char *heading)
{
    /* Valgrind calls the main thread 1, the sanitizers 0 */
    int first = speaker == SPEAKER_MEMCHECK || speaker == SPEAKER_HELGRIND;
    const char *at = strcasestr(heading, "thread");

    if (strstr(heading, "main thread"))
        return "the main thread";
    for (; at; at = strcasestr(at + 1, "thread")) {
        const char *digits = at + 6 + strspn(at + 6, " T#");
        if (isdigit((unsigned char)*digits)) {
            int number = atoi(digits) - first;
            return number > 0 ? talloc_asprintf(reading->mem, "thread %d", number) : "the main thread";
        }
    }
    return "a thread";
}

/* --- findings ---------------------------------------------------------------------------------------- */

static void copy_places(struct reading *reading, const struct finding *from, struct finding *to)
{
    to->where = talloc_array(reading->mem, struct place, (unsigned)from->where_count);
    to->where_count = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < from->where_count; i++) {
            const struct place *place = &from->where[i];
            int known = !place->file || place->learner != (pass == 0);
            for (size_t k = 0; k < to->where_count; k++)
                known |= place_same(place, &to->where[k]);
            if (!known)
                to->where[to->where_count++] = *place;
        }
}

void reading_add(struct reading *reading, const struct finding *finding)
{
    struct finding copy = *finding;

    copy_places(reading, finding, &copy);
    copy.message = talloc_strdup(reading->mem, finding->message);
    copy.why = finding->why ? talloc_strdup(reading->mem, finding->why) : NULL;
    copy.raw = finding->raw ? talloc_strdup(reading->mem, finding->raw) : NULL;
    if (copy.times == 0)
        copy.times = 1;
    reading->findings =
        talloc_realloc(reading->mem, reading->findings, struct finding, reading->finding_count + 1);
    reading->findings[reading->finding_count++] = copy;
}

/* Findings without a place in the learner's file stand last in their class. */
static int first_line(const struct finding *finding)
{
    return finding->where_count && finding->where[0].learner ? finding->where[0].line : 1 << 30;
}

static int compare_places(const struct finding *a, const struct finding *b)
{
    size_t common = a->where_count < b->where_count ? a->where_count : b->where_count;

    for (size_t i = 0; i < common; i++) {
        int files = strcmp(a->where[i].file, b->where[i].file);
        if (files != 0)
            return files;
        if (a->where[i].line != b->where[i].line)
            return a->where[i].line - b->where[i].line;
    }
    return (a->where_count > b->where_count) - (a->where_count < b->where_count);
}

/* The words for which nothing else decides: those of the message, then of the places. */
static int compare_words(const struct finding *a, const struct finding *b)
{
    int order = strcmp(a->message, b->message);

    for (size_t i = 0; order == 0 && i < a->where_count && i < b->where_count; i++)
        order = strcmp(a->where[i].what, b->where[i].what);
    return order;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;

    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    if (first_line(a) != first_line(b))
        return first_line(a) < first_line(b) ? -1 : 1;
    int places = compare_places(a, b);
    return places ? places : compare_words(a, b);
}

void reading_finish(struct reading *reading)
{
    size_t kept = 0;

    if (reading->finding_count == 0)
        return;
    qsort(reading->findings, reading->finding_count, sizeof *reading->findings, compare);
    for (size_t i = 1; i < reading->finding_count; i++) {
        struct finding *last = &reading->findings[kept], *next = &reading->findings[i];
        /* without a place only the same words tell that it is the same fault */
        int same = next->class == last->class && compare_places(last, next) == 0 &&
                   (next->where_count > 0 || strcmp(next->message, last->message) == 0);
        if (same)
            last->times += next->times;
        else
            reading->findings[++kept] = *next;
    }
    reading->finding_count = kept + 1;
}
