/* validate.c - the rules of an exercise that YAML cannot express, one function each, in one table.
 *
 * The strictest one is the last: every check must be the only one that some known-wrong answer fails. Without
 * it a check could be empty and nobody would see. Names of variants are not looked up here: the stages behind
 * this one know them.
 */
#include "catalog/hints.h"
#include "catalog/manifest.h"

#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

enum { HINTS_LEAST = 3, MUTANTS_LEAST = 4, HINTS_BYTES = 256 * 1024 };

/* --- small questions ----------------------------------------------------------------------------------- */

static int is_kind(const char *path, mode_t kind)
{
    struct stat status;
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

/* Whether the exercise's folder has the plain file NAME. */
static int has_file(const struct manifest *manifest, const char *name)
{
    char *path = talloc_asprintf(NULL, "%s/%s", manifest->exercise->directory, name);
    int found = is_kind(path, S_IFREG);
    talloc_free(path);
    return found;
}

/* Whether NAME is the plain name of a file that ends with ENDING, and is not only that. */
static int ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), least = strlen(ending);
    return length > least && name[0] != '.' && !strchr(name, '/') &&
           strcmp(name + length - least, ending) == 0;
}

static int is_c_name(const char *name)
{
    return ends_with(name, ".c");
}

/* What the learner's file, the starter, the solution and the mutants end with. */
static const char *ending_of(const struct exercise *exercise)
{
    return exercise->kind == KIND_PREDICT ? ".txt" : ".c";
}

static int is_made_of(const char *word, const char *letters)
{
    return word[0] != '\0' && word[strspn(word, letters)] == '\0';
}

/* A letter of the seed catalogue, perhaps an A, then a number: "P06", "WA19". */
static int is_seed(const char *word)
{
    if (!strchr("WPCUDMXIBG", word[0]) || word[0] == '\0')
        return 0;
    return is_made_of(word + 1 + (word[1] == 'A'), "0123456789");
}

/* The first of COUNT words that equals one before it, or NULL. */
static const char *find_twice(char *const *words, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(words[i], words[j]) == 0)
                return words[i];
    return NULL;
}

static int is_check(const struct exercise *exercise, const char *name)
{
    for (size_t i = 0; i < exercise->check_count; i++)
        if (strcmp(exercise->checks[i].name, name) == 0)
            return 1;
    return 0;
}

/* --- the rules ----------------------------------------------------------------------------------------- */

static int rule_identity(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;
    const char *folder_id = m->folder + strlen("exercises/");
    const char *level = level_name(e->level);

    if (strcmp(e->id, folder_id) != 0)
        return manifest_fault(m, "id", e->id, err, "the id is %s, but the folder is %s", e->id, folder_id);
    if (strncmp(e->id, level, strlen(level)) != 0 || e->id[strlen(level)] != '/')
        return manifest_fault(m, "level", level, err, "the level is %s, but the folder is %s", level,
                              folder_id);
    if (e->minutes == 0)
        return manifest_fault(m, "minutes", NULL, err, "minutes must be 1 or more");
    return 0;
}

static int rule_covers(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;

    if (e->cover_count == 0)
        return manifest_fault(m, "covers", NULL, err, "covers is empty: name the catalogue rows it teaches");
    for (size_t i = 0; i < e->cover_count; i++)
        if (!is_seed(e->covers[i]))
            return manifest_fault(m, "covers", e->covers[i], err,
                                  "covers: '%s' is no catalogue id such as P06 or WA19", e->covers[i]);
    const char *twice = find_twice(e->covers, e->cover_count);
    if (twice)
        return manifest_fault(m, "covers", twice, err, "covers: %s stands twice", twice);
    return 0;
}

static int rule_names(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;

    if (!ends_with(e->file, ending_of(e)))
        return manifest_fault(m, "file", e->file, err, "file: '%s' must be the plain name of a %s file",
                              e->file, ending_of(e));
    for (size_t i = 0; i < e->strict_count; i++)
        if (!is_made_of(e->strict[i], "abcdefghijklmnopqrstuvwxyz0123456789-+="))
            return manifest_fault(m, "strict", e->strict[i], err,
                                  "strict: '%s' is no warning; write it without -W", e->strict[i]);
    return 0;
}

static int need_file(const struct manifest *m, const char *name, struct error *err)
{
    return has_file(m, name) ? 0 : error_grader(err, "%s/%s: every exercise needs one", m->folder, name);
}

static int rule_files(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;
    void *mem = talloc_new(NULL);
    const char *const needed[] = {"task.md", exercise_part(mem, e, "starter"),
                                  exercise_part(mem, e, "solution"), "hints.md",
                                  e->kind == KIND_PREDICT ? NULL : "check.c"};
    int result = 0;

    for (size_t i = 0; i < sizeof needed / sizeof needed[0] && result == 0; i++)
        if (needed[i])
            result = need_file(m, needed[i], err);
    talloc_free(mem);
    if (result != 0)
        return -1;
    for (size_t i = 0; i < e->support_count; i++)
        if (!is_c_name(e->support[i]) || !has_file(m, e->support[i]))
            return manifest_fault(m, "support", e->support[i], err, "support: %s/%s is no C file there",
                                  m->folder, e->support[i]);
    const char *twice = find_twice(e->support, e->support_count);
    if (twice)
        return manifest_fault(m, "support", twice, err, "support: %s stands twice", twice);
    return 0;
}

/* A prediction is about one program, and is held against all that it can print: nothing of it is compiled
 * with the learner's file. */
static int rule_program(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;
    const char *kind = kind_name(e->kind);

    if (e->kind != KIND_PREDICT)
        return e->program ? manifest_fault(m, "program", e->program, err,
                                           "program: only an exercise of kind predict has one, not %s", kind)
                          : 0;
    if (!e->program)
        return manifest_fault(m, "kind", kind, err, "an exercise of kind predict needs a `program:`");
    if (!is_c_name(e->program) || !has_file(m, e->program))
        return manifest_fault(m, "program", e->program, err, "program: %s/%s is no C file there", m->folder,
                              e->program);
    if (e->support_count > 0 || e->strict_count > 0)
        return manifest_fault(m, e->support_count > 0 ? "support" : "strict", NULL, err,
                              "an exercise of kind predict has its program, and no `support` or `strict`");
    return 0;
}

static int rule_lesson(const struct manifest *m, struct error *err)
{
    const char *lesson = m->exercise->lesson;
    char *path = talloc_asprintf(NULL, "%s/lessons/%s", m->root, lesson);
    int found = !strchr(lesson, '/') && lesson[0] != '.' && is_kind(path, S_IFDIR);

    talloc_free(path);
    if (!found)
        return manifest_fault(m, "lesson", lesson, err, "there is no folder lessons/%s", lesson);
    return 0;
}

static int rule_hints(const struct manifest *m, struct error *err)
{
    char *path = talloc_asprintf(NULL, "%s/hints.md", m->exercise->directory);
    struct error trouble;
    struct hint *hints;
    char *text = file_read(path, path, HINTS_BYTES, NULL, &trouble);
    size_t count = text ? hints_split(path, text, &hints) : 0;
    size_t empty = count;

    for (size_t i = count; i-- > 0;)
        empty = hints[i].body[0] == '\0' ? i : empty;
    talloc_free(path);
    if (count < HINTS_LEAST)
        return error_grader(err, "%s/hints.md: %zu hints; %d or more are needed, each under a `## ` heading",
                            m->folder, count, HINTS_LEAST);
    if (empty < count)
        return error_grader(err, "%s/hints.md: hint %zu has no text", m->folder, empty + 1);
    return 0;
}

static int check_is_sound(const struct manifest *m, const struct check_spec *check, struct error *err)
{
    if (!is_made_of(check->name, "abcdefghijklmnopqrstuvwxyz0123456789-"))
        return manifest_fault(m, "checks", check->name, err,
                              "check '%s': a name is small letters, digits and dashes", check->name);
    if (check->points == 0)
        return manifest_fault(m, "checks", check->name, err, "check %s: points must be 1 or more",
                              check->name);
    for (size_t i = 0; i < check->variant_count; i++)
        if (!is_made_of(check->variants[i], "abcdefghijklmnopqrstuvwxyz+"))
            return manifest_fault(m, "checks", check->name, err, "check %s: '%s' is no variant", check->name,
                                  check->variants[i]);
    const char *twice = find_twice(check->variants, check->variant_count);
    if (twice)
        return manifest_fault(m, "checks", check->name, err, "check %s: the variant %s stands twice",
                              check->name, twice);
    return 0;
}

static int rule_checks(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;

    for (size_t i = 0; i < e->check_count; i++) {
        if (check_is_sound(m, &e->checks[i], err) != 0)
            return -1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(e->checks[i].name, e->checks[j].name) == 0)
                return manifest_fault(m, "checks", e->checks[i].name, err, "two checks are named %s",
                                      e->checks[i].name);
    }
    return 0;
}

/* The two questions of a prediction: is everything listed, and can all of it happen? */
static int rule_questions(const struct manifest *m, struct error *err)
{
    static const char *const questions[] = {"complete", "possible"};
    const struct exercise *e = m->exercise;

    if (e->kind != KIND_PREDICT)
        return 0;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        if (!is_check(e, questions[i]))
            return manifest_fault(m, "checks", NULL, err, "an exercise of kind predict has the check %s",
                                  questions[i]);
    for (size_t i = 0; i < e->check_count; i++) {
        const struct check_spec *check = &e->checks[i];
        if (strcmp(check->name, questions[0]) != 0 && strcmp(check->name, questions[1]) != 0)
            return manifest_fault(m, "checks", check->name, err,
                                  "check %s: an exercise of kind predict has complete and possible, no other",
                                  check->name);
        if (check->variant_count != 1 || strcmp(check->variants[0], "explore") != 0)
            return manifest_fault(m, "checks", check->name, err,
                                  "check %s: a prediction is held against the variant explore alone",
                                  check->name);
    }
    return 0;
}

static int mutant_is_sound(const struct manifest *m, const struct mutant *mutant, struct error *err)
{
    static const char prefix[] = "mutants/";

    if (strncmp(mutant->file, prefix, strlen(prefix)) != 0 ||
        !ends_with(mutant->file + strlen(prefix), ending_of(m->exercise)))
        return manifest_fault(m, "mutants", mutant->file, err, "mutant '%s': it must be mutants/NAME%s",
                              mutant->file, ending_of(m->exercise));
    if (!has_file(m, mutant->file))
        return manifest_fault(m, "mutants", mutant->file, err, "%s/%s is missing", m->folder, mutant->file);
    for (size_t i = 0; i < mutant->fail_count; i++)
        if (!is_check(m->exercise, mutant->fails[i]))
            return manifest_fault(m, "mutants", mutant->file, err,
                                  "mutant %s: there is no check '%s' to fail", mutant->file,
                                  mutant->fails[i]);
    const char *twice = find_twice(mutant->fails, mutant->fail_count);
    if (twice)
        return manifest_fault(m, "mutants", mutant->file, err, "mutant %s: fails has %s twice", mutant->file,
                              twice);
    return 0;
}

static int rule_mutants(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;

    if (e->mutant_count < MUTANTS_LEAST)
        return manifest_fault(m, "mutants", NULL, err, "there are %zu mutants; %d or more are needed",
                              e->mutant_count, MUTANTS_LEAST);
    for (size_t i = 0; i < e->mutant_count; i++) {
        if (mutant_is_sound(m, &e->mutants[i], err) != 0)
            return -1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(e->mutants[i].file, e->mutants[j].file) == 0)
                return manifest_fault(m, "mutants", e->mutants[i].file, err, "two mutants are %s",
                                      e->mutants[i].file);
    }
    return 0;
}

static int is_listed(const struct exercise *exercise, const char *name)
{
    for (size_t i = 0; i < exercise->mutant_count; i++)
        if (strcmp(exercise->mutants[i].file + strlen("mutants/"), name) == 0)
            return 1;
    return 0;
}

static int rule_no_stray_mutant(const struct manifest *m, struct error *err)
{
    char *path = talloc_asprintf(NULL, "%s/mutants", m->exercise->directory);
    DIR *folder = opendir(path);
    int result = 0;

    for (struct dirent *entry; result == 0 && folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && !is_listed(m->exercise, entry->d_name))
            result = manifest_fault(m, "mutants", NULL, err, "%s/mutants/%s is not listed: list or remove it",
                                    m->folder, entry->d_name);
    if (folder)
        closedir(folder);
    talloc_free(path);
    return result;
}

static int rule_every_check_bites(const struct manifest *m, struct error *err)
{
    const struct exercise *e = m->exercise;

    for (size_t i = 0; i < e->check_count; i++) {
        int bites = 0;
        for (size_t j = 0; j < e->mutant_count; j++)
            bites |= e->mutants[j].fail_count == 1 && strcmp(e->mutants[j].fails[0], e->checks[i].name) == 0;
        if (!bites)
            return manifest_fault(m, "checks", e->checks[i].name, err,
                                  "no mutant fails the check %s alone: add the mistake that only it finds",
                                  e->checks[i].name);
    }
    return 0;
}

int manifest_validate(const struct manifest *manifest, struct error *err)
{
    static int (*const rules[])(const struct manifest *, struct error *) = {
        rule_identity,  rule_covers,  rule_names,           rule_files,
        rule_program,   rule_lesson,  rule_hints,           rule_checks,
        rule_questions, rule_mutants, rule_no_stray_mutant, rule_every_check_bites};

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i](manifest, err) != 0)
            return -1;
    return 0;
}
