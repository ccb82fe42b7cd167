/* books.h - what the report service writes down about its tenants: who asked for how much, who got it, who
 * waits since when, and how long B waited.
 *
 * One cell for each second and tenant, and a ring of the times since which reports wait, at their number. Any
 * thread may call any function. All is kept in relaxed atomics: nothing here orders what a policy does, so
 * ThreadSanitizer still sees its races. For the same reason there is one set of books: the engine's thread
 * reads it without a hand-over that ThreadSanitizer could see.
 *
 * Everything is static, and only service.c includes it: a policy cannot write into these books.
 */
#ifndef INCIDENT_17_BOOKS_H
#define INCIDENT_17_BOOKS_H

#include "incident.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TENANT_A, TENANT_B, TENANT_C, TENANT_D, TENANT_E, BOOK_TENANTS, PAGES_PER_SECOND = 500 };
enum { LITTLE = 300 }; /* pages in ten seconds: three seconds of a fifth of what there is */

enum { SECONDS = 1024, WINDOW = 10, BUSY = WINDOW + 2, SLOTS = 1 << 15, WAITS = 100 };

static struct {
    struct tenant_book {
        atomic_ulong asked, rendered; /* pages */
        atomic_uint asked_in[SECONDS], rendered_in[SECONDS];
        atomic_ulong came; /* reports, and so the number of the last one */
        atomic_ulong gone; /* all up to this number wait no more; it may lag */
        atomic_uint waiting;
        _Atomic double since[SLOTS]; /* when number n came, at n % SLOTS; 0: it does not wait */
    } tenant[BOOK_TENANTS];
    _Atomic double b_waits[WAITS]; /* ms, the last ones */
    atomic_ulong b_count;
} books;

#define GET(from)      atomic_load_explicit(&(from), memory_order_relaxed)
#define SET(to, value) atomic_store_explicit(&(to), value, memory_order_relaxed)
#define ADD(to, value) atomic_fetch_add_explicit(&(to), value, memory_order_relaxed)

/* --- writing ------------------------------------------------------------------------------------------- */

static unsigned this_second(void)
{
    double now = incident_seconds();
    return now < SECONDS - 1 ? (unsigned)now : SECONDS - 1;
}

/* TENANT asks for PAGES. Returns the number of its report. */
static unsigned long books_asks(unsigned tenant, unsigned pages)
{
    struct tenant_book *book = &books.tenant[tenant];
    unsigned long number = GET(book->came) + 1;

    ADD(book->asked, pages);
    ADD(book->asked_in[this_second()], pages);
    ADD(book->waiting, 1);
    SET(book->since[number % SLOTS], incident_seconds());
    SET(book->came, number); /* a tenant's callers come in one thread */
    return number;
}

/* The report of that number is refused after all; or it is taken up. */
static void books_refuses(unsigned tenant, unsigned long number)
{
    ADD(books.tenant[tenant].waiting, -1u);
    SET(books.tenant[tenant].since[number % SLOTS], 0);
}

static void books_begins(unsigned tenant, unsigned long number, double waited)
{
    books_refuses(tenant, number);
    if (tenant == TENANT_B)
        SET(books.b_waits[ADD(books.b_count, 1) % WAITS], waited * 1000);
}

/* One page of TENANT's was rendered. */
static void books_page(unsigned tenant)
{
    ADD(books.tenant[tenant].rendered, 1);
    ADD(books.tenant[tenant].rendered_in[this_second()], 1);
}

/* --- reading ------------------------------------------------------------------------------------------- */

/* Reports of TENANT that wait. */
static unsigned books_waiting(unsigned tenant)
{
    return GET(books.tenant[tenant].waiting);
}

/* Pages it asked for, and pages that were rendered for it, so far. */
static unsigned long books_asked(unsigned tenant)
{
    return GET(books.tenant[tenant].asked);
}

static unsigned long books_rendered(unsigned tenant)
{
    return GET(books.tenant[tenant].rendered);
}

/* Reports that wait. This and the next are gauges: the argument is not looked at. */
static double books_all_waiting(void *unused)
{
    unsigned waiting = 0;

    (void)unused;
    for (unsigned i = 0; i < BOOK_TENANTS; i++)
        waiting += books_waiting(i);
    return waiting;
}

static double books_waiting_of_a(void *unused)
{
    (void)unused;
    return books_waiting(TENANT_A);
}

/* Seconds for which the oldest of TENANT's reports has waited, or the one behind it (SKIP 1); 0: there is none. */
static double waits_for(unsigned tenant, unsigned skip)
{
    struct tenant_book *book = &books.tenant[tenant];
    unsigned long last = GET(book->came), gone = GET(book->gone);

    for (unsigned long number = gone + 1; number <= last; number++) {
        double since = GET(book->since[number % SLOTS]);
        if (since > 0 && skip-- == 0)
            return incident_seconds() - since;
        if (since <= 0 && number == gone + 1)
            SET(book->gone, ++gone);
    }
    return 0;
}

/* Seconds for which the oldest of all has waited. */
static double books_oldest(void *unused)
{
    double oldest = 0;

    (void)unused;
    for (unsigned i = 0; i < BOOK_TENANTS; i++)
        oldest = fmax(oldest, waits_for(i, 0));
    return oldest;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 99th percentile (nearest rank) of the waits of the last hundred of B's reports that were taken up, in ms. If
 * that is more, for how long the second oldest of B's has waited by now: it does not look well that B is never
 * served. */
static double books_wait_of_b(void *unused)
{
    unsigned long count = GET(books.b_count);
    size_t kept = count < WAITS ? count : WAITS;
    double waits[WAITS];

    (void)unused;
    for (size_t i = 0; i < kept; i++)
        waits[i] = GET(books.b_waits[i]);
    qsort(waits, kept, sizeof waits[0], by_value);
    return fmax(kept ? waits[(99 * kept + 99) / 100 - 1] : 0, waits_for(TENANT_B, 1) * 1000);
}

/* Over the ten whole seconds before this one. */
static double in_window(const atomic_uint *cells)
{
    unsigned now = this_second();
    double sum = 0;

    for (unsigned s = now < WINDOW ? 0 : now - WINDOW; s < now; s++)
        sum += GET(cells[s]);
    return sum;
}

/* TENANT has asked for LITTLE, in the window and in this second. */
static int books_asks_little(unsigned tenant)
{
    const atomic_uint *asked = books.tenant[tenant].asked_in;
    return in_window(asked) + GET(asked[this_second()]) <= LITTLE;
}

/* R. Jain's index of the pages rendered for each tenant in the window, 1 unless every one of them asked for more
 * than a fifth of all that can be rendered (R. Jain, D. Chiu, W. Hawe, "A quantitative measure of fairness and
 * discrimination", DEC-TR-301, 1984). */
static double books_jain(void *unused)
{
    const double fifth = (double)PAGES_PER_SECOND * WINDOW / BOOK_TENANTS;
    double sum = 0, squares = 0;

    (void)unused;
    for (int i = 0; i < BOOK_TENANTS; i++) {
        double got = in_window(books.tenant[i].rendered_in);
        if (in_window(books.tenant[i].asked_in) <= fifth)
            return 1;
        sum += got;
        squares += got * got;
    }
    return squares > 0 ? sum * sum / (BOOK_TENANTS * squares) : 1;
}

/* The pages rendered for A in the window, in per cent of those that the others left over. 100 unless A asked for
 * half of all that can be rendered in each of these seconds and the two before. */
static double books_a_of_idle(void *unused)
{
    const struct tenant_book *a = &books.tenant[TENANT_A];
    double left = (double)PAGES_PER_SECOND * WINDOW;
    unsigned now = this_second();

    (void)unused;
    for (unsigned s = now < BUSY ? 0 : now - BUSY; s < now; s++)
        if (GET(a->asked_in[s]) < PAGES_PER_SECOND / 2)
            return 100;
    for (int i = TENANT_B; i < BOOK_TENANTS; i++)
        left -= in_window(books.tenant[i].rendered_in);
    return now >= BUSY && left > 0 ? 100 * in_window(a->rendered_in) / left : 100;
}

#endif
