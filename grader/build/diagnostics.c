/* diagnostics.c - the compiler's words as a short list, see diagnostics.h. */
#include "build/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

void diagnostics_begin(struct diagnostics *list, void *mem, const struct submission *submission)
{
    *list = (struct diagnostics){.mem = mem, .submission = submission};
}

static int is_learners(const struct diagnostics *list, const struct diagnostic *item)
{
    return strcmp(item->file, list->submission->name) == 0;
}

/* Line LINE of the submission, without the space around it. NULL if there is none. */
static char *source_line(struct diagnostics *list, int line)
{
    const char *text = list->submission->text;

    for (int i = 1; text && i < line; i++) {
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    if (!text || line < 1)
        return NULL;
    text += strspn(text, " \t");
    size_t length = strcspn(text, "\r\n");
    while (length > 0 && strchr(" \t", text[length - 1]))
        length--;
    return length ? talloc_strndup(list->mem, text, length) : NULL;
}

static void add(struct diagnostics *list, struct diagnostic item)
{
    item.source = is_learners(list, &item) ? source_line(list, item.line) : NULL;
    list->items = talloc_realloc(list->mem, list->items, struct diagnostic, list->count + 1);
    list->items[list->count++] = item;
    list->errors += item.severity == SEVERITY_ERROR;
}

static void add_own(struct diagnostics *list, struct diagnostic item, const char *format, va_list arguments)
{
    item.file = talloc_strdup(list->mem, list->submission->name);
    item.text = talloc_vasprintf(list->mem, format, arguments);
    add(list, item);
}

void diagnostics_error(struct diagnostics *list, int line, int column, const char *format, ...)
{
    struct diagnostic item = {.line = line, .column = column, .severity = SEVERITY_ERROR};
    va_list arguments;

    va_start(arguments, format);
    add_own(list, item, format, arguments);
    va_end(arguments);
}

void diagnostics_warning(struct diagnostics *list, int line, const char *format, ...)
{
    struct diagnostic item = {.line = line, .severity = SEVERITY_WARNING};
    va_list arguments;

    va_start(arguments, format);
    add_own(list, item, format, arguments);
    va_end(arguments);
}

/* --- clang's lines ------------------------------------------------------------------------------------ */

/* "FILE:LINE:COLUMN: KIND: TEXT", taken apart from the right: a file's name may hold colons. */
static int parse_line(struct diagnostics *list, const char *text, struct diagnostic *item)
{
    static const struct {
        const char *mark;
        enum severity severity;
    } kinds[] = {{": fatal error: ", SEVERITY_ERROR},
                 {": error: ", SEVERITY_ERROR},
                 {": warning: ", SEVERITY_WARNING}};
    const char *mark = NULL;
    int taken = -1;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *found = strstr(text, kinds[i].mark);
        if (found && (!mark || found < mark)) {
            mark = found;
            *item = (struct diagnostic){.severity = kinds[i].severity,
                                        .text = (char *)found + strlen(kinds[i].mark)};
        }
    }
    if (!mark)
        return 0;
    const char *place = mark;
    for (int colons = 0; place > text && colons < 2; place--)
        colons += place[-1] == ':';
    if (sscanf(place, ":%d:%d%n", &item->line, &item->column, &taken) != 2 || place + taken != mark)
        return 0;
    const char *name = place;
    while (name > text && name[-1] != '/')
        name--;
    item->file = talloc_strndup(list->mem, name, (size_t)(place - name));
    item->text = talloc_strdup(list->mem, item->text);
    return 1;
}

void diagnostics_parse(struct diagnostics *list, const char *output)
{
    char *copy = talloc_strdup(list->mem, output), *rest = copy, *line;
    struct diagnostic item;

    while ((line = strsep(&rest, "\n")))
        if (parse_line(list, line, &item) && (item.severity == SEVERITY_ERROR || is_learners(list, &item)))
            add(list, item);
    talloc_free(copy);
}

/* --- order -------------------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right, void *context)
{
    const struct diagnostic *a = left, *b = right;
    int foreign_a = !is_learners(context, a), foreign_b = !is_learners(context, b);

    if (a->severity != b->severity)
        return a->severity == SEVERITY_ERROR ? -1 : 1;
    if (foreign_a != foreign_b)
        return foreign_a - foreign_b;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column != b->column ? (a->column < b->column ? -1 : 1) : strcmp(a->text, b->text);
}

static int same(const struct diagnostic *a, const struct diagnostic *b)
{
    return a->line == b->line && strcmp(a->file, b->file) == 0 && strcmp(a->text, b->text) == 0;
}

void diagnostics_finish(struct diagnostics *list)
{
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort_r(list->items, list->count, sizeof list->items[0], compare, list);
    for (size_t i = 0; i < list->count && kept < DIAGNOSTICS_SHOWN; i++)
        if (kept == 0 || !same(&list->items[kept - 1], &list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
}
