/* incident.c - incident.yaml to struct incident, and the folders that have one. See catalog/incident.h. */
#include "catalog/incident.h"

#include "catalog/incident_rules.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { NAME_LENGTH = 100, TEXT_LENGTH = 1000, MANY = 100 };

/* Beyond what an exercise's program may use: a service runs ten minutes. */
static const struct limits service_limits = {
    .cpu_ms = 4000, .idle_ms = 1000, .memory_mb = 512, .threads = 200, .output_kb = 64};

/* --- the schema ---------------------------------------------------------------------------------------- */

static const cyaml_strval_t levels[] = {
    {"junior", LEVEL_JUNIOR}, {"middle", LEVEL_MIDDLE}, {"senior", LEVEL_SENIOR}, {"staff", LEVEL_STAFF}};

static const cyaml_strval_t classes[] = {
#define X(suffix, name, meaning) {name, CLASS_##suffix},
    VERDICT_CLASSES(X)
#undef X
};

static const cyaml_strval_t draws[] = {{"value", DRAW_VALUE}, {"rate", DRAW_RATE}};

/* What the manifest says; becomes a struct incident. */
struct shipped {
    enum verdict_class class;
    char **fails;
    size_t fail_count;
    char *why;
};

struct written {
    struct incident incident;
    struct shipped shipped;
};

#define STRING(key, flags, structure, member, length)                                                        \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, length)
#define NAME(key, structure, member) STRING(key, 0, structure, member, NAME_LENGTH)
#define TEXT(key, structure, member) STRING(key, 0, structure, member, TEXT_LENGTH)
#define OPTIONAL                     CYAML_FLAG_OPTIONAL
#define CHOICE(key, structure, member, table)                                                                \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, structure, member, table, CYAML_ARRAY_LEN(table))
#define LIST(key, flags, structure, member, count, entry, least)                                             \
    CYAML_FIELD_SEQUENCE_COUNT(key, (flags) | CYAML_FLAG_POINTER, structure, member, count, entry, least,    \
                               MANY)

static const cyaml_schema_value_t name_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, NAME_LENGTH)};

static const cyaml_schema_field_t slo_fields[] = {NAME("name", struct slo, name),
                                                  TEXT("title", struct slo, title),
                                                  NAME("must", struct slo, must),
                                                  CYAML_FIELD_UINT("from", OPTIONAL, struct slo, from),
                                                  CYAML_FIELD_UINT("to", OPTIONAL, struct slo, to),
                                                  CYAML_FIELD_UINT("points", 0, struct slo, points),
                                                  CHOICE("class", struct slo, class, classes),
                                                  CYAML_FIELD_END};

static const cyaml_schema_field_t series_fields[] = {
    NAME("name", struct series_look, name), NAME("label", struct series_look, label),
    STRING("unit", OPTIONAL, struct series_look, unit, NAME_LENGTH),
    CYAML_FIELD_ENUM("draw", CYAML_FLAG_STRICT | OPTIONAL, struct series_look, draw, draws,
                     CYAML_ARRAY_LEN(draws)),
    CYAML_FIELD_END};

static const cyaml_schema_field_t wrong_fields[] = {
    NAME("file", struct mutant, file), CHOICE("class", struct mutant, class, classes),
    LIST("fails", 0, struct mutant, fails, fail_count, &name_value, 1), TEXT("why", struct mutant, why),
    CYAML_FIELD_END};

static const cyaml_schema_field_t shipped_fields[] = {
    CHOICE("class", struct shipped, class, classes),
    LIST("fails", 0, struct shipped, fails, fail_count, &name_value, 1), TEXT("why", struct shipped, why),
    CYAML_FIELD_END};

static const cyaml_schema_value_t slo_value = {CYAML_VALUE_MAPPING(0, struct slo, slo_fields)};
static const cyaml_schema_value_t series_value = {CYAML_VALUE_MAPPING(0, struct series_look, series_fields)};
static const cyaml_schema_value_t wrong_value = {CYAML_VALUE_MAPPING(0, struct mutant, wrong_fields)};

static const cyaml_schema_field_t incident_fields[] = {
    NAME("id", struct written, incident.exercise.id),
    NAME("incident", struct written, incident.catalogue),
    NAME("title", struct written, incident.exercise.title),
    CHOICE("level", struct written, incident.exercise.level, levels),
    CYAML_FIELD_UINT("minutes", 0, struct written, incident.exercise.minutes),
    LIST("covers", 0, struct written, incident.exercise.covers, incident.exercise.cover_count, &name_value,
         1),
    LIST("lessons", 0, struct written, incident.lessons, incident.lesson_count, &name_value, 1),
    NAME("file", struct written, incident.exercise.file),
    LIST("support", OPTIONAL, struct written, incident.exercise.support, incident.exercise.support_count,
         &name_value, 0),
    CYAML_FIELD_UINT("seconds", 0, struct written, incident.seconds),
    CYAML_FIELD_UINT("race_seconds", 0, struct written, incident.race_seconds),
    CYAML_FIELD_UINT("budget_mb", OPTIONAL, struct written, incident.budget_mb),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct written, incident.seed),
    LIST("series", 0, struct written, incident.series, incident.series_count, &series_value, 1),
    LIST("slo", 0, struct written, incident.slo, incident.slo_count, &slo_value, 1),
    CYAML_FIELD_MAPPING("shipped", 0, struct written, shipped, shipped_fields),
    LIST("wrong", 0, struct written, incident.exercise.mutants, incident.exercise.mutant_count, &wrong_value,
         1),
    CYAML_FIELD_END};

static const cyaml_schema_value_t incident_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct written, incident_fields)};

/* --- what must hold ------------------------------------------------------------------------------------ */

static const char *const folds[] = {
    [FOLD_MOST] = "most", [FOLD_LEAST] = "least",   [FOLD_MEAN] = "mean",
    [FOLD_LAST] = "last", [FOLD_GROWTH] = "growth", [FOLD_PER_MINUTE] = "per_minute"};

static const struct {
    const char *word;
    enum slo_rule rule;
} rules[] = {{"ends", SLO_ENDS},
             {"ledger", SLO_LEDGER},
             {"census", SLO_CENSUS},
             {"memory", SLO_MEMORY},
             {"races", SLO_RACES}};

const char *fold_name(enum slo_fold fold)
{
    return folds[fold];
}

/* "most(depth) <= 600" or a word of `rules`. -1: it is neither. */
static int read_must(void *mem, struct slo *slo)
{
    char fold[16], series[40], relation[3];
    int end = 0;

    for (size_t i = 0; i < CYAML_ARRAY_LEN(rules); i++)
        if (strcmp(slo->must, rules[i].word) == 0) {
            slo->rule = rules[i].rule;
            return 0;
        }
    slo->rule = SLO_SERIES;
    if (sscanf(slo->must, "%15[a-z_](%39[a-z0-9_]) %2[<>=] %lf%n", fold, series, relation, &slo->limit,
               &end) != 4 ||
        slo->must[end] != '\0')
        return -1;
    slo->series = talloc_strdup(mem, series);
    slo->at_least = strcmp(relation, ">=") == 0;
    for (size_t i = 0; i < CYAML_ARRAY_LEN(folds); i++)
        if (strcmp(fold, folds[i]) == 0) {
            slo->fold = (enum slo_fold)i;
            return slo->at_least || strcmp(relation, "<=") == 0 ? 0 : -1;
        }
    return -1;
}

static struct check_spec check_of(void *mem, const struct slo *slo)
{
    char **variants = talloc_array(mem, char *, 1);

    variants[0] = talloc_strdup(mem, slo->rule == SLO_RACES ? "simulate+tsan" : "simulate");
    return (struct check_spec){.name = slo->name,
                               .title = slo->title,
                               .variants = variants,
                               .variant_count = 1,
                               .points = slo->points,
                               .when_stuck = CLASS_DEADLOCK};
}

static int make_checks(void *mem, const struct manifest *manifest, struct incident *incident,
                       struct error *err)
{
    struct exercise *exercise = &incident->exercise;

    exercise->checks = talloc_array(mem, struct check_spec, (unsigned)incident->slo_count);
    exercise->check_count = incident->slo_count;
    for (size_t i = 0; i < incident->slo_count; i++) {
        struct slo *slo = &incident->slo[i];
        if (read_must(mem, slo) != 0)
            return manifest_fault(manifest, "slo", slo->name, err,
                                  "%s: '%s' is nothing that must hold; write FOLD(SERIES) <= NUMBER with the "
                                  "folds most, least, mean, last, growth and per_minute, or >=, or one of "
                                  "ends, ledger, census, memory, races",
                                  slo->name, slo->must);
        exercise->checks[i] = check_of(mem, slo);
    }
    return 0;
}

/* Series that do not say how they are drawn: the engine's counters are rates. */
static void settle_draws(struct incident *incident)
{
    static const char *const counters[] = {"submitted", "completed", "failed",
                                           "rejected",  "cancelled", "discarded"};

    for (size_t i = 0; i < incident->series_count; i++) {
        struct series_look *look = &incident->series[i];
        enum series_draw draw = DRAW_VALUE;
        for (size_t k = 0; k < CYAML_ARRAY_LEN(counters); k++)
            draw = strcmp(look->name, counters[k]) == 0 ? DRAW_RATE : draw;
        look->draw = look->draw == DRAW_UNSAID ? draw : look->draw;
    }
}

/* --- loading ------------------------------------------------------------------------------------------- */

/* What is running today comes first among the wrong ones. */
static void add_shipped(void *mem, struct incident *incident, const struct shipped *shipped)
{
    struct exercise *exercise = &incident->exercise;
    struct mutant *all = talloc_array(mem, struct mutant, (unsigned)exercise->mutant_count + 1);

    all[0] = (struct mutant){.file = talloc_strdup(mem, exercise->file),
                             .class = shipped->class,
                             .fails = shipped->fails,
                             .fail_count = shipped->fail_count,
                             .why = shipped->why};
    memcpy(all + 1, exercise->mutants, exercise->mutant_count * sizeof all[0]);
    exercise->mutants = all;
    exercise->mutant_count++;
}

static int load_incident(struct catalog *catalog, const char *folder, struct error *err)
{
    struct manifest manifest;
    struct written *written = NULL;

    if (manifest_open(catalog, catalog->root, folder, "incident.yaml", &manifest, err) != 0 ||
        manifest_parse(catalog, &manifest, &incident_value, (void **)&written, err) != 0)
        return -1;
    struct incident *incident = &written->incident;
    struct exercise *exercise = &incident->exercise;
    manifest.exercise = exercise;
    exercise->directory = talloc_asprintf(catalog, "%s/%s", catalog->root, folder);
    exercise->kind = KIND_DESIGN;
    exercise->limits = service_limits;
    exercise->lesson = incident->lessons[0];
    exercise->incident = incident;
    incident->seed = incident->seed ? incident->seed : 1;
    settle_draws(incident);
    if (make_checks(catalog, &manifest, incident, err) != 0)
        return -1;
    add_shipped(catalog, incident, &written->shipped);
    if (incident_validate(&manifest, incident, err) != 0)
        return -1;
    for (size_t i = 0; i < exercise->mutant_count; i++)
        exercise->mutants[i].file =
            talloc_asprintf(catalog, "%s/%s", exercise->directory, exercise->mutants[i].file);
    catalog->exercises =
        talloc_realloc(catalog, catalog->exercises, struct exercise *, catalog->exercise_count + 1);
    catalog->exercises[catalog->exercise_count++] = exercise;
    return 0;
}

/* Folders that begin with a digit are incidents; others (their shared parts) are not. */
static int is_incident_folder(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

struct catalog *incidents_load(void *mem, const char *root, struct error *err)
{
    struct catalog *catalog = talloc_zero(mem, struct catalog);
    char *path = talloc_asprintf(catalog, "%s/incidents", root);
    struct dirent **entries = NULL;
    struct error fault;

    catalog->root = talloc_strdup(catalog, root);
    catalog->noun = "incident";
    int found = scandir(path, &entries, is_incident_folder, alphasort);
    if (found < 0 && errno != ENOENT) {
        error_grader(err, "incidents: it cannot be read: %s", strerror(errno));
        talloc_free(catalog);
        return NULL;
    }
    for (int i = 0; i < found; i++) {
        const char *folder = talloc_asprintf(catalog, "incidents/%s", entries[i]->d_name);
        if (load_incident(catalog, folder, &fault) != 0) {
            catalog->faulty =
                talloc_realloc(catalog, catalog->faulty, struct faulty, catalog->faulty_count + 1);
            catalog->faulty[catalog->faulty_count++] =
                (struct faulty){talloc_strdup(catalog, folder), talloc_strdup(catalog, fault.text)};
        }
        free(entries[i]);
    }
    free(entries);
    return catalog;
}
