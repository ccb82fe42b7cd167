/* pages.c - see pages.h. */
#include "pages.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;
    struct page *unused; /* guarded by lock, as is */
    struct page *kept;
} pages = {PTHREAD_MUTEX_INITIALIZER, NULL, NULL};

static void put(struct page **list, struct page *page)
{
    pthread_mutex_lock(&pages.lock);
    page->next = *list;
    *list = page;
    pthread_mutex_unlock(&pages.lock);
}

static struct page *take_unused(void)
{
    pthread_mutex_lock(&pages.lock);
    struct page *page = pages.unused;
    if (page)
        pages.unused = page->next;
    pthread_mutex_unlock(&pages.lock);
    if (page)
        memset(page, 0, sizeof *page);
    return page;
}

void page_free(struct page *page)
{
    put(&pages.unused, page);
}

int page_keep(struct page *page)
{
    put(&pages.kept, page);
    return page->next == NULL;
}

static void free_list(struct page *page)
{
    while (page) {
        struct page *next = page->next;
        free(page);
        page = next;
    }
}

void pages_free(void)
{
    free_list(pages.unused);
    free_list(pages.kept);
    pages.unused = pages.kept = NULL;
}

/* --- the tree ------------------------------------------------------------------------------------------ */

static struct fragment *add_part(struct page *page, struct fragment *whole)
{
    struct fragment *part = &page->fragments[page->count++];

    part->page = page;
    part->whole = whole;
    part->level = whole ? whole->level + 1 : 0;
    if (whole)
        whole->parts[whole->part_count++] = part;
    return part;
}

struct page *page_new(struct request *request, unsigned levels)
{
    struct page *page = take_unused();

    if (!page)
        page = calloc(1, sizeof *page);
    if (!page)
        return NULL;
    page->request = request;
    struct fragment *whole = add_part(page, NULL);
    struct fragment *first = add_part(page, whole);
    for (int i = 1; i < BLOCKS; i++)
        add_part(page, whole);
    while (first->level + 1 < levels)
        first = add_part(page, first);
    return page;
}

unsigned page_ready(const struct page *page)
{
    unsigned ready = 0;

    for (unsigned i = 0; i < page->count; i++)
        ready += page->fragments[i].is_assembled != 0;
    return ready;
}

unsigned fragment_parts(const struct fragment *fragment)
{
    return fragment->part_count;
}

struct fragment *fragment_part(struct fragment *fragment, unsigned index)
{
    return index < fragment->part_count ? fragment->parts[index] : NULL;
}

struct fragment *fragment_whole(struct fragment *fragment)
{
    return fragment->whole;
}

void *fragment_room(struct fragment *fragment)
{
    return fragment->room;
}
