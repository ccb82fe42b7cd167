/* build.h - from a learner's file to one executable per variant.
 *
 * Second stage. Screens the submission (no exercise needs fork, inline assembly or an attribute that silences
 * a sanitizer), compiles it beside the exercise's checks and the reference library once per variant, two
 * compilers at a time, and keeps every object and executable in build/cache under the hash of all that went
 * into it.
 */
#ifndef DEEPEND_BUILD_H
#define DEEPEND_BUILD_H

#include "catalog/catalog.h"

/* --- variants: how a program is built and run -------------------------------------------------------- */

/* Whose words the log of a run is in; observe/ has one reader for each. */
enum variant_tool { TOOL_NONE, TOOL_TSAN, TOOL_ASAN, TOOL_MEMCHECK, TOOL_HELGRIND };

/* Who decides whose turn it is: the kernel, or the schedule explorer, by itself or above ThreadSanitizer. */
enum variant_threads { THREADS_REAL, THREADS_EXPLORED, THREADS_EXPLORED_OVER_TSAN };

struct variant {
    const char *name;
    enum variant_tool tool;
    enum variant_threads threads;
    const char *compile[12];    /* flags for each object, NULL-terminated; always with -gdwarf-aranges: libdw
                                   finds no lines in clang's output without */
    const char *link[6];        /* further flags to link with */
    const char *wrapper[16];    /* command that runs the executable; "%LOG" stands for the log's path */
    const char *environment[6]; /* NAME=VALUE; "%LOG" likewise */
    unsigned time_factor;       /* by how much its limits of time exceed the native ones */
    unsigned memory_factor;     /* likewise memory; memory_mb is multiplied, then memory_base_mb added */
    unsigned memory_base_mb;
    int alone;                /* 1: no other run beside it (it measures, or takes all processors) */
    unsigned schedules;       /* explored: how many of a check */
    int simulated;            /* 1: the service of an incident, run once, in virtual time */
    int live;                 /* 1: the same in real time; linked with check/incident/account.c */
    const char *libraries[4]; /* linked behind everything else */
};

/* The variant of that name, or NULL. The table is static. */
const struct variant *variant_find(const char *name);

/* All variants, ended by one whose name is NULL. */
extern const struct variant variant_table[];

/* --- the submission ---------------------------------------------------------------------------------- */

enum { SUBMISSION_BYTES = 256 * 1024 }; /* the largest file that is accepted */

/* The outcomes that an answer of kind predict lists, each once, in the file's order. */
struct answer {
    struct listed {
        char *text; /* as outcome_written writes it */
        int line;
        int twice; /* line of another like it, which does not count, or 0 */
    } * list;
    size_t count;
};

struct submission {
    char *path; /* as the user named it, absolute */
    char *name; /* the exercise's name for it, "tasks.c": what reports call it */
    char *text;
    size_t length;
    char sha256[65];
    struct answer *answer; /* kind predict; else NULL */
};

/* Read and vet a learner's file: a missing, empty, unreadable, binary or enormous one, or a folder without
 * the exercise's file in it, is error_usage with its own words. NULL on failure. PATH may be the folder that
 * holds the file. An answer that lists nothing, or far too much, is treated likewise. */
struct submission *submission_load(void *mem, const struct exercise *exercise, const char *path,
                                   struct error *err);

/* What a program printed, as an answer writes it: lines joined by " / ", blanks at their ends left out and
 * several taken for one, "(nothing)" when there is nothing else. On MEM. NULL: no answer can say it, for it
 * is not text, or begins with the mark of a comment. */
char *outcome_written(void *mem, const char *output);

/* --- building ---------------------------------------------------------------------------------------- */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    char *file; /* base name: the learner's, or the header that complains */
    int line;   /* 0 when there is none (the linker) */
    int column;
    enum severity severity;
    char *text;   /* the compiler's words, one line */
    char *source; /* the learner's line, or NULL */
};

struct binary {
    const struct variant *variant;
    char *path;
};

enum build_status {
    BUILD_DONE,
    BUILD_REFUSED, /* class forbidden: the diagnostics say what and why */
    BUILD_FAILED   /* class build: the compiler's or linker's words */
};

struct build {
    const char *root; /* the project's folder */
    const struct exercise *exercise;
    const struct submission *submission;
    enum build_status status;
    struct diagnostic *diagnostics; /* errors first, then warnings; by line */
    size_t diagnostic_count;
    struct binary *binaries; /* one for each variant that the checks name */
    size_t binary_count;
    char *compiler;                       /* "14.0.6" */
    double seconds_screen, seconds_build; /* wall */
    int cached;                           /* 1: nothing had to be compiled */
    char *program_key; /* kind predict: the hash of all that the program is made of; else NULL */
};

/* Screen and build. ROOT is the project's folder. NULL (error_grader) only when the grader's own part fails:
 * no compiler, full disk, a check that does not compile. */
struct build *build_submission(void *mem, const char *root, const struct exercise *exercise,
                               const struct submission *submission, struct error *err);

/* kind predict: a text that follows from the program alone is kept beside it under NAME, for the next time.
 * NULL: it is not there. A cache that cannot be written costs time and nothing else. */
char *build_recall(void *mem, const struct build *build, const char *name);
void build_remember(const struct build *build, const char *name, const char *text);

/* Remove what the cache has not used lately, down to LIMIT bytes. Safe beside another grader. */
void build_cache_trim(const char *root, size_t limit);

#endif
