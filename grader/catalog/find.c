/* find.c - which exercise a person means. See catalog_find in catalog.h.
 *
 * Rules from strict to loose; the first that any exercise satisfies decides. Folders' names are taken as well
 * (a shell completes "work/junior/01-first/"), and what comes near is offered when nothing fits.
 */
#include "catalog/catalog.h"
#include "catalog/suggest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { NEAR_MOST = 3 };

/* --- the rules ----------------------------------------------------------------------------------------- */

static const char *slug_of(const struct exercise *exercise)
{
    return strchr(exercise->id, '/') + 1; /* "01-captured-variable" */
}

static int by_id(const struct exercise *exercise, const char *name)
{
    return strcasecmp(exercise->id, name) == 0;
}

/* "junior/1" and "junior/01"; where there are no levels, "1" and "01". */
static int by_number(const struct exercise *exercise, const char *name)
{
    if (exercise->incident && name[strspn(name, "0123456789")] == '\0')
        return atoi(name) == atoi(slug_of(exercise));
    const char *slash = strchr(name, '/');
    size_t level = slash ? (size_t)(slash - name) : 0;

    if (!slash || !isdigit((unsigned char)slash[1]) || slash[1 + strspn(slash + 1, "0123456789")] != '\0')
        return 0;
    return strncasecmp(exercise->id, name, level + 1) == 0 && atoi(slash + 1) == atoi(slug_of(exercise));
}

static int by_slug(const struct exercise *exercise, const char *name)
{
    return strcasecmp(slug_of(exercise), name) == 0;
}

static int by_words(const struct exercise *exercise, const char *name)
{
    return strcasecmp(slug_of(exercise) + 3, name) == 0;
}

static int by_part(const struct exercise *exercise, const char *name)
{
    return strcasestr(exercise->id, name) != NULL;
}

/* --- what is near -------------------------------------------------------------------------------------- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How far NAME is from the closest way to name EXERCISE. */
static unsigned distance_to(const struct exercise *exercise, const char *name)
{
    unsigned distance = edit_distance(name, exercise->id);
    distance = least(distance, edit_distance(name, slug_of(exercise)));
    return least(distance, edit_distance(name, slug_of(exercise) + 3));
}

/* The ids of the nearest exercises, nearest first: "; did you mean A or B?". Empty when none is near. */
static char *tell_near(void *mem, const struct catalog *catalog, const char *name)
{
    char *text = talloc_strdup(mem, "");
    int told = 0;

    for (unsigned distance = 1; distance <= 3; distance++)
        for (size_t i = 0; i < catalog->exercise_count && told < NEAR_MOST; i++) {
            const struct exercise *exercise = catalog->exercises[i];
            if (distance_to(exercise, name) == distance && is_near(distance, strlen(name)))
                text =
                    talloc_asprintf_append(text, "%s%s", told++ ? " or " : "; did you mean ", exercise->id);
        }
    return told ? talloc_asprintf_append(text, "?") : text;
}

/* --- finding ------------------------------------------------------------------------------------------- */

/* NAME without a folder before it or a slash behind it. */
static char *strip(void *mem, const char *name)
{
    static const char *const prefixes[] = {"./", "exercises/", "work/", "incidents/"};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    size_t length = strlen(name);
    while (length > 0 && name[length - 1] == '/')
        length--;
    return talloc_strndup(mem, name, length);
}

/* All that satisfy RULE. The first of them goes to *FOUND, and their ids, joined, are the result. */
static char *match(void *mem, const struct catalog *catalog, const char *name,
                   int (*rule)(const struct exercise *, const char *), const struct exercise **found,
                   size_t *count)
{
    char *ids = talloc_strdup(mem, "");

    *count = 0;
    for (size_t i = 0; i < catalog->exercise_count; i++) {
        if (!rule(catalog->exercises[i], name))
            continue;
        if ((*count)++ == 0)
            *found = catalog->exercises[i];
        ids = talloc_asprintf_append(ids, "%s%s", *count > 1 ? ", " : "", catalog->exercises[i]->id);
    }
    return ids;
}

static int (*const rules[])(const struct exercise *, const char *) = {by_id, by_number, by_slug, by_words,
                                                                      by_part};
enum { RULES = sizeof rules / sizeof rules[0] };

/* What is wrong with the exercise that NAME means among those that were left out, or NULL. */
static const char *fault_of(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < RULES; i++)
        for (size_t k = 0; k < catalog->faulty_count; k++) {
            struct exercise exercise = {.id = catalog->faulty[k].id};
            if (strchr(exercise.id, '/') && rules[i](&exercise, name))
                return catalog->faulty[k].message;
        }
    return NULL;
}

/* The rules in turn. */
static const struct exercise *search(void *mem, const struct catalog *catalog, const char *name,
                                     struct error *err)
{
    const struct exercise *found = NULL;

    for (size_t i = 0; i < RULES; i++) {
        size_t count;
        const char *ids = match(mem, catalog, name, rules[i], &found, &count);
        if (count == 1)
            return found;
        if (count > 1) {
            error_usage(err, "'%s' could be %s: type a little more of it", name, ids);
            return NULL;
        }
    }
    if (fault_of(catalog, name)) {
        error_grader(err, "%s", fault_of(catalog, name));
        return NULL;
    }
    error_usage(err, "there is no %s '%s'%s (`deepend list` shows them all)", catalog->noun, name,
                tell_near(mem, catalog, name));
    return NULL;
}

const struct exercise *catalog_find(const struct catalog *catalog, const char *name, struct error *err)
{
    void *mem = talloc_new(NULL);
    const char *plain = strip(mem, name);
    const struct exercise *found = NULL;

    if (catalog->exercise_count == 0)
        error_usage(err, "there are no %ss yet", catalog->noun);
    else if (plain[0] == '\0')
        error_usage(err, "an %s is needed, such as %s", catalog->noun, catalog->exercises[0]->id);
    else
        found = search(mem, catalog, plain, err);
    talloc_free(mem);
    return found;
}
