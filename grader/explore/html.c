/* html.c - an interleaving as one page: no other file is needed, nor a network. See show.h.
 *
 * All steps stand in the page; a few lines of script show them one by one. Without script they are all there.
 */
#include "explore/show.h"

#include "explore/story.h"

#include <stdio.h>
#include <string.h>

static const char head[] = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width\">\n";

static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark; --line: #ccc; --dim: #777; --bad: #b00020; --now: #fff3c4 }\n"
    "@media (prefers-color-scheme: dark) { :root { --line: #444; --dim: #999; --bad: #ff7a85; --now: #4a4016 "
    "} }\n"
    "body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 80rem; padding: 0 1rem }\n"
    "h1 { font-size: 1.3rem } h1 b, .decisive td { color: var(--bad) } dt { font-weight: 600 } dd { margin: "
    "0 0 .5rem }\n"
    "table { border-collapse: collapse; width: 100% }\n"
    "th { position: sticky; top: 0; background: Canvas; text-align: left }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: .2rem .5rem; vertical-align: top }\n"
    "code { font: 13px ui-monospace, monospace; white-space: pre-wrap } small { color: var(--dim); display: "
    "block }\n"
    "tr.now td { background: var(--now) } tr.later { opacity: .25 } .switch td { font-style: italic }\n"
    "#bar { position: sticky; bottom: 0; background: Canvas; padding: .5rem 0; border-top: 1px solid "
    "var(--line) }\n"
    "</style>\n";

static const char script[] =
    "<script>\n"
    "const rows = [...document.querySelectorAll('tr[data-step]')], held = document.getElementById('held');\n"
    "let at = rows.length - 1;\n"
    "function show(to) {\n"
    "  at = Math.max(0, Math.min(rows.length - 1, to));\n"
    "  rows.forEach((row, i) => { row.classList.toggle('now', i === at); row.classList.toggle('later', i > "
    "at); });\n"
    "  held.textContent = (at + 1) + ' of ' + rows.length + ': ' + (rows[at].dataset.held || 'nobody holds a "
    "lock');\n"
    "  rows[at].scrollIntoView({block: 'nearest'});\n"
    "}\n"
    "const keys = {ArrowRight: 1, n: 1, ' ': 1, j: 1, ArrowDown: 1, ArrowLeft: -1, p: -1, k: -1, ArrowUp: "
    "-1,\n"
    "              G: 1e9, End: 1e9, g: -1e9, Home: -1e9};\n"
    "addEventListener('keydown', event => {\n"
    "  if (keys[event.key] && !event.ctrlKey && !event.metaKey) { event.preventDefault(); show(at + "
    "keys[event.key]); }\n"
    "});\n"
    "document.querySelectorAll('button').forEach(b => b.onclick = () => show(at + Number(b.dataset.by)));\n"
    "if (rows.length) show(0);\n"
    "</script>\n";

static void put(FILE *page, const char *text)
{
    for (; text && *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", page);
            break;
        case '<':
            fputs("&lt;", page);
            break;
        case '>':
            fputs("&gt;", page);
            break;
        case '"':
            fputs("&quot;", page);
            break;
        default:
            fputc(*text, page);
        }
    }
}

static void put_pair(FILE *page, const char *term, const char *text)
{
    if (!text)
        return;
    fprintf(page, "<dt>%s</dt><dd>", term);
    put(page, text);
    fputs("</dd>\n", page);
}

static void put_verdict(FILE *page, const char *title, const struct explore_report *report)
{
    fputs("<title>", page);
    put(page, title);
    fputs("</title>\n<h1>", page);
    put(page, title);
    fprintf(page, ": <b>%s</b></h1>\n<dl>\n",
            report->class == CLASS_NONE ? "ends well" : class_name(report->class));
    put_pair(page, "What", report->message);
    put_pair(page, "Why", report->why);
    for (size_t i = 0; i < report->where_count; i++) {
        fputs(i == 0 ? "<dt>Where</dt>\n<dd>" : "<dd>", page);
        put(page, report->where[i].file);
        fprintf(page, ":%d ", report->where[i].line);
        put(page, report->where[i].what);
        fputs("</dd>\n", page);
    }
    put_pair(page, "The switch that made the difference", report->decision);
    if (report->printed) {
        fputs("<dt>Printed</dt>\n<dd><pre>", page);
        put(page, report->printed);
        fputs("</pre></dd>\n", page);
    }
    put_pair(page, "Once more", report->token);
    fputs("</dl>\n", page);
}

static void put_switch(FILE *page, const struct explore_report *report, size_t index)
{
    const struct explore_step *step = &report->steps[index];

    fprintf(page, "<tr class=\"switch%s\"><td></td><td colspan=\"%u\">",
            index == report->decisive ? " decisive" : "", report->threads);
    if (step->preempts && step->stopped >= 0 && step->stopped_line)
        fprintf(page, "%s is stopped here, at line %d", show_thread(step->stopped), step->stopped_line);
    else if (step->preempts && step->stopped >= 0)
        fprintf(page, "%s is stopped here", show_thread(step->stopped));
    else if (step->choice)
        fputs(step->choice, page);
    else
        fprintf(page, "%s goes first", show_thread(step->thread));
    fputs(index == report->decisive ? "; this made the difference</td></tr>\n" : "</td></tr>\n", page);
}

static void put_cell(FILE *page, const struct explore_step *step)
{
    if (step->source) {
        fprintf(page, "<code>%s: ", step->label);
        put(page, step->source);
        fputs("</code>", page);
    } else {
        put(page, story_verb(step->operation));
    }
    if (show_note(step)[0]) {
        fputs("<small>", page);
        put(page, show_note(step));
        fputs("</small>", page);
    }
}

static void put_step(FILE *page, const struct explore_report *report, size_t index)
{
    const struct explore_step *step = &report->steps[index];

    if (step->left_out && step->note) {
        fprintf(page, "<tr><td></td><td colspan=\"%u\">%s</td></tr>\n", report->threads, step->note);
        return;
    }
    if (step->left_out) {
        fprintf(page, "<tr><td></td><td colspan=\"%u\">%zu steps are left out</td></tr>\n", report->threads,
                step->left_out);
        return;
    }
    if (step->preempts || step->choice || index == report->decisive)
        put_switch(page, report, index);
    fputs("<tr data-step data-held=\"", page);
    put(page, step->held);
    fprintf(page, "\"><td>%zu", index + 1);
    if (step->clock > 0)
        fprintf(page, "<small>%.3f s</small>", step->clock);
    fputs("</td>", page);
    for (int i = 0; i < (int)report->threads; i++) {
        fputs("<td>", page);
        if (i == step->thread)
            put_cell(page, step);
        fputs("</td>", page);
    }
    fputs("</tr>\n", page);
}

static void put_table(FILE *page, const struct explore_report *report)
{
    fputs("<table>\n<tr><th></th>", page);
    for (int i = 0; i < (int)report->threads; i++)
        fprintf(page, "<th>%s</th>", show_thread(i));
    fputs("</tr>\n", page);
    for (size_t i = 0; i < report->step_count; i++)
        put_step(page, report, i);
    fputs("</table>\n<div id=\"bar\"><button data-by=\"-1\">back</button> <button "
          "data-by=\"1\">forward</button> "
          "<button data-by=\"1000000\">end</button> <span id=\"held\"></span></div>\n",
          page);
}

int show_html(const char *path, const char *title, const struct explore_report *report)
{
    FILE *page = fopen(path, "w");
    const char *slash = strrchr(title, '/');

    if (!page)
        return -1;
    fputs(head, page);
    fputs(style, page);
    put_verdict(page, slash ? slash + 1 : title, report);
    put_table(page, report);
    fputs(script, page);
    int failed = ferror(page);
    return fclose(page) != 0 || failed ? -1 : 0;
}
