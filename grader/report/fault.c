/* fault.c - one fault: what happened, in which lines, and why nothing forbade it. See screen.h. */
#include "report/screen.h"

#include <string.h>
#include <talloc.h>

enum { PLACES_SHOWN = 5 };

/* --- the same fault --------------------------------------------------------------------------------------
 */

static int has_place(const struct check_verdict *row, const struct place *place)
{
    for (size_t i = 0; i < row->where_count; i++)
        if (row->where[i].line == place->line && strcmp(row->where[i].file, place->file) == 0)
            return 1;
    return 0;
}

/* The same words, but for the capital at their beginning and the stop at their end: a check's own have
 * neither.
 */
static int same_words(const char *a, const char *b)
{
    size_t length = strlen(a), other = strlen(b);

    length -= length > 0 && a[length - 1] == '.';
    other -= other > 0 && b[other - 1] == '.';
    return length == other &&
           (length == 0 || ((a[0] | 32) == (b[0] | 32) && memcmp(a + 1, b + 1, length - 1) == 0));
}

int fault_same(const struct check_verdict *a, const struct check_verdict *b)
{
    size_t learners = 0;

    if (a->class != b->class)
        return 0;
    for (size_t i = 0; i < a->where_count; i++) {
        if (a->where[i].learner && has_place(b, &a->where[i]))
            return 1;
        learners += a->where[i].learner != 0;
    }
    return learners == 0 && same_words(a->message, b->message);
}

/* --- places ----------------------------------------------------------------------------------------------
 */

/* Line NUMBER of the learner's file without the blanks around it, or NULL. */
static const char *learner_line(const struct screen *screen, int number)
{
    const char *at = screen->verdict->submission ? screen->verdict->submission->text : NULL;

    for (int line = 1; at && line < number; line++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (!at || number < 1)
        return NULL;
    at += strspn(at, " \t");
    return talloc_strndup(screen->mem, at, strcspn(at, "\r\n"));
}

static const char *location(const struct screen *screen, const struct place *place)
{
    const char *file = screen_clean(screen, place->file);

    return place->line > 0 ? talloc_asprintf(screen->mem, "%s:%d", file, place->line) : file;
}

static void say_place(const struct screen *screen, const struct place *place, size_t column)
{
    const char *where = location(screen, place);
    const char *source = place->source;
    const char *rest = talloc_asprintf(screen->mem, "  %s", text_blanks(column));
    const char *first = talloc_asprintf(screen->mem, "  %s%s", screen_paint(screen, ACCENT_CYAN, where),
                                        text_blanks(column - text_width(where)));

    screen_say(screen, first, rest, "%s", screen_clean(screen, place->what));
    if (!source && place->learner)
        source = learner_line(screen, place->line);
    if (!source || !*source)
        return;
    source = screen_cut(screen, screen_clean(screen, source), (size_t)screen->style->width - column - 2);
    fprintf(screen->stream, "%s%s\n", rest, screen_paint(screen, ACCENT_BOLD, source));
}

static void say_places(const struct screen *screen, const struct check_verdict *row)
{
    size_t column = 0, shown = row->where_count < PLACES_SHOWN ? row->where_count : PLACES_SHOWN;

    for (size_t i = 0; i < shown; i++) {
        size_t width = text_width(location(screen, &row->where[i])) + 2;
        column = width > column ? width : column;
    }
    for (size_t i = 0; i < shown; i++)
        say_place(screen, &row->where[i], column);
    if (shown < row->where_count)
        screen_say(screen, "  ", "  ", "and %zu more places", row->where_count - shown);
}

void screen_fault(const struct screen *screen, const struct check_verdict *row)
{
    screen_say(screen, "  ", "  ", "%s: %s", screen_paint(screen, ACCENT_RED, class_name(row->class)),
               screen_clean(screen, row->message));
    if (row->where_count > 0) {
        putc('\n', screen->stream);
        say_places(screen, row);
    }
    if (row->why && *row->why)
        screen_say(screen, "\n  ", "  ", "%s %s",
                   screen_paint(screen, ACCENT_BOLD, "Why nothing forbade it:"),
                   screen_clean(screen, row->why));
}
