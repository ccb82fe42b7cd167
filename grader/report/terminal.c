/* terminal.c - a verdict on a screenful, for the person who is learning.
 *
 * From top to bottom: the verdict, the checks, one fault in full, what else was seen, what to do next. A
 * fault that several variants or checks saw is told once. Colour only accents what is also written, in
 * colours that read on dark and on light.
 */
#include "report/screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    CHECKS_IN_FULL = 6,  /* with more checks, the passed ones share a line */
    FAULTS_IN_SHORT = 2, /* other faults told in a line each */
    ERRORS_SHOWN = 5,
    WARNINGS_SHOWN = 3,
    NOTES_SHOWN = 12,
    OUTPUT_LINES = 4,
    MARGIN = 4 /* columns before a check's title */
};

/* --- the screen's own verbs ------------------------------------------------------------------------------
 */

void screen_say(const struct screen *screen, const char *first, const char *rest, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_wrap(screen->stream, talloc_vasprintf(screen->mem, format, arguments), first, rest,
              screen->style->width);
    va_end(arguments);
}

const char *screen_clean(const struct screen *screen, const char *text)
{
    return text_clean(screen->mem, text, screen->style->utf8);
}

const char *screen_paint(const struct screen *screen, enum accent accent, const char *text)
{
    return text_paint(screen->mem, screen->style, accent, text);
}

const char *screen_cut(const struct screen *screen, const char *text, size_t columns)
{
    size_t length = strlen(text);
    char *cut;

    if (text_width(text) <= columns || columns < 4)
        return text;
    cut = talloc_strdup(screen->mem, text);
    while (text_width(cut) > columns - 3) { /* back by whole characters */
        while (length > 0 && ((unsigned char)cut[--length] & 0xc0) == 0x80)
            ;
        cut[length] = '\0';
    }
    return talloc_strdup_append(cut, "...");
}

void screen_excerpt(const struct screen *screen, const char *text, size_t most)
{
    size_t shown = 0, more = 0;

    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *line = talloc_strndup(screen->mem, text, length);
        if (shown < most) {
            line = screen_cut(screen, screen_clean(screen, line), (size_t)screen->style->width - 4);
            fprintf(screen->stream, "    %s\n", line);
            shown++;
        } else {
            more++;
        }
        text += length + (text[length] == '\n');
    }
    if (more > 0)
        fprintf(screen->stream, "    ... and %zu more line%s\n", more, more == 1 ? "" : "s");
}

/* --- the title -------------------------------------------------------------------------------------------
 */

static const char *mark(const struct screen *screen, enum verdict_status status)
{
    static const char *const marks[][2] = {
        [VERDICT_PASS] = {"+", "✓"}, [VERDICT_FAIL] = {"x", "✗"}, [VERDICT_ERROR] = {"?", "?"}};
    static const enum accent accents[] = {
        [VERDICT_PASS] = ACCENT_GREEN, [VERDICT_FAIL] = ACCENT_RED, [VERDICT_ERROR] = ACCENT_YELLOW};

    return screen_paint(screen, accents[status], marks[status][screen->style->utf8 != 0]);
}

static void say_title(const struct screen *screen, double seconds)
{
    static const char *const words[] = {
        [VERDICT_PASS] = "passed", [VERDICT_FAIL] = "not yet", [VERDICT_ERROR] = "could not be judged"};
    const struct verdict *verdict = screen->verdict;
    const char *title = screen_paint(screen, ACCENT_BOLD, screen_clean(screen, verdict->exercise->title));
    const char *what = words[verdict->status];
    char *score = talloc_asprintf(screen->mem, ", %u of %u points", verdict->score, verdict->max_score);

    if (verdict->build->status == BUILD_FAILED)
        what = "does not compile";
    else if (verdict->build->status == BUILD_REFUSED)
        what = "refused";
    screen_say(screen, talloc_asprintf(screen->mem, "%s ", mark(screen, verdict->status)), "  ",
               "%s: %s%s (%.1f s)", title, what,
               verdict->check_count > 0 && verdict->status != VERDICT_ERROR ? score : "", seconds);
}

/* --- the list of checks ----------------------------------------------------------------------------------
 */

/* All rows of one check; they stand together. */
struct group {
    const struct check_verdict *rows;
    size_t count;
    enum verdict_status status;
};

static struct group group_at(const struct verdict *verdict, size_t at)
{
    struct group group = {&verdict->checks[at], 0, VERDICT_PASS};

    for (; at < verdict->check_count && strcmp(verdict->checks[at].name, group.rows->name) == 0; at++) {
        const enum verdict_status status = verdict->checks[at].status;
        group.count++;
        if (status == VERDICT_FAIL || group.status == VERDICT_PASS)
            group.status = status;
    }
    return group;
}

/* What a row adds to its check's line: its class, or that it could not be judged. */
static const char *outcome(const struct check_verdict *row)
{
    return row->status == VERDICT_FAIL ? class_name(row->class) : "not judged";
}

/* "race (tsan, memory), wrong-result (native)"; without variants when the check has only one. */
static const char *group_outcomes(const struct screen *screen, const struct group *group)
{
    char *text = talloc_strdup(screen->mem, "");

    for (size_t i = 0; i < group->count; i++) {
        const char *what = outcome(&group->rows[i]), *separator = " (";
        size_t earlier = 0;
        while (earlier < i && (group->rows[earlier].status == VERDICT_PASS ||
                               strcmp(outcome(&group->rows[earlier]), what) != 0))
            earlier++;
        if (group->rows[i].status == VERDICT_PASS || earlier < i)
            continue;
        text = talloc_asprintf_append(text, "%s%s", *text ? ", " : "", what);
        for (size_t j = i; j < group->count && group->count > 1; j++) {
            if (group->rows[j].status == VERDICT_PASS || strcmp(outcome(&group->rows[j]), what) != 0)
                continue;
            text = talloc_asprintf_append(text, "%s%s", separator, group->rows[j].variant);
            separator = ", ";
        }
        text = talloc_strdup_append(text, group->count > 1 ? ")" : "");
    }
    return text;
}

static size_t widest_title(const struct screen *screen)
{
    const struct verdict *verdict = screen->verdict;
    size_t widest = 0, most = (size_t)screen->style->width * 2 / 3;

    for (size_t i = 0; i < verdict->check_count; i++) {
        size_t width = text_width(screen_clean(screen, verdict->checks[i].title));
        if (width > widest)
            widest = width;
    }
    return widest < most ? widest : most;
}

static void say_group(const struct screen *screen, const struct group *group, size_t column)
{
    static const enum accent accents[] = {
        [VERDICT_PASS] = ACCENT_NONE, [VERDICT_FAIL] = ACCENT_RED, [VERDICT_ERROR] = ACCENT_YELLOW};
    const char *title = screen_clean(screen, group->rows->title), *outcomes = group_outcomes(screen, group);
    size_t used = text_width(title), needed = text_width(outcomes),
           room = (size_t)screen->style->width - MARGIN;
    size_t blanks = used < column ? column - used + 2 : 2;

    if (used + blanks + needed > room && used + needed + 2 <= room)
        blanks = room - used - needed; /* out of the column rather than on a second line */
    screen_say(screen, talloc_asprintf(screen->mem, "  %s ", mark(screen, group->status)), "      ", "%s%s%s",
               title, *outcomes ? text_blanks(blanks) : "",
               screen_paint(screen, accents[group->status], outcomes));
}

static void say_checks(const struct screen *screen)
{
    const struct verdict *verdict = screen->verdict;
    size_t column = widest_title(screen), passed = 0, groups = 0;

    for (size_t at = 0; at < verdict->check_count; at += group_at(verdict, at).count)
        groups++;
    for (size_t at = 0; at < verdict->check_count;) {
        struct group group = group_at(verdict, at);
        if (groups > CHECKS_IN_FULL && group.status == VERDICT_PASS)
            passed++;
        else
            say_group(screen, &group, column);
        at += group.count;
    }
    if (passed > 0)
        screen_say(screen, talloc_asprintf(screen->mem, "  %s ", mark(screen, VERDICT_PASS)), "    ",
                   "%zu%s check%s passed", passed, passed < groups ? " other" : "", passed == 1 ? "" : "s");
}

/* --- what else was seen ----------------------------------------------------------------------------------
 */

static int told_before(const struct verdict *verdict, const struct check_verdict *row,
                       const struct check_verdict *main)
{
    if (fault_same(row, main))
        return 1;
    for (const struct check_verdict *other = verdict->checks; other < row; other++)
        if (other->status == VERDICT_FAIL && fault_same(row, other))
            return 1;
    return 0;
}

static void say_other_faults(const struct screen *screen, const struct check_verdict *main)
{
    const struct verdict *verdict = screen->verdict;
    size_t told = 0, more = 0;

    for (const struct check_verdict *row = verdict->checks; row < verdict->checks + verdict->check_count;
         row++) {
        if (row->status != VERDICT_FAIL || told_before(verdict, row, main))
            continue;
        if (told++ >= FAULTS_IN_SHORT) {
            more++;
            continue;
        }
        screen_say(screen, told == 1 ? "\n  also " : "  also ", "       ", "%s: %s",
                   screen_paint(screen, ACCENT_RED, class_name(row->class)),
                   screen_clean(screen, row->message));
    }
    if (more > 0)
        screen_say(screen, "  ", "  ", "and %zu more; they may go when this one does", more);
}

/* A row that could not be judged beside others that failed: told, so that nobody wonders about the points. */
static void say_unjudged(const struct screen *screen)
{
    const struct verdict *verdict = screen->verdict;

    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct check_verdict *row = &verdict->checks[i];
        if (row->status != VERDICT_ERROR)
            continue;
        screen_say(screen, "\n  ", "  ", "The grader could not judge every check: %s",
                   screen_clean(screen, row->message));
        return;
    }
}

/* Notes are the author's words and made to be read: wrapped, not cut. */
static void say_notes(const struct screen *screen, const struct check_verdict *row)
{
    if (row->note_count > 0)
        fputs("\n  From the check:\n", screen->stream);
    for (size_t i = 0; i < row->note_count && i < NOTES_SHOWN; i++)
        screen_say(screen, "    ", "        ", "%s", screen_clean(screen, row->notes[i]));
    if (row->note_count > NOTES_SHOWN)
        screen_say(screen, "    ", "    ", "... and %zu more lines", row->note_count - NOTES_SHOWN);
}

static void say_output(const struct screen *screen, const struct check_verdict *row)
{
    if (row->output && *row->output) {
        fputs("\n  The program printed:\n", screen->stream);
        screen_excerpt(screen, row->output, OUTPUT_LINES);
    }
}

static void say_raw(const struct screen *screen)
{
    const struct verdict *verdict = screen->verdict;

    for (const struct check_verdict *row = verdict->checks; row < verdict->checks + verdict->check_count;
         row++) {
        int repeated = 0;
        for (const struct check_verdict *other = verdict->checks; other < row; other++)
            repeated |= row->raw && other->raw && strcmp(row->raw, other->raw) == 0;
        if (!row->raw || repeated)
            continue;
        fprintf(screen->stream, "\n--- %s (%s), in the tool's own words\n%s\n",
                screen_clean(screen, row->title), row->variant, screen_clean(screen, row->raw));
    }
}

/* --- the endings -----------------------------------------------------------------------------------------
 */

static const char *program(const struct screen *screen)
{
    return screen->style->program ? screen->style->program : "deepend";
}

/* How often it was seen, when all orders of the threads were the explorer's to choose. */
static void say_frequency(const struct screen *screen, const struct check_verdict *row)
{
    const struct explore_report *explored = row->explored;

    if (explored && explored->failed > 0)
        screen_say(screen, "\n  ", "  ", "Seen in %llu of %llu schedules, first in number %llu.",
                   (unsigned long long)explored->failed, (unsigned long long)explored->run,
                   (unsigned long long)explored->first);
}

/* The token of the row that is told, else of the first that has one. */
static const char *token_of(const struct verdict *verdict, const struct check_verdict *main)
{
    for (size_t i = 0; i < verdict->check_count && !main->token; i++)
        if (verdict->checks[i].token)
            return verdict->checks[i].token;
    return main->token;
}

static void say_replay(const struct screen *screen, const struct check_verdict *main)
{
    const char *token = token_of(screen->verdict, main);

    if (token)
        screen_say(screen, "\n  Replay: ", "    ", "%s",
                   screen_paint(screen, ACCENT_CYAN,
                                talloc_asprintf(screen->mem, "%s replay %s", program(screen), token)));
}

static void say_next(const struct screen *screen, int token)
{
    const struct exercise *exercise = screen->verdict->exercise;
    const char *hint = talloc_asprintf(screen->mem, "%s hint %s", program(screen), exercise->id);
    const char *watch = talloc_asprintf(screen->mem, "%s incident replay %d", program(screen),
                                        atoi(strchr(exercise->id, '/') + 1));
    const char *lesson = talloc_asprintf(screen->mem, "lessons/%s", exercise->lesson ? exercise->lesson : "");

    screen_say(screen, token ? "  Lesson: " : "\n  Lesson: ", "    ", "%s",
               screen_paint(screen, ACCENT_CYAN, lesson));
    screen_say(screen, exercise->incident ? "  Watch:  " : "  Hint:   ", "    ", "%s",
               screen_paint(screen, ACCENT_CYAN, exercise->incident ? watch : hint));
}

static void say_failed_build(const struct screen *screen)
{
    if (screen->verdict->build->status == BUILD_REFUSED)
        screen_say(screen, "\n  ", "  ", "%s: %s",
                   screen_paint(screen, ACCENT_RED, class_name(CLASS_FORBIDDEN)),
                   class_meaning(CLASS_FORBIDDEN));
    putc('\n', screen->stream);
    screen_diagnostics(screen, SEVERITY_ERROR, ERRORS_SHOWN);
    if (screen->verdict->build->status == BUILD_REFUSED)
        say_next(screen, 0);
}

static void say_failure(const struct screen *screen)
{
    const struct check_verdict *main = verdict_headline(screen->verdict);

    putc('\n', screen->stream);
    screen_fault(screen, main);
    say_frequency(screen, main);
    screen_stacks(screen, main);
    say_notes(screen, main);
    say_output(screen, main);
    say_other_faults(screen, main);
    say_unjudged(screen);
    say_replay(screen, main);
    say_next(screen, token_of(screen->verdict, main) != NULL);
}

static void say_error(const struct screen *screen)
{
    screen_say(screen, "\n  ", "  ", "The grader could not do its part: %s",
               screen_clean(screen, screen->verdict->message));
    screen_say(screen, "  ", "  ", "That is no fault of yours, and no attempt was counted.");
    screen_say(screen, "\n  ", "  ", "Type: %s",
               screen_paint(screen, ACCENT_CYAN, talloc_asprintf(screen->mem, "%s doctor", program(screen))));
}

static void say_pass(const struct screen *screen)
{
    const struct verdict *verdict = screen->verdict;

    for (size_t i = 0; i < verdict->check_count; i++) {
        if (verdict->checks[i].note_count == 0)
            continue;
        say_notes(screen, &verdict->checks[i]);
        break;
    }
    screen_diagnostics(screen, SEVERITY_WARNING, WARNINGS_SHOWN);
}

void report_terminal(FILE *stream, const struct verdict *verdict, const struct report_style *style,
                     double seconds)
{
    struct screen screen = {talloc_new(NULL), stream, style, verdict};

    say_title(&screen, seconds);
    if (verdict->check_count > 0)
        putc('\n', stream);
    say_checks(&screen);
    if (verdict->build->status != BUILD_DONE)
        say_failed_build(&screen);
    else if (verdict->status == VERDICT_FAIL)
        say_failure(&screen);
    else if (verdict->status == VERDICT_ERROR)
        say_error(&screen);
    else
        say_pass(&screen);
    if (style->raw)
        say_raw(&screen);
    talloc_free(screen.mem);
}
