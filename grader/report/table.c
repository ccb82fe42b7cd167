/* table.c - a Markdown table in columns. See page.h.
 *
 * Columns are as wide as their widest cell. When that is too wide for the page, the widest give way first,
 * and their cells are wrapped. Cells carry no accents but the head's, because an accent must not run over
 * into the next column.
 */
#include "report/page.h"

#include <cmark-gfm-core-extensions.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { BETWEEN = 2 /* blanks between columns */, NARROWEST = 8 };

struct table {
    size_t rows, columns;
    char **cells; /* row by row; the first is the head */
    size_t *widths;
    const uint8_t *alignments; /* 'l', 'c', 'r' or 0 for each column */
};

static size_t count_children(cmark_node *node)
{
    size_t count = 0;

    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child))
        count++;
    return count;
}

static struct table table_read(const struct page *page, cmark_node *node)
{
    struct report_style plain = *page->style;
    struct page without_accents = *page;
    struct table table = {count_children(node), cmark_gfm_extensions_get_table_columns(node), NULL, NULL,
                          cmark_gfm_extensions_get_table_alignments(node)};
    size_t row = 0;

    plain.colour = 0;
    without_accents.style = &plain;
    table.cells = talloc_zero_array(page->mem, char *, table.rows *table.columns);
    table.widths = talloc_zero_array(page->mem, size_t, table.columns);
    for (cmark_node *line = cmark_node_first_child(node); line; line = cmark_node_next(line), row++) {
        size_t column = 0;
        for (cmark_node *cell = cmark_node_first_child(line); cell && column < table.columns;
             cell = cmark_node_next(cell)) {
            char *text = page_inline(&without_accents, cell);
            size_t width = text_width(text);
            table.cells[row * table.columns + column] = text;
            table.widths[column] = width > table.widths[column] ? width : table.widths[column];
            column++;
        }
    }
    return table;
}

/* Take columns from the widest until all fit into ROOM, or none can give more. */
static void table_fit(struct table *table, size_t room)
{
    for (;;) {
        size_t total = BETWEEN * (table->columns - 1), widest = 0;
        for (size_t i = 0; i < table->columns; i++) {
            total += table->widths[i];
            if (table->widths[i] > table->widths[widest])
                widest = i;
        }
        if (total <= room || table->widths[widest] <= NARROWEST)
            return;
        table->widths[widest]--;
    }
}

/* TEXT wrapped to WIDTH, as lines. */
static char *wrapped(const struct page *page, const char *text, size_t width)
{
    char *buffer = NULL, *copy;
    size_t size;
    FILE *memory = open_memstream(&buffer, &size);

    if (!memory)
        return talloc_strdup(page->mem, text);
    text_wrap(memory, text, "", "", (int)width);
    fclose(memory);
    copy = talloc_strdup(page->mem, buffer);
    free(buffer);
    return copy;
}

static size_t blanks_before(size_t free, uint8_t alignment)
{
    return alignment == 'r' ? free : alignment == 'c' ? free / 2 : 0;
}

/* Append the next line of one cell to LINE, padded to its column unless it is the last; step over it. */
static char *append_piece(struct page *page, const struct table *table, size_t column, char **rest, int head,
                          char *line)
{
    size_t length = strcspn(*rest, "\n");
    const char *text = talloc_strndup(page->mem, *rest, length);
    size_t width = text_width(text), column_width = table->widths[column];
    size_t free = column_width > width ? column_width - width : 0;
    size_t before = *text ? blanks_before(free, table->alignments ? table->alignments[column] : 0) : 0;
    int last = column + 1 == table->columns;

    *rest += length + ((*rest)[length] == '\n');
    return talloc_asprintf_append(line, "%s%s%s", text_blanks(before),
                                  head ? text_paint(page->mem, page->style, ACCENT_BOLD, text) : text,
                                  last ? "" : text_blanks(free - before + BETWEEN));
}

static int any_left(char *const *rest, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (*rest[i])
            return 1;
    return 0;
}

static void print_row(struct page *page, const struct table *table, size_t row)
{
    char **rest = talloc_zero_array(page->mem, char *, table->columns);

    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = table->cells[row * table->columns + i];
        rest[i] = wrapped(page, cell ? cell : "", table->widths[i]);
    }
    do {
        char *line = talloc_strdup(page->mem, "");
        size_t length;
        for (size_t i = 0; i < table->columns; i++)
            line = append_piece(page, table, i, &rest[i], row == 0, line);
        for (length = strlen(line); length > 0 && line[length - 1] == ' '; length--)
            ;
        fprintf(page->stream, "%s%.*s\n", page_first(page), (int)length, line);
    } while (any_left(rest, table->columns));
}

static void print_line(struct page *page, const struct table *table)
{
    fputs(page_first(page), page->stream);
    for (size_t i = 0; i < table->columns; i++) {
        for (size_t j = 0; j < table->widths[i]; j++)
            fputs(page->style->utf8 ? "─" : "-", page->stream);
        fputs(i + 1 < table->columns ? text_blanks(BETWEEN) : "", page->stream);
    }
    putc('\n', page->stream);
}

void page_print_table(struct page *page, cmark_node *node)
{
    struct table table = table_read(page, node);
    size_t prefix = text_width(page->prefix), width = (size_t)page->style->width;

    if (table.columns == 0)
        return;
    table_fit(&table, width > prefix ? width - prefix : 1);
    for (size_t row = 0; row < table.rows; row++) {
        print_row(page, &table, row);
        if (row == 0)
            print_line(page, &table);
    }
}
