/* arguments.h - the options of a verb: read, explained and refused in one way for all verbs.
 *
 *     int json = 0;
 *     const char *path = NULL;
 *     const struct option_rule options[] = {{"submission", "PATH", NULL, &path, "grade this file"},
 *                                           {"json", NULL, &json, NULL, "print JSON"},
 *                                           {0}};
 *     const struct usage usage = {"check ID [--submission PATH]", "Grades once.", "check junior/1", options,
 * 1, 1}; struct arguments given; if (!arguments_parse(&usage, argc, argv, &given)) return given.status; //
 * help was shown, or the mistake was told grade(given.operands[0], path);
 */
#ifndef DEEPEND_ARGUMENTS_H
#define DEEPEND_ARGUMENTS_H

#include "base/exit.h"

struct option_rule {
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* what it takes ("PATH"), or NULL: then it sets *flag to 1 */
    int *flag;
    const char **text; /* set to the value */
    const char *help;  /* a phrase for --help */
};

struct usage {
    const char *synopsis; /* "hint ID [--all]", without the program's name */
    const char *about;    /* what it does and when one wants it: a few lines, each ended by a newline */
    const char *example;  /* lines of `verb arguments` and, after two spaces or more, what that does */
    const struct option_rule *options;
    int operands_min, operands_max; /* how many words that are no option; a negative maximum: any number */
};

struct arguments {
    char **operands; /* within argv, which is reordered; ended by NULL */
    int count;
    enum exit_status status; /* when parsing says to stop */
};

/* Read the options of argv[1] and behind. 1: go on with GIVEN. 0: return given->status, all has been said.
 * Any verb understands
 * --help; `--` ends the options; a value may follow as `--name VALUE` or `--name=VALUE`. */
int arguments_parse(const struct usage *usage, int argc, char **argv, struct arguments *given);

/* The program as it was called, for "type this" lines: "./deepend" or "deepend". Static. */
const char *program_name(void);

#endif
