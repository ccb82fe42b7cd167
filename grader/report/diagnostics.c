/* diagnostics.c - the compiler's words, short: the place, the sentence, the learner's line with a caret. See
 * screen.h. */
#include "report/screen.h"

#include <string.h>
#include <talloc.h>

/* Print the line and, below it, a caret at COLUMN (in bytes, from 1) of it. */
static void say_source(const struct screen *screen, const struct diagnostic *diagnostic)
{
    const char *source = diagnostic->source;
    size_t leading = strspn(source, " \t"), length = strlen(source);
    size_t column = diagnostic->column > 0 ? (size_t)diagnostic->column - 1 : 0;
    size_t room = (size_t)screen->style->width - 6;
    const char *line, *before;

    if (column > length)
        column = length;
    if (column < leading)
        leading = column;
    line = screen_clean(screen, source + leading);
    before = screen_clean(screen, talloc_strndup(screen->mem, source + leading, column - leading));
    fprintf(screen->stream, "      %s\n", screen_cut(screen, line, room));
    if (diagnostic->column > 0 && text_width(before) < room)
        fprintf(screen->stream, "      %*s%s\n", (int)text_width(before), "",
                screen_paint(screen, ACCENT_GREEN, "^"));
}

static void say_diagnostic(const struct screen *screen, const struct diagnostic *diagnostic)
{
    static const enum accent accents[] = {[SEVERITY_ERROR] = ACCENT_RED, [SEVERITY_WARNING] = ACCENT_YELLOW};
    static const char *const words[] = {[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning"};
    char *where = talloc_strdup(screen->mem, screen_clean(screen, diagnostic->file));

    if (diagnostic->line > 0)
        where = talloc_asprintf_append(where, ":%d", diagnostic->line);
    if (*where)
        where = talloc_strdup_append(where, "  ");
    screen_say(screen, "  ", "      ", "%s%s: %s", screen_paint(screen, ACCENT_CYAN, where),
               screen_paint(screen, accents[diagnostic->severity], words[diagnostic->severity]),
               screen_clean(screen, diagnostic->text));
    if (diagnostic->source && *diagnostic->source)
        say_source(screen, diagnostic);
}

void screen_diagnostics(const struct screen *screen, enum severity severity, size_t most)
{
    const struct build *build = screen->verdict->build;
    size_t seen = 0;

    for (size_t i = 0; i < build->diagnostic_count; i++) {
        if (build->diagnostics[i].severity != severity || seen++ >= most)
            continue;
        if (seen == 1 && severity == SEVERITY_WARNING)
            fputs("\n", screen->stream);
        say_diagnostic(screen, &build->diagnostics[i]);
    }
    if (seen > most)
        screen_say(screen, "  ", "  ", "... and %zu more", seen - most);
}
