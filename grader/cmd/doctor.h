/* doctor.h - the probes of `deepend doctor`. Private to cmd/.
 *
 * A probe really does what the grader will do (compiles a racy program and looks for the report), for an
 * installed package may still not work here.
 */
#ifndef DEEPEND_DOCTOR_H
#define DEEPEND_DOCTOR_H

#include "cmd/cmd.h"

/* One visit. */
struct visit {
    struct session *session;
    void *mem;
    const char *folder;   /* for small programs; goes when the visit is over. NULL when none could be made */
    const char *compiler; /* version of clang, once known */
};

/* What a probe saw. */
struct probe_result {
    int fine;
    char *detail; /* a phrase: the version, or what went wrong */
    char *repair; /* the one line that repairs it, when it is another than the table's */
};

struct probe {
    const char *name;
    int needed; /* 0: the grader does without, in the way that `without` tells */
    struct probe_result (*look)(struct visit *visit);
    const char *repair;  /* one line to type; NULL: the result has it */
    const char *without; /* of an optional one: what is done instead */
};

extern const struct probe probe_table[]; /* ended by a NULL name */

/* The probes of doctor_tools.c (compilers and what they make) and doctor_places.c (folders, database,
 * kernel). */
struct probe_result look_clang(struct visit *visit);
struct probe_result look_archiver(struct visit *visit);
struct probe_result look_linker(struct visit *visit);
struct probe_result look_races(struct visit *visit);
struct probe_result look_addresses(struct visit *visit);
struct probe_result look_memory(struct visit *visit);
struct probe_result look_leaks(struct visit *visit);
struct probe_result look_valgrind(struct visit *visit);
struct probe_result look_endpoint(struct visit *visit);
struct probe_result look_sandbox(struct visit *visit);
struct probe_result look_build_folder(struct visit *visit);
struct probe_result look_work_folder(struct visit *visit);
struct probe_result look_database(struct visit *visit);
struct probe_result look_notification(struct visit *visit);

/* Make a result, on visit->mem. */
struct probe_result probe_fine(struct visit *visit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct probe_result probe_lack(struct visit *visit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
