/* smooth.c - the moving average and the window of smooth.h.
 *
 * A window holds its samples twice: in a ring by age, to know which one leaves, and in a sorted array, to
 * know percentiles without sorting at every question. Both lie in one block behind the struct.
 */
#include "smooth.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- moving average ------------------------------------------------------------------------------------ */

void pool_ewma_init(struct pool_ewma *ewma, uint64_t tau)
{
    *ewma = (struct pool_ewma){.tau = tau};
}

static double weight(const struct pool_ewma *ewma, uint64_t now)
{
    if (ewma->count == 0 || ewma->tau == 0)
        return 1;
    if (now <= ewma->at)
        return 0;
    return -expm1(-(double)(now - ewma->at) / (double)ewma->tau);
}

double pool_ewma_add(struct pool_ewma *ewma, uint64_t now, double value)
{
    if (!isfinite(value))
        return ewma->value;
    double w = weight(ewma, now);
    /* not value + w (new - value): the difference of two huge values may overflow */
    ewma->value = (1 - w) * ewma->value + w * value;
    ewma->at = now > ewma->at ? now : ewma->at;
    ewma->count += ewma->count < UINT64_MAX;
    return ewma->value;
}

uint64_t pool_ewma_tau(double alpha, uint64_t interval)
{
    if (!(alpha > 0 && alpha < 1))
        return 0;
    double tau = -(double)interval / log1p(-alpha);
    return tau < 0x1p64 ? (uint64_t)tau : UINT64_MAX;
}

/* --- window -------------------------------------------------------------------------------------------- */

struct reading {
    uint64_t at;
    double value;
};

struct pool_window {
    size_t capacity; /* fixed after create, as is */
    uint64_t span;
    size_t first, count; /* the ring's oldest, and how many */
    double *sorted;      /* the same `count` values, ascending */
    struct reading ring[];
};

enum pool_status pool_window_create(struct pool_window **window, size_t capacity, uint64_t span)
{
    if (!window)
        return POOL_INVALID;
    *window = NULL;
    if (capacity == 0 || capacity > POOL_WINDOW_MOST)
        return POOL_INVALID;
    struct pool_window *made =
        calloc(1, sizeof *made + capacity * (sizeof made->ring[0] + sizeof made->sorted[0]));
    if (!made)
        return POOL_NO_MEMORY;
    made->capacity = capacity;
    made->span = span;
    made->sorted = (double *)(made->ring + capacity);
    *window = made;
    return POOL_OK;
}

void pool_window_destroy(struct pool_window *window)
{
    free(window);
}

/* The place of the first sorted value that is not below VALUE. */
static size_t place_of(const struct pool_window *window, double value)
{
    size_t low = 0, high = window->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (window->sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop_oldest(struct pool_window *window)
{
    size_t at = place_of(window, window->ring[window->first].value);
    assert(at < window->count);
    memmove(window->sorted + at, window->sorted + at + 1, (window->count - at - 1) * sizeof *window->sorted);
    window->first = (window->first + 1) % window->capacity;
    window->count--;
}

static void drop_old(struct pool_window *window, uint64_t now)
{
    while (window->span && window->count && now > window->ring[window->first].at &&
           now - window->ring[window->first].at > window->span)
        drop_oldest(window);
}

void pool_window_add(struct pool_window *window, uint64_t now, double value)
{
    drop_old(window, now);
    if (!isfinite(value))
        return;
    if (window->count == window->capacity)
        drop_oldest(window);
    size_t at = place_of(window, value);
    memmove(window->sorted + at + 1, window->sorted + at, (window->count - at) * sizeof *window->sorted);
    window->sorted[at] = value;
    window->ring[(window->first + window->count++) % window->capacity] = (struct reading){now, value};
}

size_t pool_window_count(struct pool_window *window, uint64_t now)
{
    drop_old(window, now);
    return window->count;
}

double pool_window_mean(struct pool_window *window, uint64_t now)
{
    double sum = 0;

    drop_old(window, now);
    for (size_t i = 0; i < window->count; i++)
        sum += window->sorted[i] / (double)window->count; /* no running sum: its rounding errors would stay */
    return window->count ? sum : NAN;
}

double pool_window_percentile(struct pool_window *window, uint64_t now, double share)
{
    drop_old(window, now);
    if (window->count == 0 || !(share >= 0 && share <= 1))
        return NAN;
    double rank = ceil(share * (double)window->count * (1 - 1e-12));
    return window->sorted[rank < 1 ? 0 : (size_t)rank - 1];
}
