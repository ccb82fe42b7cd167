/* questions.c - questions.yaml to struct questions, and the files of evidence. See questions.h.
 *
 * libcyaml writes into the structs; what YAML cannot express is checked by one function for each rule.
 */
#include "catalog/questions.h"

#include "base/file.h"
#include "catalog/manifest.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { NAME_LENGTH = 100, TEXT_LENGTH = 1000, MANY = 100, EVIDENCE_BYTES = 4 << 20 };

/* --- the schema ---------------------------------------------------------------------------------------- */

#define STRING(key, structure, member, length)                                                               \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, structure, member, 1, length)
#define NAME(key, structure, member) STRING(key, structure, member, NAME_LENGTH)
#define TEXT(key, structure, member) STRING(key, structure, member, TEXT_LENGTH)
#define LIST(key, structure, member, count, entry, least)                                                    \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, structure, member, count, entry, least, MANY)

static const cyaml_schema_field_t option_fields[] = {
    NAME("id", struct answer_option, id), TEXT("text", struct answer_option, text),
    TEXT("why", struct answer_option, why),
    CYAML_FIELD_BOOL("right", CYAML_FLAG_OPTIONAL, struct answer_option, right), CYAML_FIELD_END};

static const cyaml_schema_value_t option_value = {
    CYAML_VALUE_MAPPING(0, struct answer_option, option_fields)};

static const cyaml_schema_field_t choice_fields[] = {
    TEXT("question", struct choice, question),
    LIST("options", struct choice, options, option_count, &option_value, 2), CYAML_FIELD_END};

static const cyaml_schema_field_t span_fields[] = {NAME("file", struct evidence_span, file),
                                                   CYAML_FIELD_UINT("from", 0, struct evidence_span, from),
                                                   CYAML_FIELD_UINT("to", 0, struct evidence_span, to),
                                                   TEXT("why", struct evidence_span, why), CYAML_FIELD_END};

static const cyaml_schema_value_t span_value = {CYAML_VALUE_MAPPING(0, struct evidence_span, span_fields)};

static const cyaml_schema_field_t evidence_fields[] = {
    TEXT("question", struct evidence_question, question),
    CYAML_FIELD_UINT("needed", 0, struct evidence_question, needed),
    LIST("shows", struct evidence_question, shows, show_count, &span_value, 1), CYAML_FIELD_END};

static const cyaml_schema_field_t question_fields[] = {
    CYAML_FIELD_MAPPING("cause", 0, struct questions, cause, choice_fields),
    CYAML_FIELD_MAPPING("evidence", 0, struct questions, evidence, evidence_fields),
    CYAML_FIELD_MAPPING("action", 0, struct questions, action, choice_fields), CYAML_FIELD_END};

static const cyaml_schema_value_t questions_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct questions, question_fields)};

/* --- the evidence -------------------------------------------------------------------------------------- */

static unsigned count_lines(const char *path)
{
    struct error unimportant;
    size_t length;
    unsigned lines = 0;
    char *text = file_read(NULL, path, EVIDENCE_BYTES, &length, &unimportant);

    for (size_t i = 0; text && i < length; i++)
        lines += text[i] == '\n' || i + 1 == length;
    talloc_free(text);
    return lines;
}

unsigned evidence_lines(const struct incident *incident, const char *name)
{
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/'))
        return 0;
    char *path = talloc_asprintf(NULL, "%s/evidence/%s", incident->exercise.directory, name);
    unsigned lines = count_lines(path);

    talloc_free(path);
    return lines;
}

size_t evidence_files(void *mem, const struct incident *incident, struct evidence_file **files)
{
    struct dirent **entries = NULL;
    char *folder = talloc_asprintf(mem, "%s/evidence", incident->exercise.directory);
    int found = scandir(folder, &entries, NULL, alphasort);
    size_t count = 0;

    *files = talloc_array(mem, struct evidence_file, found > 0 ? (unsigned)found : 1);
    for (int i = 0; i < found; i++) {
        unsigned lines = evidence_lines(incident, entries[i]->d_name);
        if (lines > 0)
            (*files)[count++] = (struct evidence_file){talloc_strdup(*files, entries[i]->d_name), lines};
        free(entries[i]);
    }
    free(entries);
    return count;
}

/* --- what must hold ------------------------------------------------------------------------------------ */

static int is_typable(const char *id)
{
    return id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* KEY is where the choice begins: "cause:". */
static int check_choice(const struct manifest *m, const char *key, const struct choice *choice,
                        struct error *err)
{
    unsigned right = 0;

    for (size_t i = 0; i < choice->option_count; i++) {
        const char *id = choice->options[i].id;
        if (!is_typable(id))
            return manifest_fault(m, key, id, err, "%s '%s': an id is of small letters, digits and '-'", key,
                                  id);
        for (size_t k = 0; k < i; k++)
            if (strcmp(choice->options[k].id, id) == 0)
                return manifest_fault(m, key, id, err, "%s two options are named %s", key, id);
        right += choice->options[i].right != 0;
    }
    if (right == 1)
        return 0;
    return manifest_fault(m, key, NULL, err, "%s %u of its options are right; it must be one", key, right);
}

static int check_span(const struct manifest *m, const struct incident *incident,
                      const struct evidence_span *span, struct error *err)
{
    unsigned lines = evidence_lines(incident, span->file);

    if (lines == 0)
        return manifest_fault(m, "evidence:", span->file, err, "%s/evidence/%s is no file with lines",
                              m->folder, span->file);
    if (span->from == 0 || span->from > span->to || span->to > lines)
        return manifest_fault(
            m, "evidence:", span->file, err,
            "%s: lines %u to %u: from must be 1 or more, not behind to, and the file has %u", span->file,
            span->from, span->to, lines);
    return 0;
}

static int check_evidence(const struct manifest *m, const struct incident *incident,
                          const struct evidence_question *evidence, struct error *err)
{
    if (evidence->needed == 0 || evidence->needed > evidence->show_count)
        return manifest_fault(m, "evidence:", "needed", err,
                              "needed: %u: it must be 1 or more, and at most the %zu that are listed",
                              evidence->needed, evidence->show_count);
    for (size_t i = 0; i < evidence->show_count; i++) {
        const struct evidence_span *span = &evidence->shows[i];
        if (check_span(m, incident, span, err) != 0)
            return -1;
        for (size_t k = 0; k < i; k++) {
            const struct evidence_span *other = &evidence->shows[k];
            if (strcmp(other->file, span->file) == 0 && other->from <= span->to && span->from <= other->to)
                return manifest_fault(m, "evidence:", span->file, err,
                                      "%s: lines %u to %u and %u to %u have lines in common", span->file,
                                      other->from, other->to, span->from, span->to);
        }
    }
    return 0;
}

/* --- loading ------------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct answer_option *)a)->id, ((const struct answer_option *)b)->id);
}

static void sort(struct choice *choice)
{
    qsort(choice->options, choice->option_count, sizeof choice->options[0], by_id);
}

/* A file of comments would be told as one without an id, which no questions have. */
static int check_begins(const struct manifest *m, struct error *err)
{
    if (strncmp(m->text, "cause:", 6) == 0 || strstr(m->text, "\ncause:"))
        return 0;
    return error_grader(err, "%s: it must have cause:, evidence: and action:, at the margin", m->path);
}

struct questions *questions_load(void *mem, const char *root, const struct incident *incident,
                                 struct error *err)
{
    struct manifest manifest;
    struct questions *questions = NULL;

    if (manifest_open(mem, root, incident->exercise.id, "questions.yaml", &manifest, err) != 0 ||
        check_begins(&manifest, err) != 0 ||
        manifest_parse(mem, &manifest, &questions_value, (void **)&questions, err) != 0 ||
        check_choice(&manifest, "cause:", &questions->cause, err) != 0 ||
        check_evidence(&manifest, incident, &questions->evidence, err) != 0 ||
        check_choice(&manifest, "action:", &questions->action, err) != 0)
        return NULL;
    sort(&questions->cause);
    sort(&questions->action);
    return questions;
}
