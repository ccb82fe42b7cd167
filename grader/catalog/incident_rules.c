/* incident_rules.c - the rules of an incident that YAML cannot express, one function each, in one table.
 *
 * The strictest one is that of an exercise, too: every line about a series is the only one that some wrong fix
 * fails. The lines about the run as a whole (it ends, the ledger balances, ...) are the engine's own, and have
 * their attacks in the grader's tests.
 */
#include "catalog/incident_rules.h"

#include "base/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static int has(const struct incident *incident, const char *name, mode_t kind)
{
    struct stat status;
    char *path = talloc_asprintf(NULL, "%s/%s", incident->exercise.directory, name);
    int found = stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;

    talloc_free(path);
    return found;
}

static int rule_identity(const struct manifest *m, const struct incident *incident, struct error *err)
{
    const struct exercise *e = &incident->exercise;

    if (strcmp(e->id, m->folder) != 0)
        return manifest_fault(m, "id", e->id, err, "the id is %s, but the folder is %s", e->id, m->folder);
    if (e->minutes == 0 || incident->seconds == 0 || incident->race_seconds == 0)
        return manifest_fault(m, "minutes", NULL, err, "minutes, seconds and race_seconds must be 1 or more");
    if (incident->race_seconds > incident->seconds)
        return manifest_fault(m, "race_seconds", NULL, err, "race_seconds must be at most seconds");
    return 0;
}

static int rule_files(const struct manifest *m, const struct incident *incident, struct error *err)
{
    static const char *const needed[] = {"page.md", "service.c", "fixed.c", "questions.yaml",
                                         "postmortem.md"};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!has(incident, needed[i], S_IFREG))
            return error_grader(err, "%s/%s: every incident needs one", m->folder, needed[i]);
    if (!has(incident, incident->exercise.file, S_IFREG))
        return manifest_fault(m, "file", incident->exercise.file, err, "%s/%s is missing", m->folder,
                              incident->exercise.file);
    for (size_t i = 0; i < incident->exercise.support_count; i++)
        if (!has(incident, incident->exercise.support[i], S_IFREG))
            return manifest_fault(m, "support", incident->exercise.support[i], err, "%s/%s is missing",
                                  m->folder, incident->exercise.support[i]);
    return has(incident, "evidence", S_IFDIR)
               ? 0
               : error_grader(err, "%s/evidence: every incident needs that folder", m->folder);
}

static int rule_lessons(const struct manifest *m, const struct incident *incident, struct error *err)
{
    for (size_t i = 0; i < incident->lesson_count; i++) {
        struct stat status;
        char *path = talloc_asprintf(NULL, "%s/lessons/%s", m->root, incident->lessons[i]);
        int found = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
        talloc_free(path);
        if (!found)
            return manifest_fault(m, "lessons", incident->lessons[i], err, "there is no folder lessons/%s",
                                  incident->lessons[i]);
    }
    return 0;
}

static int rule_slo(const struct manifest *m, const struct incident *incident, struct error *err)
{
    for (size_t i = 0; i < incident->slo_count; i++) {
        const struct slo *slo = &incident->slo[i];
        if (slo->points == 0)
            return manifest_fault(m, "slo", slo->name, err, "%s: points must be 1 or more", slo->name);
        if (slo->to > incident->seconds || (slo->to && slo->from >= slo->to))
            return manifest_fault(m, "slo", slo->name, err,
                                  "%s: from must lie before to, and both within the %u seconds", slo->name,
                                  incident->seconds);
        for (size_t j = 0; j < i; j++)
            if (strcmp(incident->slo[j].name, slo->name) == 0)
                return manifest_fault(m, "slo", slo->name, err, "two lines are named %s", slo->name);
    }
    return 0;
}

static int is_line(const struct incident *incident, const char *name)
{
    for (size_t i = 0; i < incident->slo_count; i++)
        if (strcmp(incident->slo[i].name, name) == 0)
            return 1;
    return 0;
}

static int rule_wrong(const struct manifest *m, const struct incident *incident, struct error *err)
{
    for (size_t i = 0; i < incident->exercise.mutant_count; i++) {
        const struct mutant *wrong = &incident->exercise.mutants[i];
        if (i > 0 && (strncmp(wrong->file, "wrong/", 6) != 0 || !has(incident, wrong->file, S_IFREG)))
            return manifest_fault(m, "wrong", wrong->file, err, "'%s' must be a file wrong/NAME.c",
                                  wrong->file);
        for (size_t k = 0; k < wrong->fail_count; k++)
            if (!is_line(incident, wrong->fails[k]))
                return manifest_fault(m, "wrong", wrong->file, err, "%s: there is no line '%s' to fail",
                                      wrong->file, wrong->fails[k]);
    }
    return 0;
}

static int is_listed(const struct incident *incident, const char *name)
{
    for (size_t i = 1; i < incident->exercise.mutant_count; i++)
        if (strcmp(incident->exercise.mutants[i].file + strlen("wrong/"), name) == 0)
            return 1;
    return 0;
}

static int rule_no_stray(const struct manifest *m, const struct incident *incident, struct error *err)
{
    char *path = talloc_asprintf(NULL, "%s/wrong", incident->exercise.directory);
    DIR *folder = opendir(path);
    int result = 0;

    for (struct dirent *entry; result == 0 && folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && !is_listed(incident, entry->d_name))
            result = manifest_fault(m, "wrong", NULL, err, "%s/wrong/%s is not listed: list or remove it",
                                    m->folder, entry->d_name);
    if (folder)
        closedir(folder);
    talloc_free(path);
    return result;
}

static int rule_every_line_bites(const struct manifest *m, const struct incident *incident, struct error *err)
{
    const struct exercise *e = &incident->exercise;

    for (size_t i = 0; i < incident->slo_count; i++) {
        int bites = incident->slo[i].rule != SLO_SERIES;
        for (size_t j = 0; j < e->mutant_count; j++)
            bites |= e->mutants[j].fail_count == 1 && strcmp(e->mutants[j].fails[0], e->checks[i].name) == 0;
        if (!bites)
            return manifest_fault(m, "slo", e->checks[i].name, err,
                                  "no wrong fix fails the line %s alone: add the mistake that only it finds",
                                  e->checks[i].name);
    }
    return 0;
}

int incident_validate(const struct manifest *manifest, const struct incident *incident, struct error *err)
{
    static int (*const rules[])(const struct manifest *, const struct incident *, struct error *) = {
        rule_identity, rule_files, rule_lessons, rule_slo, rule_wrong, rule_no_stray, rule_every_line_bites};

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i](manifest, incident, err) != 0)
            return -1;
    return 0;
}
