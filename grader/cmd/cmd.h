/* cmd.h - the verbs: one file each, one table in main.c.
 *
 * A verb gets what is left of the command line behind its name and returns the exit status. Each understands
 * --help. What a verb needs of the project it asks of the session, which loads it at first use.
 */
#ifndef DEEPEND_CMD_H
#define DEEPEND_CMD_H

#include "catalog/catalog.h"
#include "store/store.h"

/* One call of the program. Owner thread only. */
struct session {
    void *mem;        /* talloc context that lives as long as the program */
    const char *root; /* the project's folder */
    struct catalog *catalog, *incident_catalog;
    int incidents; /* 1: the session is about incidents, and session_catalog is theirs */
    struct store *store;
    int store_tried;
};

/* The catalog, loaded at first use. NULL: err says why. */
const struct catalog *session_catalog(struct session *session, struct error *err);

/* That of the incidents, likewise; with session->incidents it is the session's own. */
const struct catalog *session_incidents(struct session *session, struct error *err);

/* The store, opened at first use. NULL when it cannot be used; the reason has then been told once on stderr.
 * Work goes on without. */
struct store *session_store(struct session *session);

/* The learner's file for EXERCISE, work/LEVEL/NN-slug/FILE; copied from the starter (with the support
 * headers' place told in a comment-free way: nothing is added) when it is not there yet. NULL on failure. */
char *work_file(struct session *session, const struct exercise *exercise, struct error *err);

/* The exercise to do next: the one begun last and not passed, else the first not passed. NULL when all are
 * passed (err->text is empty then) or the catalog cannot be loaded. */
const struct exercise *session_next(struct session *session, struct error *err);

/* Print ERR on stderr as "deepend: TEXT" and return its status. */
enum exit_status cmd_error(const struct error *err);

struct verb {
    const char *name;
    const char *arguments;                                                   /* "ID [--submission PATH]" */
    const char *summary;                                                     /* one line for the overview */
    enum exit_status (*run)(struct session *session, int argc, char **argv); /* argv[0] is the verb */
};
extern const struct verb verb_table[]; /* ended by a NULL name */

enum exit_status cmd_status(struct session *session, int argc, char **argv);
enum exit_status cmd_list(struct session *session, int argc, char **argv);
enum exit_status cmd_show(struct session *session, int argc, char **argv);
enum exit_status cmd_check(struct session *session, int argc, char **argv);
enum exit_status cmd_watch(struct session *session, int argc, char **argv);
enum exit_status cmd_hint(struct session *session, int argc, char **argv);
enum exit_status cmd_reset(struct session *session, int argc, char **argv);
enum exit_status cmd_solution(struct session *session, int argc, char **argv);
enum exit_status cmd_selftest(struct session *session, int argc, char **argv);
enum exit_status cmd_explore(struct session *session, int argc, char **argv);
enum exit_status cmd_replay(struct session *session, int argc, char **argv);
enum exit_status cmd_incident(struct session *session, int argc, char **argv);
enum exit_status cmd_doctor(struct session *session, int argc, char **argv);

#endif
