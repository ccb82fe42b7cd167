/* text.c - an interleaving as plain text, see show.h.
 *
 * Each row is one step: its number, the virtual clock if that moves, and in the column of its thread the
 * source line and what came of it. A rule stands where the turn was taken from a thread that could have gone
 * on.
 */
#include "explore/show.h"

#include "explore/story.h"

#include <string.h>

enum { NARROWEST = 22, NUMBER = 5, CLOCK = 10, CELL = 400, CELL_LINES = 3 };

const char *show_thread(int thread)
{
    static char name[32];

    if (thread == 0)
        return "main";
    snprintf(name, sizeof name, "thread %d", thread);
    return name;
}

const char *show_note(const struct explore_step *step)
{
    static char note[CELL];
    const char *verb = story_verb(step->operation);

    switch (step->operation) {
    case OPERATION_READ:
    case OPERATION_WRITE:
    case OPERATION_ATOMIC_READ:
    case OPERATION_ATOMIC_WRITE:
    case OPERATION_ATOMIC_UPDATE:
        snprintf(note, sizeof note, "%s %s", verb, step->object ? step->object : "memory");
        return note;
    case OPERATION_CREATE:
    case OPERATION_JOIN:
    case OPERATION_WOKEN:
    case OPERATION_TIMEOUT:
        snprintf(note, sizeof note, "%s %s%s%s", verb, step->object ? step->object : "",
                 step->note ? "; " : "", step->note ? step->note : "");
        return note;
    default:
        return step->note ? step->note : "";
    }
}

/* --- measures ------------------------------------------------------------------------------------------ */

static int has_clock(const struct explore_report *report)
{
    for (size_t i = 0; i < report->step_count; i++)
        if (report->steps[i].clock > 0)
            return 1;
    return 0;
}

static int gutter(const struct explore_report *report)
{
    return NUMBER + (has_clock(report) ? CLOCK : 0);
}

/* Width of a thread's column; 0: there is no room for columns. */
static int column_width(const struct show *show, const struct explore_report *report)
{
    int threads = report->threads > 0 ? (int)report->threads : 1;
    int width = (show->width - gutter(report)) / threads;
    return width >= NARROWEST ? width : 0;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

static const char *colour(const struct show *show, const char *code)
{
    return show->colour ? code : "";
}

/* How many bytes of TEXT go on a line of WIDTH columns: up to a blank, or behind a comma or a
 * bracket, if there is one. Bytes other than ASCII
 * count as one column each, which at worst breaks early; none of their sequences is torn apart. */
static int line_length(const char *text, int width)
{
    int length = (int)strlen(text), cut = width;

    if (length <= width)
        return length;
    while (cut > width / 2 && text[cut] != ' ' && !strchr(",(", text[cut - 1]))
        cut--;
    if (text[cut] != ' ' && !strchr(",(", text[cut - 1]))
        for (cut = width; cut > 1 && ((unsigned char)text[cut] & 0xc0) == 0x80;)
            cut--;
    return cut;
}

static void print_margin(const struct show *show, const struct explore_report *report, size_t index,
                         int first)
{
    if (!first) {
        fprintf(show->stream, "%*s", gutter(report), "");
        return;
    }
    fprintf(show->stream, "%4zu ", index + 1);
    if (has_clock(report))
        fprintf(show->stream, "%8.3fs ", report->steps[index].clock);
}

/* Where the thread's text begins: its column, or behind the marks. */
static void print_indent(const struct show *show, const struct explore_report *report, int thread, int first)
{
    int width = column_width(show, report);

    if (width > 0) {
        fprintf(show->stream, "%*s", width * thread, "");
        return;
    }
    for (int i = 0; i < (int)report->threads; i++)
        fputc(i == thread && first ? '*' : '.', show->stream);
    fprintf(show->stream, " %-10s ", first ? show_thread(thread) : "");
}

static int room(const struct show *show, const struct explore_report *report)
{
    int width = column_width(show, report);
    return width > 0 ? width - 2 : show->width - gutter(report) - (int)report->threads - 12;
}

/* TEXT in the column of the step's thread, on a few lines at most; HEAD stands before the first. */
static void print_cell(const struct show *show, const struct explore_report *report, size_t index, int first,
                       const char *head, const char *text)
{
    int indent = head[0] ? 4 : 0, width = room(show, report) - indent;

    for (int begun = 0; (*text || !begun) && begun < CELL_LINES; begun++) {
        int length = line_length(text, width > 8 ? width : 8);
        print_margin(show, report, index, first && !begun);
        print_indent(show, report, report->steps[index].thread, first && !begun);
        fprintf(show->stream, "%s%.*s%s\n",
                !indent ? ""
                : begun ? "    "
                        : head,
                length, text, begun + 1 == CELL_LINES && text[length] ? "..." : "");
        text += length + (text[length] == ' ');
    }
}

static void print_rule(const struct show *show, const struct explore_report *report, size_t index)
{
    const struct explore_step *step = &report->steps[index];
    int decisive = index == report->decisive;
    const char *dash = show->utf8 ? "──" : "--";

    fprintf(show->stream, "%s%*s%s ", colour(show, decisive ? "\033[1;31m" : "\033[33m"), gutter(report), "",
            dash);
    if (step->preempts && step->stopped >= 0) {
        fprintf(show->stream, "%s is stopped here", show_thread(step->stopped));
        if (step->stopped_line)
            fprintf(show->stream, ", at line %d", step->stopped_line);
    } else {
        fprintf(show->stream, "%s%s", step->choice ? step->choice : show_thread(step->thread),
                step->choice ? "" : " goes first");
    }
    fprintf(show->stream, "%s %s%s\n", decisive ? "; this made the difference" : "", dash,
            colour(show, "\033[0m"));
}

static void print_step(const struct show *show, const struct explore_report *report, size_t index)
{
    const struct explore_step *step = &report->steps[index];
    char cell[CELL];
    const char *note = show_note(step);

    if (step->left_out && step->note) {
        fprintf(show->stream, "%*s... %s ...\n", gutter(report), "", step->note);
        return;
    }
    if (step->left_out) {
        fprintf(show->stream, "%*s... %zu steps are left out ...\n", gutter(report), "", step->left_out);
        return;
    }
    if (step->preempts || step->choice || index == report->decisive)
        print_rule(show, report, index);
    if (step->source)
        snprintf(cell, sizeof cell, "%s: %s", step->label, step->source);
    else
        snprintf(cell, sizeof cell, "%s%s%s", story_verb(step->operation), step->object ? " " : "",
                 step->object ? step->object : "");
    print_cell(show, report, index, 1, "", cell);
    if (note[0] && step->source)
        print_cell(show, report, index, 0, show->utf8 ? "  └ " : "  ` ", note);
}

/* --- the whole ----------------------------------------------------------------------------------------- */

void show_head(const struct show *show, const struct explore_report *report)
{
    int width = column_width(show, report);

    if (width == 0 || report->step_count == 0)
        return;
    fprintf(show->stream, "%s%*s", colour(show, "\033[1m"), gutter(report), "");
    for (int i = 0; i + 1 < (int)report->threads; i++)
        fprintf(show->stream, "%-*s", width, show_thread(i));
    fprintf(show->stream, "%s", show_thread((int)report->threads - 1));
    fprintf(show->stream, "%s\n", colour(show, "\033[0m"));
}

void show_steps(const struct show *show, const struct explore_report *report, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < report->step_count; i++)
        print_step(show, report, i);
}

/* TEXT broken at blanks, behind HEAD on the first line and as many blanks on the others. */
static void print_wrapped(const struct show *show, const char *head, const char *text)
{
    int indent = (int)strlen(head), room = show->width - indent > 20 ? show->width - indent : 20;

    fprintf(show->stream, "%s", head);
    while ((int)strlen(text) > room) {
        int cut = line_length(text, room);
        fprintf(show->stream, "%.*s\n%*s", cut, text, indent, "");
        text += cut + (text[cut] == ' ');
    }
    fprintf(show->stream, "%s\n", text);
}

void show_verdict(const struct show *show, const struct explore_report *report)
{
    fprintf(show->stream, "%s%s%s\n", colour(show, "\033[1;31m"), class_name(report->class),
            colour(show, "\033[0m"));
    if (report->message)
        print_wrapped(show, "  ", report->message);
    if (report->why)
        print_wrapped(show, "  Why:    ", report->why);
    for (size_t i = 0; i < report->where_count; i++) {
        char head[CELL];
        snprintf(head, sizeof head, "  %s%.200s:%d  ", i == 0 ? "Where:  " : "        ",
                 report->where[i].file, report->where[i].line);
        print_wrapped(show, head, report->where[i].what);
    }
    if (report->decision)
        print_wrapped(show, "  Switch: ", report->decision);
}
