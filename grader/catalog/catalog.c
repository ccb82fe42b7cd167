/* catalog.c - finds the exercises: every folder exercises/LEVEL/NN-slug. See catalog.h.
 *
 * The folders are the list: there is no other to forget. Anything else that stands in exercises/ as a folder
 * is an error, so that a misspelt level cannot hide an exercise.
 */
#include "catalog/catalog.h"
#include "catalog/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static const char *const level_names[] = {"junior", "middle", "senior", "staff"};
static const char *const kind_names[] = {"fix",    "implement", "predict", "size",
                                         "review", "diagnose",  "design"};

enum {
    LEVELS = sizeof level_names / sizeof level_names[0],
    KINDS = sizeof kind_names / sizeof kind_names[0]
};

const char *kind_name(enum exercise_kind kind)
{
    return (unsigned)kind < KINDS ? kind_names[kind] : "unknown";
}

const char *level_name(enum exercise_level level)
{
    return (unsigned)level < LEVELS ? level_names[level] : "unknown";
}

unsigned exercise_max_score(const struct exercise *exercise)
{
    unsigned sum = 0;
    for (size_t i = 0; i < exercise->check_count; i++)
        sum += exercise->checks[i].points * (unsigned)exercise->checks[i].variant_count;
    return sum;
}

char *exercise_part(void *mem, const struct exercise *exercise, const char *stem)
{
    const char *ending = strrchr(exercise->file, '.');

    if (exercise->incident) /* what people are given is what runs there, and is repaired */
        return talloc_strdup(mem, strcmp(stem, "starter") == 0 ? exercise->file : "fixed.c");
    return talloc_asprintf(mem, "%s%s", stem, ending ? ending : "");
}

/* --- folders ------------------------------------------------------------------------------------------- */

static int is_folder(const char *root, const char *path)
{
    struct stat status;
    char *whole = talloc_asprintf(NULL, "%s/%s", root, path);
    int result = stat(whole, &status) == 0 && S_ISDIR(status.st_mode);
    talloc_free(whole);
    return result;
}

static int is_level(const char *name)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (strcmp(level_names[i], name) == 0)
            return 1;
    return 0;
}

/* NN-slug: two digits, a dash, small letters, digits and dashes. */
static int is_exercise_name(const char *name)
{
    static const char digits[] = "0123456789";
    return strspn(name, digits) == 2 && name[2] == '-' && name[3] != '\0' &&
           name[3 + strspn(name + 3, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* The visible folders in ROOT/PATH, by name, on MEM. A missing PATH has none. -1 when it cannot be read. */
static long list_folders(void *mem, const char *root, const char *path, char ***names, struct error *err)
{
    struct dirent **entries = NULL;
    char *whole = talloc_asprintf(mem, "%s/%s", root, path);
    int found = scandir(whole, &entries, NULL, alphasort);
    long count = 0;

    *names = NULL;
    if (found < 0 && errno != ENOENT)
        return error_grader(err, "%s: it cannot be read: %s", path, strerror(errno));
    for (int i = 0; i < found; i++) {
        char *name = talloc_asprintf(mem, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && is_folder(root, name)) {
            *names = talloc_realloc(mem, *names, char *, (size_t)count + 1);
            (*names)[count++] = name;
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

/* --- loading ------------------------------------------------------------------------------------------- */

/* Mutants by their whole path, as the other stages want them. */
static void make_absolute(void *mem, struct exercise *exercise)
{
    for (size_t i = 0; i < exercise->mutant_count; i++)
        exercise->mutants[i].file =
            talloc_asprintf(mem, "%s/%s", exercise->directory, exercise->mutants[i].file);
}

/* The folder that has the same number as FOLDER in its level: both would be "junior/1". */
static const char *find_same_number(const struct catalog *catalog, const char *folder)
{
    const char *id = folder + strlen("exercises/");
    size_t length = strcspn(id, "/") + 3;

    for (size_t i = 0; i < catalog->exercise_count; i++)
        if (strncmp(catalog->exercises[i]->id, id, length) == 0)
            return catalog->exercises[i]->id;
    return NULL;
}

static int load_exercise(struct catalog *catalog, const char *folder, struct error *err)
{
    struct manifest manifest;

    if (!is_exercise_name(strrchr(folder, '/') + 1))
        return error_grader(err, "%s: an exercise's folder is named NN-words, such as 01-first-steps",
                            folder);
    const char *same = find_same_number(catalog, folder);
    if (same)
        return error_grader(err, "%s: exercises/%s has the same number; give it another", folder, same);
    if (manifest_load(catalog, catalog->root, folder, &manifest, err) != 0 ||
        manifest_validate(&manifest, err) != 0)
        return -1;
    make_absolute(catalog, manifest.exercise);
    catalog->exercises =
        talloc_realloc(catalog, catalog->exercises, struct exercise *, catalog->exercise_count + 1);
    catalog->exercises[catalog->exercise_count++] = manifest.exercise;
    return 0;
}

static void leave_out(struct catalog *catalog, const char *folder, const struct error *err)
{
    catalog->faulty = talloc_realloc(catalog, catalog->faulty, struct faulty, catalog->faulty_count + 1);
    catalog->faulty[catalog->faulty_count++] = (struct faulty){
        talloc_strdup(catalog, folder + strlen("exercises/")), talloc_strdup(catalog, err->text)};
}

static int load_level(struct catalog *catalog, const char *level, struct error *err)
{
    struct error fault;
    char **folders, *path = talloc_asprintf(catalog, "exercises/%s", level);
    long count = list_folders(catalog, catalog->root, path, &folders, err);

    for (long i = 0; i < count; i++)
        if (load_exercise(catalog, folders[i], &fault) != 0)
            leave_out(catalog, folders[i], &fault);
    return count < 0 ? -1 : 0;
}

static int refuse_strange_levels(struct catalog *catalog, struct error *err)
{
    struct error fault;
    char **folders;
    long count = list_folders(catalog, catalog->root, "exercises", &folders, err);

    for (long i = 0; i < count; i++)
        if (!is_level(strrchr(folders[i], '/') + 1)) {
            error_grader(&fault, "%s: there is no such level; known are junior, middle, senior, staff",
                         folders[i]);
            leave_out(catalog, folders[i], &fault);
        }
    return count < 0 ? -1 : 0;
}

struct catalog *catalog_load(void *mem, const char *root, struct error *err)
{
    struct catalog *catalog = talloc_zero(mem, struct catalog);

    catalog->root = talloc_strdup(catalog, root);
    catalog->noun = "exercise";
    if (refuse_strange_levels(catalog, err) != 0)
        goto fail;
    for (size_t i = 0; i < LEVELS; i++)
        if (load_level(catalog, level_names[i], err) != 0)
            goto fail;
    return catalog;
fail:
    talloc_free(catalog);
    return NULL;
}
