/* metrics_series.c - which series a registry has: finding, making and removing them.
 *
 * A family is one name with one kind and one help; its series differ in the values of their labels. A scrape
 * prints several names for a histogram, so those are taken as well. Lists, searched from the front: series
 * are registered once and there are dozens, not thousands.
 */
#include "metrics_inside.h"

#include <stdlib.h>
#include <string.h>

/* --- names that collide -------------------------------------------------------------------------------- */

/* NAME is one of the lines that a histogram called HISTOGRAM prints. */
static bool is_line_of(const char *name, const char *histogram)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    size_t length = strlen(histogram);
    if (strncmp(name, histogram, length) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(name + length, suffixes[i]) == 0)
            return true;
    return false;
}

static bool collides_locked(const struct pool_metrics *metrics, const char *name, enum metric_kind kind)
{
    for (const struct metric_family *family = metrics->families; family; family = family->next)
        if ((family->kind == KIND_HISTOGRAM && is_line_of(name, family->name)) ||
            (kind == KIND_HISTOGRAM && is_line_of(family->name, name)))
            return true;
    return false;
}

static struct metric_family *find_family_locked(struct pool_metrics *metrics, const char *name)
{
    struct metric_family *family = metrics->families;
    while (family && strcmp(family->name, name) != 0)
        family = family->next;
    return family;
}

/* --- making -------------------------------------------------------------------------------------------- */

/* A copy of TEXT in *COPY; NULL gives NULL. False: out of memory. */
static bool copy(char **copy, const char *text)
{
    struct pool_text made = {0};
    if (text)
        pool_text_put(&made, text);
    *copy = made.data;
    return !made.failed;
}

static void family_free(struct metric_family *family)
{
    free(family->label_names);
    free(family->help);
    free(family->name);
    free(family);
}

/* Not in the registry yet. Takes LABEL_NAMES if it succeeds. */
static struct metric_family *family_new(const struct pool_series *series, enum metric_kind kind,
                                        char *label_names)
{
    struct metric_family *family = calloc(1, sizeof *family);
    if (!family)
        return NULL;
    family->kind = kind;
    if (!copy(&family->name, series->name) || !copy(&family->help, series->help)) {
        family_free(family);
        return NULL;
    }
    family->label_names = label_names;
    return family;
}

static void series_free(struct metric_series *series, enum metric_kind kind)
{
    if (!series->source && kind == KIND_COUNTER)
        free(series->counter.cells);
    else if (!series->source && kind == KIND_GAUGE)
        free(series->gauge.cells);
    else if (!series->source)
        free(series->histogram.rows);
    free(series->labels);
    free(series);
}

static bool same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

/* Put a new series at the end of FAMILY. Takes LABELS. NULL: out of memory. */
static struct metric_series *append_locked(struct metric_family *family, char *labels)
{
    struct metric_series *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->labels = labels;
    struct metric_series **link = &family->series;
    while (*link)
        link = &(*link)->next;
    *link = made;
    family->count++;
    return made;
}

static void link_family_locked(struct pool_metrics *metrics, struct metric_family *family)
{
    struct metric_family **link = &metrics->families;
    while (*link)
        link = &(*link)->next;
    *link = family;
}

/* A family that nobody has, with one series. Takes LABELS and NAMES if it succeeds. */
static enum pool_status make_both_locked(struct pool_metrics *metrics, const struct pool_series *series,
                                         enum metric_kind kind, char *labels, char *names,
                                         struct metric_series **found)
{
    if (collides_locked(metrics, series->name, kind))
        return POOL_INVALID;
    struct metric_family *family = family_new(series, kind, names);
    if (!family)
        return POOL_NO_MEMORY;
    *found = append_locked(family, labels);
    if (!*found) {
        family->label_names = NULL;
        family_free(family);
        return POOL_NO_MEMORY;
    }
    link_family_locked(metrics, family);
    return POOL_OK;
}

static struct metric_series *find_series_locked(const struct metric_family *family, const char *labels)
{
    struct metric_series *series = family->series;
    while (series && strcmp(series->labels, labels) != 0)
        series = series->next;
    return series;
}

enum pool_status pool_series_get_locked(struct pool_metrics *metrics, const struct pool_series *series,
                                        enum metric_kind kind, struct metric_series **found, bool *fresh)
{
    struct pool_text labels = {0}, names = {0};
    enum pool_status status = POOL_OK;

    assert(lock_is_mine(&metrics->lock));
    *fresh = false;
    if (!pool_series_is_valid(series))
        return POOL_INVALID;
    pool_series_print(series, &labels, &names);
    struct metric_family *family = find_family_locked(metrics, series->name);
    if (labels.failed || names.failed) {
        status = POOL_NO_MEMORY;
    } else if (!family) {
        status = make_both_locked(metrics, series, kind, labels.data, names.data, found);
        *fresh = status == POOL_OK;
        names.data = *fresh ? NULL : names.data;
    } else if (family->kind != kind || !same_text(family->help, series->help) ||
               strcmp(family->label_names, names.data) != 0) {
        status = POOL_INVALID;
    } else if ((*found = find_series_locked(family, labels.data))) {
        status = (*found)->source ? POOL_INVALID : POOL_OK;
    } else if (family->count >= metrics->series_limit) {
        status = POOL_REJECTED;
    } else {
        *found = append_locked(family, labels.data);
        *fresh = *found != NULL;
        status = *fresh ? POOL_OK : POOL_NO_MEMORY;
    }
    if (!*fresh)
        free(labels.data);
    free(names.data);
    return status;
}

/* --- removing ------------------------------------------------------------------------------------------ */

static struct metric_series **link_to(struct metric_family *family, const struct metric_series *series)
{
    struct metric_series **link = &family->series;
    while (*link && *link != series)
        link = &(*link)->next;
    return link;
}

void pool_series_remove_locked(struct pool_metrics *metrics, struct metric_series *series)
{
    assert(lock_is_mine(&metrics->lock));
    struct metric_family **family = &metrics->families;
    struct metric_series **link = link_to(*family, series);
    while (*link != series) {
        family = &(*family)->next;
        link = link_to(*family, series);
    }
    *link = series->next;
    (*family)->count--;
    series_free(series, (*family)->kind);
    if (!(*family)->series) {
        struct metric_family *empty = *family;
        *family = empty->next;
        family_free(empty);
    }
}
