/* diagnosis.c - see diagnosis.h. */
#include "cmd/diagnosis.h"

#include "catalog/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* --- options ------------------------------------------------------------------------------------------- */

/* The ids, joined, and what ID was probably meant to be. */
static char *tell_options(const struct choice *choice, const char *id)
{
    char *text = talloc_strdup(NULL, "; known are ");
    const char *near = NULL;

    for (size_t i = 0; i < choice->option_count; i++) {
        const char *known = choice->options[i].id;
        text = talloc_asprintf_append(text, "%s%s", i ? ", " : "", known);
        if (is_near(edit_distance(id, known), strlen(known)))
            near = known;
    }
    return near ? talloc_asprintf_append(text, "; did you mean %s?", near) : text;
}

const struct answer_option *diagnosis_option(const struct choice *choice, const char *id, struct error *err)
{
    for (size_t i = 0; i < choice->option_count; i++)
        if (strcmp(choice->options[i].id, id) == 0)
            return &choice->options[i];
    char *known = tell_options(choice, id);
    error_usage(err, "'%s' is none of the answers%s", id, known);
    talloc_free(known);
    return NULL;
}

/* --- references ---------------------------------------------------------------------------------------- */

static char *tell_files(const struct incident *incident)
{
    struct evidence_file *files;
    char *text = talloc_strdup(NULL, "");
    size_t count = evidence_files(text, incident, &files);

    for (size_t i = 0; i < count; i++)
        text = talloc_asprintf_append(text, "%s%s (%u lines)", i ? ", " : "", files[i].name, files[i].lines);
    return count ? text : talloc_asprintf_append(text, "none yet");
}

/* A number of a line at *AT, which moves behind it. 0 when there is none. */
static unsigned read_line(const char **at)
{
    unsigned long value = 0;

    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (unsigned long)(**at - '0');
        value = value > 1000000000 ? 1000000000 : value; /* longer than any file */
        ++*at;
    }
    return (unsigned)value;
}

/* The lines that TEXT names behind the colon: "14" or "14-16". -1 when it names none. */
static int read_lines(const char *text, struct reference *reference)
{
    reference->from = reference->to = read_line(&text);
    if (reference->from > 0 && *text == '-') {
        text++;
        reference->to = read_line(&text);
    }
    return *text == '\0' && reference->from > 0 && reference->to > 0 ? 0 : -1;
}

static int no_such_file(const struct incident *incident, const char *name, struct error *err)
{
    char *files = tell_files(incident);

    error_usage(err, "there is no evidence '%s'; there is %s", name, files);
    talloc_free(files);
    return -1;
}

/* One reference, "evidence/log.txt:14-16" or with less before the file's name. */
static int read_reference(void *mem, const struct incident *incident, const char *word,
                          struct reference *reference, struct error *err)
{
    const char *slash = strrchr(word, '/');
    char *name = talloc_strdup(mem, slash ? slash + 1 : word), *colon = strchr(name, ':');

    if (colon)
        *colon = '\0';
    unsigned lines = evidence_lines(incident, name);
    *reference = (struct reference){.file = name, .from = 1, .to = lines};
    if (lines == 0)
        return no_such_file(incident, name, err);
    if (colon && read_lines(colon + 1, reference) != 0)
        return error_usage(err, "'%s' names no lines; write %s:14 or %s:14-16", word, name, name);
    if (reference->from > reference->to)
        return error_usage(err, "'%s' begins behind its end", word);
    if (reference->to > lines)
        return error_usage(err, "%s has %u lines, there is no line %u", name, lines, reference->to);
    return 0;
}

int diagnosis_evidence(void *mem, const struct incident *incident, const char *text,
                       struct diagnosis *diagnosis, struct error *err)
{
    static const char between[] = ", \t\n";
    struct reference *references = NULL;
    size_t count = 0;

    for (text += strspn(text, between); *text; text += strspn(text, between)) {
        size_t length = strcspn(text, between);
        char *word = talloc_strndup(mem, text, length);
        references = talloc_realloc(mem, references, struct reference, count + 1);
        if (read_reference(mem, incident, word, &references[count++], err) != 0)
            return -1;
        text += length;
    }
    if (count == 0)
        return error_usage(err, "no evidence is named; write such as log.txt:14, metrics.txt:120-122");
    diagnosis->references = references;
    diagnosis->reference_count = count;
    return 0;
}

/* --- points -------------------------------------------------------------------------------------------- */

/* Whether one of the first COUNT references has LINE of FILE. */
static int is_named(const struct diagnosis *diagnosis, size_t count, const char *file, unsigned line)
{
    for (size_t i = 0; i < count; i++) {
        const struct reference *reference = &diagnosis->references[i];
        if (strcmp(reference->file, file) == 0 && reference->from <= line && line <= reference->to)
            return 1;
    }
    return 0;
}

/* Each line once, however often it is named. */
static unsigned count_named(const struct diagnosis *diagnosis)
{
    unsigned lines = 0;

    for (size_t i = 0; i < diagnosis->reference_count; i++) {
        const struct reference *reference = &diagnosis->references[i];
        for (unsigned line = reference->from; line <= reference->to; line++)
            lines += !is_named(diagnosis, i, reference->file, line);
    }
    return lines;
}

static int is_shown(const struct diagnosis *diagnosis, const struct evidence_span *span)
{
    for (unsigned line = span->from; line <= span->to; line++)
        if (is_named(diagnosis, diagnosis->reference_count, span->file, line))
            return 1;
    return 0;
}

void diagnosis_grade(const struct questions *questions, struct diagnosis *diagnosis)
{
    const struct evidence_question *evidence = &questions->evidence;

    diagnosis->lines = count_named(diagnosis);
    diagnosis->too_many = diagnosis->lines > evidence->needed + SPARE_LINES;
    diagnosis->shown = 0;
    for (size_t i = 0; i < evidence->show_count; i++)
        diagnosis->shown += (unsigned)is_shown(diagnosis, &evidence->shows[i]);
    unsigned counted = diagnosis->shown < evidence->needed ? diagnosis->shown : evidence->needed;
    int grounded = diagnosis_is_grounded(diagnosis);
    diagnosis->evidence_score = grounded ? EVIDENCE_POINTS * counted / evidence->needed : 0;
    diagnosis->cause_score = grounded && diagnosis->cause->right ? CAUSE_POINTS : 0;
    diagnosis->action_score = grounded && diagnosis->action->right ? ACTION_POINTS : 0;
}

unsigned diagnosis_score(const struct diagnosis *diagnosis)
{
    return diagnosis->cause_score + diagnosis->evidence_score + diagnosis->action_score;
}

int diagnosis_is_grounded(const struct diagnosis *diagnosis)
{
    return diagnosis->shown > 0 && !diagnosis->too_many;
}
