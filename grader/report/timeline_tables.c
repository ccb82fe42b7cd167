/* timeline_tables.c - what a replay's page tells in words: the objective, the ledger, the log; and how words get
 * into a page. See timeline_html.c.
 *
 * A page stays below a megabyte whatever a service logs: of long logs the middle is left out.
 */
#include "report/timeline_inside.h"

#include <stddef.h>
#include <string.h>
#include <talloc.h>

enum { LOG_HALF = 150, TEXT_MOST = 200 };

/* --- text ---------------------------------------------------------------------------------------------- */

void put_html(FILE *page, const char *text)
{
    static const struct {
        char byte;
        const char *name;
    } names[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};

    for (size_t i; text && *text; text++) {
        for (i = 0; i < sizeof names / sizeof names[0] && names[i].byte != *text; i++)
            ;
        if (i < sizeof names / sizeof names[0])
            fputs(names[i].name, page);
        else
            putc(*text, page);
    }
}

void page_tag(FILE *page, const char *open, const char *text, const char *close)
{
    fputs(open, page);
    put_html(page, text);
    fputs(close, page);
}

const char *page_class(const struct page_pair *pair, int run)
{
    return pair->count == 2 && run == 0 ? "before" : "after";
}

void page_mark(FILE *page, enum verdict_status status)
{
    fputs(status == VERDICT_PASS   ? "<span class=\"holds\">✓ holds</span>"
          : status == VERDICT_FAIL ? "<span class=\"fails\">✗ fails</span>"
                                   : "<span class=\"fails\">? not judged</span>",
          page);
}

/* --- the objective and the ledger ---------------------------------------------------------------------- */

static void put_run_names(FILE *page, const struct page_pair *pair, const char *class)
{
    for (int run = 0; run < pair->count; run++)
        fprintf(page, "<th scope=\"col\"%s>%s</th>", class,
                pair->count == 1 ? "result"
                : run == 0       ? "before"
                                 : "after");
    fputs("</tr>\n", page);
}

void page_objective(FILE *page, const struct page_pair *pair)
{
    fputs("<h2>The objective</h2>\n<table><tr><th scope=\"col\">line</th>", page);
    put_run_names(page, pair, "");
    for (size_t i = 0; i < pair->views[0]->line_count; i++) {
        page_tag(page, "<tr><td>", pair->views[0]->lines[i].title, "<small><code>");
        page_tag(page, "", pair->views[0]->lines[i].must, "</code></small></td>");
        for (int run = 0; run < pair->count && i < pair->views[run]->line_count; run++) {
            const struct view_line *line = &pair->views[run]->lines[i];
            fputs("<td>", page);
            page_mark(page, line->status);
            page_tag(page, "<small>", line->where, line->where[0] ? ": " : "");
            page_tag(page, "", line->message, "</small></td>");
        }
        fputs("</tr>\n", page);
    }
    fputs("</table>\n", page);
}

void page_ledger(FILE *page, const struct page_pair *pair)
{
    static const struct {
        const char *name;
        size_t at;
    } ends[] = {{"submitted", offsetof(struct timeline_ledger, submitted)},
                {"completed", offsetof(struct timeline_ledger, completed)},
                {"failed", offsetof(struct timeline_ledger, failed)},
                {"rejected", offsetof(struct timeline_ledger, rejected)},
                {"cancelled", offsetof(struct timeline_ledger, cancelled)},
                {"discarded", offsetof(struct timeline_ledger, discarded)},
                {"never answered", offsetof(struct timeline_ledger, unanswered)}};

    fputs("<h2>What became of the requests</h2>\n<table class=\"narrow\"><tr><th></th>", page);
    put_run_names(page, pair, " class=\"n\"");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        fprintf(page, "<tr><td>%s</td>", ends[i].name);
        for (int run = 0; run < pair->count; run++) {
            const char *ledger = (const char *)&pair->views[run]->timeline->ledger;
            fprintf(page, "<td class=\"n\">%lu</td>", *(const unsigned long *)(ledger + ends[i].at));
        }
        fputs("</tr>\n", page);
    }
    fputs("</table>\n", page);
}

/* --- the log ------------------------------------------------------------------------------------------- */

/* At most TEXT_MOST bytes of TEXT, by whole characters. */
static void put_cut(FILE *page, void *mem, const char *text)
{
    size_t length = strlen(text);

    if (length <= TEXT_MOST) {
        put_html(page, text);
        return;
    }
    for (length = TEXT_MOST; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    put_html(page, talloc_strndup(mem, text, length));
    fputs(" ...", page);
}

static void put_entry(FILE *page, void *mem, const struct log_entry *entry)
{
    char clock[CLOCK_TEXT];

    fprintf(page, "<li%s><time>%s</time> ", entry->letter ? " class=\"is-event\"" : "",
            clock_exact(clock, entry->second));
    if (entry->letter) {
        fprintf(page, "%c ", entry->letter);
        put_html(page, entry->kind);
        fputs(": ", page);
    }
    put_cut(page, mem, entry->text);
    fputs("</li>\n", page);
}

void page_log(FILE *page, const struct replay_view *view, const char *class)
{
    void *mem = talloc_new(NULL);
    struct log_entry *entries;
    size_t count = log_entries(mem, view, &entries);

    page_tag(page, "<div><h3>", view->policy, "</h3>\n");
    fprintf(page, "<ol class=\"log %s\" tabindex=\"0\" aria-label=\"log and events, %s\">\n", class, class);
    for (size_t i = 0; i < count; i++) {
        if (count > 2 * LOG_HALF && i == LOG_HALF) {
            fprintf(page, "<li>... %zu more ...</li>\n", count - 2 * LOG_HALF);
            i = count - LOG_HALF;
        }
        put_entry(page, mem, &entries[i]);
    }
    if (count == 0)
        fputs("<li>Nothing was logged, and nothing happened.</li>\n", page);
    fputs("</ol></div>\n", page);
    talloc_free(mem);
}
