/* project.h - the files that are compiled beside the learner's: the exercise's, the reference library's, the
 * check runtime's. */
#ifndef DEEPEND_PROJECT_H
#define DEEPEND_PROJECT_H

#include "catalog/catalog.h"

/* A C file of ours. SUM stands for its content and that of every header of ours that it may include. */
struct source {
    char *path; /* relative to the root where it lies below it, else absolute */
    char *sum;
    const char *const
        *includes; /* "-I", FOLDER, ...: what it needs and no more, as PATH is; NULL-terminated */
};

struct sources {
    struct source *items;
    size_t count;
};

struct project {
    const char *root;
    const struct exercise *exercise;
    struct source check;      /* the exercise's check.c */
    struct sources support;   /* its other C files */
    struct sources reference; /* reference/ROOM/NAME.c of the rooms that are used, see rooms.h */
    struct sources runtime;   /* grader/check/NAME.c: never instrumented */
    struct sources explorer;  /* grader/explore/rt/NAME.c, likewise */
    const char **includes;    /* "-I", FOLDER, ...: where a learner's file finds headers; NULL-terminated */
    char *headers;            /* the text of all those headers */
    char *headers_sum;
    int uses_reference; /* 1: the checks or the exercise's headers stand on the reference library */
};

/* SUBMISSION is the text of the learner's file, for what it includes. NULL (error_grader) when a file that
 * the exercise needs is missing. */
struct project *project_load(void *mem, const char *root, const struct exercise *exercise,
                             const char *submission, struct error *err);

/* Whether one of the headers that a learner may include names NAME. */
int project_names(const struct project *project, const char *name);

#endif
