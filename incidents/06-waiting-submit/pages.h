/* pages.h - the tree of fragments that a page is, and where pages come from. Private to this incident's service.
 *
 *     struct page *page = page_new(request, 5);     // five levels
 *     ... its fragments are rendered, each by whoever ...
 *     page_free(page);                              // all of them are ready
 *     page_keep(page);                              // or: it was sent, but somebody may still come for a part
 *     pages_free();                                 // at the end
 *
 * Pages are used again, so that a service that runs for long stays at the same few addresses. Any thread may
 * call any function.
 */
#ifndef INCIDENT_06_PAGES_H
#define INCIDENT_06_PAGES_H

#include "incident.h"
#include "policy.h"

#include <stdatomic.h>

enum { BLOCKS = 8, LEVELS_MOST = 8, FRAGMENTS_MOST = 1 + BLOCKS + LEVELS_MOST - 2 };

struct page;

struct fragment {
    struct page *page;
    struct fragment *whole, *parts[FRAGMENT_PARTS];
    unsigned part_count, level;
    int is_fetched, is_assembled; /* by whoever renders it; ordered by the policy */
    _Alignas(16) unsigned char room[FRAGMENT_ROOM];
};

struct page {
    struct request *request;
    atomic_int is_spoilt, is_answered;
    struct page *next; /* in a list of pages.c */
    unsigned count;
    struct fragment fragments[FRAGMENTS_MOST]; /* the first is the page itself */
};

/* Eight blocks, and below the first of them as many levels as there are left of LEVELS. NULL: no memory. */
struct page *page_new(struct request *request, unsigned levels);

/* How many of its fragments are assembled. */
unsigned page_ready(const struct page *page);

void page_free(struct page *page);

/* Not to be used again. 1: the first one. */
int page_keep(struct page *page);

/* Nobody uses any. */
void pages_free(void);

#endif
