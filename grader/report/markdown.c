/* markdown.c - Markdown for the terminal: a task, a hint, a lesson.
 *
 * cmark-gfm parses; the tree is walked once, block by block. Each block prints behind a prefix that its
 * parents have built up (the bar of a quote, the indentation of a list); inline marks become accents. HTML is
 * left out. Tables are in table.c.
 */
#include "report/page.h"

#include <cmark-gfm-core-extensions.h>
#include <string.h>
#include <talloc.h>

/* --- inline -----------------------------------------------------------------------------------------------
 */

/* A text under construction, and the accents that are open in it. */
struct inline_text {
    const struct page *page;
    char *text;
    const char *open;
};

static void inline_children(struct inline_text *into, cmark_node *node);

static void append(struct inline_text *into, const char *text)
{
    into->text = talloc_strdup_append_buffer(into->text, text);
}

static void append_clean(struct inline_text *into, const char *text)
{
    append(into, text_clean(into->page->mem, text, into->page->style->utf8));
}

/* Open the accent CODE inside what is open, and return what was open for accent_close. */
static const char *accent_open(struct inline_text *into, const char *code)
{
    const char *outer = into->open;

    if (into->page->style->colour) {
        into->open = talloc_asprintf(into->page->mem, "%s\033[%sm", outer, code);
        append(into, into->open);
    }
    return outer;
}

static void accent_close(struct inline_text *into, const char *outer)
{
    if (into->page->style->colour) {
        append(into, "\033[0m");
        append(into, outer);
    }
    into->open = outer;
}

static void inline_accented(struct inline_text *into, cmark_node *node, const char *code)
{
    const char *outer = accent_open(into, code);

    inline_children(into, node);
    accent_close(into, outer);
}

static void inline_code(struct inline_text *into, cmark_node *node)
{
    const char *tick = into->page->style->colour ? "" : "`", *outer = accent_open(into, "36");

    append(into, tick);
    append_clean(into, cmark_node_get_literal(node));
    append(into, tick);
    accent_close(into, outer);
}

/* The link's words, then its address unless the words are the address. */
static void inline_link(struct inline_text *into, cmark_node *node)
{
    const char *url = cmark_node_get_url(node);
    size_t before = strlen(into->text);

    inline_children(into, node);
    if (url && *url && *url != '#' && !strstr(into->text + before, url)) {
        append(into, " (");
        append_clean(into, url);
        append(into, ")");
    }
}

static void inline_html(struct inline_text *into, cmark_node *node)
{
    const char *html = cmark_node_get_literal(node);

    if (html && strncmp(html, "<br", 3) == 0)
        append(into, "\n");
}

static void inline_append(struct inline_text *into, cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);

    if (type == CMARK_NODE_TEXT)
        append_clean(into, cmark_node_get_literal(node));
    else if (type == CMARK_NODE_SOFTBREAK)
        append(into, " ");
    else if (type == CMARK_NODE_LINEBREAK)
        append(into, "\n");
    else if (type == CMARK_NODE_CODE)
        inline_code(into, node);
    else if (type == CMARK_NODE_HTML_INLINE)
        inline_html(into, node);
    else if (type == CMARK_NODE_EMPH)
        inline_accented(into, node, "3");
    else if (type == CMARK_NODE_STRONG)
        inline_accented(into, node, "1");
    else if (type == CMARK_NODE_LINK)
        inline_link(into, node);
    else
        inline_children(into, node);
}

static void inline_children(struct inline_text *into, cmark_node *node)
{
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child))
        inline_append(into, child);
}

char *page_inline(const struct page *page, cmark_node *node)
{
    struct inline_text into = {page, talloc_strdup(page->mem, ""), ""};

    inline_children(&into, node);
    return into.text;
}

/* --- the page ---------------------------------------------------------------------------------------------
 */

const char *page_first(struct page *page)
{
    const char *first = page->bullet ? page->bullet : page->prefix;

    page->bullet = NULL;
    return first;
}

/* A blank line before every block but the first of its parent; the prefix shows in it, without blanks at its
 * end. */
static void page_gap(struct page *page)
{
    size_t length = strlen(page->prefix);

    while (length > 0 && page->prefix[length - 1] == ' ')
        length--;
    fprintf(page->stream, "%.*s\n", (int)length, page->prefix);
}

static void print_wrapped(struct page *page, const char *text)
{
    const char *first = page_first(page);

    text_wrap(page->stream, text, first, page->prefix, page->style->width);
}

/* --- blocks -----------------------------------------------------------------------------------------------
 */

static void print_block(struct page *page, cmark_node *node);

enum spacing { SPACING_LOOSE, SPACING_TIGHT };

/* Nothing to see in it: HTML, a comment mostly. */
static int is_silent(cmark_node *node)
{
    return cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK;
}

static void print_children(struct page *page, cmark_node *node, enum spacing spacing)
{
    int first = 1;

    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child)) {
        if (is_silent(child))
            continue;
        if (!first && spacing == SPACING_LOOSE)
            page_gap(page);
        print_block(page, child);
        first = 0;
    }
}

static void print_heading(struct page *page, cmark_node *node)
{
    struct inline_text into = {page, talloc_strdup(page->mem, ""), ""};

    inline_accented(&into, node, "1");
    print_wrapped(page, into.text);
}

static void print_paragraph(struct page *page, cmark_node *node)
{
    print_wrapped(page, page_inline(page, node));
}

/* Code is never wrapped: a broken line would be wrong code. */
static void print_code(struct page *page, cmark_node *node)
{
    const char *at = cmark_node_get_literal(node);

    for (at = at ? at : ""; *at;) {
        size_t length = strcspn(at, "\n");
        const char *line = text_clean(page->mem, talloc_strndup(page->mem, at, length), page->style->utf8);
        if (*line)
            fprintf(page->stream, "%s    %s\n", page_first(page),
                    text_paint(page->mem, page->style, ACCENT_CYAN, line));
        else
            page_gap(page);
        at += length + (at[length] == '\n');
    }
}

static void print_quote(struct page *page, cmark_node *node)
{
    const char *outer = page->prefix, *bar = page->style->utf8 ? "│ " : "| ";

    if (page->bullet)
        page->bullet = talloc_asprintf(page->mem, "%s%s", page->bullet, bar);
    page->prefix = talloc_asprintf(page->mem, "%s%s", outer, bar);
    print_children(page, node, SPACING_LOOSE);
    page->prefix = outer;
}

static const char *bullet_for(const struct page *page, cmark_node *list, cmark_node *item, int number)
{
    if (strcmp(cmark_node_get_type_string(item), "tasklist") == 0)
        return cmark_gfm_extensions_get_tasklist_item_checked(item) ? "[x] " : "[ ] ";
    if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST)
        return talloc_asprintf(page->mem, "%d. ", number);
    return page->style->utf8 ? "• " : "- ";
}

static void print_list(struct page *page, cmark_node *list)
{
    const char *outer = page->prefix, *before = page_first(page);
    enum spacing spacing = cmark_node_get_list_tight(list) ? SPACING_TIGHT : SPACING_LOOSE;
    int number = cmark_node_get_list_start(list);

    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
        const char *bullet = bullet_for(page, list, item, number++);
        if (cmark_node_previous(item) && spacing == SPACING_LOOSE)
            page_gap(page);
        page->bullet = talloc_asprintf(page->mem, "%s%s", before, bullet);
        page->prefix = talloc_asprintf(page->mem, "%s%s", outer, text_blanks(text_width(bullet)));
        before = outer;
        print_children(page, item, spacing);
        if (page->bullet) /* an empty item */
            fprintf(page->stream, "%s\n", page_first(page));
        page->prefix = outer;
    }
}

static void print_rule(struct page *page, cmark_node *node)
{
    size_t columns = (size_t)page->style->width / 2;

    (void)node;
    fputs(page_first(page), page->stream);
    for (size_t i = 0; i < columns; i++)
        fputs(page->style->utf8 ? "─" : "-", page->stream);
    putc('\n', page->stream);
}

static void print_block(struct page *page, cmark_node *node)
{
    static const struct {
        const char *type;
        void (*print)(struct page *page, cmark_node *node);
    } printers[] = {
        {"heading", print_heading},   {"paragraph", print_paragraph}, {"code_block", print_code},
        {"block_quote", print_quote}, {"list", print_list},           {"thematic_break", print_rule},
        {"table", page_print_table},
    };

    for (size_t i = 0; i < sizeof printers / sizeof *printers; i++)
        if (strcmp(cmark_node_get_type_string(node), printers[i].type) == 0) {
            printers[i].print(page, node);
            return;
        }
    print_children(page, node, SPACING_LOOSE);
}

/* --- the document -----------------------------------------------------------------------------------------
 */

static cmark_node *parse(const char *markdown)
{
    static const char *const extensions[] = {"table", "strikethrough", "autolink", "tasklist"};
    cmark_parser *parser;
    cmark_node *document;

    cmark_gfm_core_extensions_ensure_registered();
    parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        cmark_syntax_extension *extension = cmark_find_syntax_extension(extensions[i]);
        if (extension)
            cmark_parser_attach_syntax_extension(parser, extension);
    }
    cmark_parser_feed(parser, markdown, strlen(markdown));
    document = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    return document;
}

void report_markdown(FILE *stream, const char *markdown, const struct report_style *style)
{
    cmark_node *document = parse(markdown);
    struct page page = {.mem = talloc_new(NULL), .stream = stream, .style = style, .prefix = ""};

    print_children(&page, document, SPACING_LOOSE);
    talloc_free(page.mem);
    cmark_node_free(document);
}
