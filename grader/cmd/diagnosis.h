/* diagnosis.h - a learner's answer to the questions of an incident: read and graded. Private to cmd/.
 *
 *     struct diagnosis diagnosis = {0};
 *     diagnosis.cause = diagnosis_option(&questions->cause, "backlog", &err);
 *     diagnosis_evidence(mem, incident, "log.txt:14, metrics.txt:120-122", &diagnosis, &err);
 *     diagnosis.action = diagnosis_option(&questions->action, "shed", &err);
 *     diagnosis_grade(questions, &diagnosis);
 *
 * Three points for the cause, four for the evidence, three for the action; but without evidence it is a guess,
 * and a guess has no points. Naming many lines is no evidence either: who names everything has found nothing.
 * Pure, but for looking up how long the files of evidence are.
 */
#ifndef DEEPEND_DIAGNOSIS_H
#define DEEPEND_DIAGNOSIS_H

#include "catalog/questions.h"

enum { CAUSE_POINTS = 3, EVIDENCE_POINTS = 4, ACTION_POINTS = 3, DIAGNOSIS_POINTS = 10 };

/* How many lines an answer may name beside those that are needed. */
enum { SPARE_LINES = 2 };

/* "log.txt:14-16"; a file alone is all of its lines. */
struct reference {
    char *file;
    unsigned from, to;
};

struct diagnosis {
    const struct answer_option *cause, *action;
    struct reference *references;
    size_t reference_count;
    /* from diagnosis_grade */
    unsigned lines; /* that were named, each counted once */
    unsigned shown; /* of the spans that show it, how many have a line of these */
    int too_many;   /* lines: they are no evidence then */
    unsigned cause_score, evidence_score, action_score;
};

/* The option whose id is ID. NULL with err (EXIT_USAGE), which lists them. */
const struct answer_option *diagnosis_option(const struct choice *choice, const char *id, struct error *err);

/* Read TEXT, references separated by commas or blanks, into DIAGNOSIS, on MEM. -1 with err (EXIT_USAGE) when one
 * of them is none, or leads to a file or a line that is not there; DIAGNOSIS is as it was then. */
int diagnosis_evidence(void *mem, const struct incident *incident, const char *text,
                       struct diagnosis *diagnosis, struct error *err);

/* Give the points. */
void diagnosis_grade(const struct questions *questions, struct diagnosis *diagnosis);

/* All three together. */
unsigned diagnosis_score(const struct diagnosis *diagnosis);

/* Whether any of the lines that were named counts as evidence. */
int diagnosis_is_grounded(const struct diagnosis *diagnosis);

#endif
