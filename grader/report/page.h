/* page.h - Markdown on its way to the terminal, for report/ alone: markdown.c walks the blocks, table.c lays
 * out tables. */
#ifndef DEEPEND_PAGE_H
#define DEEPEND_PAGE_H

#include "report/text.h"
#include <cmark-gfm.h>

struct page {
    void *mem; /* for texts in between; goes when the page is done */
    FILE *stream;
    const struct report_style *style;
    const char *prefix; /* before every line of the block */
    const char *bullet; /* instead of it before the next line only, or NULL */
};

/* The children of NODE as one text, with accents if the page has colour. */
char *page_inline(const struct page *page, cmark_node *node);

/* What stands before the next line: the bullet once, else the prefix. */
const char *page_first(struct page *page);

void page_print_table(struct page *page, cmark_node *node);

#endif
