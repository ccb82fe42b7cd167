/* questions.h - what a learner is asked about an incident, and the evidence that it is about.
 *
 *     struct questions *questions = questions_load(mem, root, incident, &err);
 *
 * questions.yaml has three: what took the service down, which lines of the evidence show it, what to do first.
 * The evidence are the plain files of the folder evidence/. Plain data on a talloc context, read-only once
 * loaded. Loaded when it is asked for, not with the catalog: a fault in it keeps nobody from the incident.
 */
#ifndef DEEPEND_QUESTIONS_H
#define DEEPEND_QUESTIONS_H

#include "catalog/incident.h"

/* One of the answers to choose from. */
struct answer_option {
    char *id; /* "backlog": small letters, digits and '-' */
    char *text;
    char *why; /* it is right, or is not; told after the answer */
    int right;
};

struct choice {
    char *question;
    struct answer_option *options; /* by id, so that their order tells nothing; one is right */
    size_t option_count;
};

/* Lines of one file that show what happened. None lies in two of them. */
struct evidence_span {
    char *file;        /* a base name within evidence/ */
    unsigned from, to; /* lines from 1, both included */
    char *why;
};

struct evidence_question {
    char *question;
    unsigned needed; /* how many of the spans an answer must have a line of */
    struct evidence_span *shows;
    size_t show_count;
};

struct questions {
    struct choice cause, action;
    struct evidence_question evidence;
};

/* Read and validate the incident's questions.yaml. NULL with err (EXIT_GRADER, file and line) when it is not as
 * it must be. On MEM. */
struct questions *questions_load(void *mem, const char *root, const struct incident *incident,
                                 struct error *err);

struct evidence_file {
    char *name;
    unsigned lines;
};

/* The files of the incident's evidence by name, on MEM; hidden ones are none. Returns how many, 0 when there are
 * none yet. */
size_t evidence_files(void *mem, const struct incident *incident, struct evidence_file **files);

/* How many lines the file NAME has, or 0 when there is none of that name. */
unsigned evidence_lines(const struct incident *incident, const char *name);

#endif
