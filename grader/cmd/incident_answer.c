/* incident_answer.c - `deepend incident answer`: what it was, which lines show it, what to do first; graded.
 *
 * The diagnosis is kept in the store beside the incident itself, as "ID/diagnosis".
 */
#include "cmd/arguments.h"
#include "cmd/diagnosis.h"
#include "cmd/incident.h"
#include "cmd/incident_asking.h"
#include "report/text.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* What was typed. */
struct wanted {
    const char *cause, *evidence, *action;
    int json, no_store;
};

static char *diagnosis_id(void *mem, const struct incident *incident)
{
    return talloc_asprintf(mem, "%s/diagnosis", incident->exercise.id);
}

struct progress incident_diagnosis(struct session *session, const struct incident *incident)
{
    struct exercise diagnosis = {.id = diagnosis_id(session->mem, incident)};

    return session_progress(session, &diagnosis);
}

/* --- for people ---------------------------------------------------------------------------------------- */

static void tell_mark(void *mem, const struct report_style *style, int good, const char *text)
{
    const char *mark = style->utf8 ? (good ? "✓" : "✗") : (good ? "+" : "x");
    char *first =
        talloc_asprintf(mem, "  %s ", text_paint(mem, style, good ? ACCENT_GREEN : ACCENT_RED, mark));

    text_wrap(stdout, text, first, "    ", style->width);
}

/* SCORE of MOST for a choice. What was right is told to whoever had evidence, not to whoever guessed. */
static void tell_choice(void *mem, const struct report_style *style, const char *name,
                        const struct choice *choice, const struct answer_option *chosen, unsigned score,
                        unsigned most, int grounded)
{
    tell_mark(mem, style, chosen->right,
              talloc_asprintf(mem, "%s, %u of %u: %s", name, score, most, chosen->text));
    text_wrap(stdout, chosen->why, "    ", "    ", style->width);
    for (size_t i = 0; i < choice->option_count && grounded && !chosen->right; i++)
        if (choice->options[i].right) {
            char *right = talloc_asprintf(mem, "It is this: %s", choice->options[i].text);
            text_wrap(stdout, right, "    ", "    ", style->width);
            text_wrap(stdout, choice->options[i].why, "    ", "    ", style->width);
        }
    printf("\n");
}

static int is_hit(const struct diagnosis *diagnosis, const struct evidence_span *span)
{
    for (size_t i = 0; i < diagnosis->reference_count; i++) {
        const struct reference *reference = &diagnosis->references[i];
        if (strcmp(reference->file, span->file) == 0 && reference->from <= span->to &&
            span->from <= reference->to)
            return 1;
    }
    return 0;
}

/* What there is to say of the lines as a whole, on MEM. */
static char *evidence_words(void *mem, const struct evidence_question *evidence,
                            const struct diagnosis *diagnosis)
{
    unsigned needed = evidence->needed;

    if (diagnosis->too_many)
        return talloc_asprintf(mem, "%u lines are no evidence: name the ones that decide it, %u or fewer",
                               diagnosis->lines, needed + SPARE_LINES);
    if (diagnosis->shown == 0)
        return talloc_strdup(mem, "none of these lines shows what happened");
    if (diagnosis->shown < needed)
        return talloc_asprintf(mem, "%u of the %u places that are needed", diagnosis->shown, needed);
    return talloc_strdup(mem, "that shows it");
}

/* "log.txt:9-12: ...", "log.txt:9: ..." */
static void tell_span(void *mem, const struct report_style *style, const struct evidence_span *span)
{
    char *to = span->to > span->from ? talloc_asprintf(mem, "-%u", span->to) : "";
    char *line = talloc_asprintf(mem, "%s:%u%s: %s", span->file, span->from, to, span->why);

    text_wrap(stdout, line, "    ", "    ", style->width);
}

static void tell_evidence(void *mem, const struct report_style *style,
                          const struct evidence_question *evidence, const struct diagnosis *diagnosis)
{
    tell_mark(mem, style, diagnosis->evidence_score == EVIDENCE_POINTS,
              talloc_asprintf(mem, "evidence, %u of %u: %s", diagnosis->evidence_score,
                              (unsigned)EVIDENCE_POINTS, evidence_words(mem, evidence, diagnosis)));
    for (size_t i = 0; i < evidence->show_count && !diagnosis->too_many; i++)
        if (is_hit(diagnosis, &evidence->shows[i]))
            tell_span(mem, style, &evidence->shows[i]);
    printf("\n");
}

static void tell(struct session *session, const struct incident *incident, const struct questions *questions,
                 const struct diagnosis *diagnosis)
{
    struct report_style style = output_style();
    void *mem = session->mem;
    int grounded = diagnosis_is_grounded(diagnosis);
    const char *name = exercise_short(mem, &incident->exercise);
    char *title = talloc_asprintf(mem, "%s: your diagnosis, %u of %u points", incident->exercise.title,
                                  diagnosis_score(diagnosis), (unsigned)DIAGNOSIS_POINTS);

    printf("%s\n\n", text_paint(mem, &style, ACCENT_BOLD, title));
    tell_choice(mem, &style, "cause", &questions->cause, diagnosis->cause, diagnosis->cause_score,
                CAUSE_POINTS, grounded);
    tell_evidence(mem, &style, &questions->evidence, diagnosis);
    tell_choice(mem, &style, "action", &questions->action, diagnosis->action, diagnosis->action_score,
                ACTION_POINTS, grounded);
    if (!grounded)
        text_wrap(stdout, "A diagnosis without evidence is a guess, and a guess has no points.", "  ", "  ",
                  style.width);
    printf("  %s: %s incident %s %s\n", grounded ? "The repair" : "Once more", program_name(),
           grounded ? "check" : "answer", name);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *choice_json(const struct answer_option *chosen, unsigned score, unsigned most)
{
    return json_pack("{s:s, s:b, s:s, s:i, s:i}", "answer", chosen->id, "right", chosen->right, "why",
                     chosen->why, "points", (int)score, "max_points", (int)most);
}

static json_t *evidence_json(void *mem, const struct evidence_question *evidence,
                             const struct diagnosis *diagnosis)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < diagnosis->reference_count; i++) {
        const struct reference *reference = &diagnosis->references[i];
        json_array_append_new(lines, json_pack("{s:s, s:i, s:i}", "file", reference->file, "from",
                                               (int)reference->from, "to", (int)reference->to));
    }
    return json_pack("{s:o, s:i, s:i, s:i, s:b, s:s, s:i, s:i}", "answer", lines, "lines",
                     (int)diagnosis->lines, "shown", (int)diagnosis->shown, "needed", (int)evidence->needed,
                     "counts", diagnosis_is_grounded(diagnosis), "why",
                     evidence_words(mem, evidence, diagnosis), "points", (int)diagnosis->evidence_score,
                     "max_points", (int)EVIDENCE_POINTS);
}

static json_t *diagnosis_json(void *mem, const struct incident *incident, const struct questions *questions,
                              const struct diagnosis *diagnosis)
{
    unsigned score = diagnosis_score(diagnosis);

    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "schema", "deepend/diagnosis/1", "id",
                     incident->exercise.id, "status", score == DIAGNOSIS_POINTS ? "pass" : "fail", "score",
                     (int)score, "max_score", (int)DIAGNOSIS_POINTS, "cause",
                     choice_json(diagnosis->cause, diagnosis->cause_score, CAUSE_POINTS), "evidence",
                     evidence_json(mem, &questions->evidence, diagnosis), "action",
                     choice_json(diagnosis->action, diagnosis->action_score, ACTION_POINTS));
}

/* --- the verb ------------------------------------------------------------------------------------------ */

/* Take what was typed. -1 with err when it means nothing. */
static int read_options(void *mem, const struct wanted *wanted, const struct incident *incident,
                        const struct questions *questions, struct diagnosis *diagnosis, struct error *err)
{
    if (wanted->cause && !(diagnosis->cause = diagnosis_option(&questions->cause, wanted->cause, err)))
        return -1;
    if (wanted->evidence && diagnosis_evidence(mem, incident, wanted->evidence, diagnosis, err) != 0)
        return -1;
    if (wanted->action && !(diagnosis->action = diagnosis_option(&questions->action, wanted->action, err)))
        return -1;
    return 0;
}

/* All three parts of the answer, asked for where that can be done. */
static int complete(void *mem, const struct wanted *wanted, const struct incident *incident,
                    const struct questions *questions, struct diagnosis *diagnosis, struct error *err)
{
    if (read_options(mem, wanted, incident, questions, diagnosis, err) != 0)
        return -1;
    if (wanted->cause && wanted->evidence && wanted->action)
        return 0;
    if (!wanted->json && asking_is_possible()) {
        err->text[0] = '\0';
        return asking_fill(mem, questions, incident, diagnosis) == 0
                   ? 0
                   : error_usage(err, "the answer is not complete; nothing was graded");
    }
    error_usage(err,
                "an answer needs --cause, --evidence and --action; they are, for %s:", incident->exercise.id);
    cmd_error(err);
    asking_teach(mem, questions, incident);
    err->text[0] = '\0';
    return -1;
}

static void record(struct session *session, const struct incident *incident,
                   const struct diagnosis *diagnosis)
{
    struct error err;
    struct store *store = session_store(session);
    unsigned score = diagnosis_score(diagnosis);
    char sha256[SHA256_TEXT];
    char *text = talloc_asprintf(session->mem, "%s %s", diagnosis->cause->id, diagnosis->action->id);

    for (size_t i = 0; i < diagnosis->reference_count; i++) {
        const struct reference *reference = &diagnosis->references[i];
        text = talloc_asprintf_append(text, " %s:%u-%u", reference->file, reference->from, reference->to);
    }
    sha256_bytes(text, strlen(text), sha256);
    if (store && store_attempt(store, diagnosis_id(session->mem, incident), sha256, score == DIAGNOSIS_POINTS,
                               class_name(score == DIAGNOSIS_POINTS ? CLASS_NONE : CLASS_WRONG_RESULT), score,
                               DIAGNOSIS_POINTS, 0, &err) != 0)
        fprintf(stderr, "deepend: this answer could not be noted: %s\n", err.text);
}

static enum exit_status answer(struct session *session, const char *name, const struct wanted *wanted)
{
    struct error err;
    struct diagnosis diagnosis = {0};
    const struct incident *incident = session_incident(session, name, &err);
    const struct questions *questions =
        incident ? questions_load(session->mem, session->root, incident, &err) : NULL;

    if (!questions)
        return cmd_error(&err);
    if (complete(session->mem, wanted, incident, questions, &diagnosis, &err) != 0)
        return err.text[0] ? cmd_error(&err) : EXIT_USAGE;
    diagnosis_grade(questions, &diagnosis);
    if (!wanted->no_store)
        record(session, incident, &diagnosis);
    if (wanted->json)
        output_json(diagnosis_json(session->mem, incident, questions, &diagnosis));
    else
        tell(session, incident, questions, &diagnosis);
    return diagnosis_score(&diagnosis) == DIAGNOSIS_POINTS ? EXIT_GOOD : EXIT_BAD;
}

enum exit_status incident_answer(struct session *session, int argc, char **argv)
{
    struct wanted wanted = {0};
    const struct option_rule options[] = {
        {"cause", "ID", NULL, &wanted.cause, "what took the service down"},
        {"evidence", "LINES", NULL, &wanted.evidence, "what shows it: FILE:LINE,FILE:LINE-LINE,..."},
        {"action", "ID", NULL, &wanted.action, "what to do first"},
        {"json", NULL, &wanted.json, NULL, "print the result as JSON"},
        {"no-store", NULL, &wanted.no_store, NULL, "do not count this as an answer"},
        {0}};
    const struct usage usage = {
        "incident answer ID [--cause ID --evidence LINES --action ID]",
        "Says what it was, which lines of the evidence show it, and what to do first; graded, 3,\n"
        "4 and 3 points. Without evidence there are none. What is not on the command line is\n"
        "asked for on a terminal.\n"
        "Exit status: 0 all right, 1 not all, 2 bad input, 3 could not be judged.\n",
        "incident answer 1            asks\n"
        "incident answer 1 --cause ID --evidence log.txt:14,metrics.txt:125-126 --action ID",
        options,
        1,
        1};
    struct arguments given;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    return answer(session, given.operands[0], &wanted);
}
