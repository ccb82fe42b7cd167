/* ubsan.c - UndefinedBehaviorSanitizer's runtime errors, see judges.h.
 *
 * Its words are plain already ("signed integer overflow: 2147483647 + 1 cannot be represented in type
 * 'int'"), so they become the sentence. An access through a null pointer or outside of an array is memory
 * used wrongly whoever notices it first, and has the class that AddressSanitizer gives it.
 */
#include "observe/judges.h"
#include "observe/memory.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char int_range[] =
    "The result does not fit the type, and C says nothing about what happens then.";
static const char null_use[] =
    "A null pointer points to nothing: it has to be checked, or set, before it is used.";

/* How the title begins, or what it contains; the first row that fits counts. */
static const struct {
    const char *words;
    enum verdict_class class;
    const char *why;
} kinds[] = {
    {"load of null pointer", CLASS_INVALID_MEMORY, null_use},
    {"store to null pointer", CLASS_INVALID_MEMORY, null_use},
    {"member access within null pointer", CLASS_INVALID_MEMORY, null_use},
    {"out of bounds for type", CLASS_INVALID_MEMORY,
     "C checks no bounds: only the indices from 0 to the size minus one may be used."},
    {"insufficient space for an object", CLASS_INVALID_MEMORY,
     "The object does not fit where the pointer points."},
    {"null pointer passed as argument", CLASS_UNDEFINED,
     "The function is declared to need a pointer to something."},
    {"to null pointer", CLASS_UNDEFINED, null_use},
    {"division by zero", CLASS_UNDEFINED,
     "Integers have no value for it: the divisor has to be checked first."},
    {"misaligned address", CLASS_UNDEFINED, "An object may lie only at addresses that its type allows."},
    {"is not a valid value for type", CLASS_UNDEFINED,
     "The object was never set, or something else was written over it."},
    {"shift", CLASS_UNDEFINED,
     "A shift must be by less than the width of the type, and must not lose a set bit of a signed one."},
    {"overflow", CLASS_UNDEFINED, int_range},
    {"cannot be represented", CLASS_UNDEFINED, int_range},
    {"outside the range of representable values", CLASS_UNDEFINED, int_range},
    {"variable length array bound", CLASS_UNDEFINED, "An array has at least one element."},
    {"execution reached", CLASS_UNDEFINED,
     "The function ended, or the program went on, where the source said it never would."},
    {"", CLASS_UNDEFINED,
     "The C standard leaves open what happens then: the compiler may assume that it never does."},
};

/* The place that UBSan printed itself, "tasks.c:12:48: runtime error: ...", for a stack that has none. */
static struct place printed_place(struct reading *reading, const struct complaint *complaint)
{
    const char *end = strstr(complaint->raw, ": runtime error: ");
    char *file = talloc_strndup(reading->mem, complaint->raw, end ? (size_t)(end - complaint->raw) : 0);
    char *column = strrchr(file, ':');

    if (!column)
        return (struct place){0};
    *column = '\0';
    char *line = strrchr(file, ':');
    if (!line)
        return (struct place){0};
    *line = '\0';
    struct frame frame = {.file = file, .line = atoi(line + 1)};
    return reading_place(reading, &frame, 1, "here");
}

void ubsan_judge(struct reading *reading, const struct complaint *complaint)
{
    const struct section *stack = &complaint->sections[complaint->section_count - 1];
    size_t row = 0;

    for (size_t i = 0; i < complaint->section_count; i++)
        if (complaint->sections[i].frame_count > 0)
            stack = &complaint->sections[i];
    struct place where = section_place(reading, stack, "here");
    if (!where.file)
        where = printed_place(reading, complaint);
    while (!strstr(complaint->title, kinds[row].words))
        row++;
    reading->ended = 1;
    reading_add(reading,
                &(struct finding){.class = kinds[row].class,
                                  .message = talloc_asprintf(reading->mem, "%s: %s.",
                                                             place_Words(reading, &where), complaint->title),
                                  .why = (char *)kinds[row].why,
                                  .where = &where,
                                  .where_count = 1,
                                  .raw = complaint->raw});
}
