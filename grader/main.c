/* main.c - deepend: finds the project's folder, then the verb, and hands over.
 *
 * The folder is DEEPEND_ROOT, or the one in which the program lies (links to it are followed, so that a link
 * in /usr/local/bin will do). Nothing is searched in the current folder: the same command means the same
 * everywhere.
 */
#include "catalog/suggest.h"
#include "cmd/arguments.h"
#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#ifndef DEEPEND_VERSION
#define DEEPEND_VERSION "unknown"
#endif

static enum exit_status cmd_help(struct session *session, int argc, char **argv);

const struct verb verb_table[] = {
    {"status", "", "where am I, what is next (the same without a verb)", cmd_status},
    {"list", "", "every exercise, with how far you are", cmd_list},
    {"show", "[ID]", "an exercise's task", cmd_show},
    {"check", "ID [--submission PATH]", "grade once", cmd_check},
    {"watch", "[ID]", "grade at every save, move on when it passes", cmd_watch},
    {"hint", "[ID]", "the next hint", cmd_hint},
    {"reset", "ID", "the starter again; your old file is kept", cmd_reset},
    {"solution", "ID [--give-up]", "a good answer and why, once you have passed", cmd_solution},
    {"explore", "FILE.c... [-- ARGS]", "any pthread program through many schedules", cmd_explore},
    {"replay", "TOKEN", "a failing schedule once more, step by step", cmd_replay},
    {"incident", "VERB [ID]", "production incidents that replay", cmd_incident},
    {"selftest", "[ID...]", "grade the grader", cmd_selftest},
    {"doctor", "", "what this machine has and lacks", cmd_doctor},
    {"help", "[VERB]", "this text, or a verb's", cmd_help},
    {NULL, NULL, NULL, NULL},
};

/* --- verbs --------------------------------------------------------------------------------------------- */

static const struct verb *find_verb(const char *name)
{
    for (const struct verb *verb = verb_table; verb->name; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

static enum exit_status unknown_verb(const char *name)
{
    const char *best = NULL;
    unsigned least = ~0u;

    for (const struct verb *verb = verb_table; verb->name; verb++) {
        unsigned distance = edit_distance(name, verb->name);
        if (distance < least && is_near(distance, strlen(verb->name))) {
            least = distance;
            best = verb->name;
        }
    }
    fprintf(stderr, "deepend: there is no verb '%s'", name);
    if (strchr(name, '/'))
        fprintf(stderr, "; did you mean `%s show %s`?\n", program_name(), name);
    else if (best)
        fprintf(stderr, "; did you mean '%s'?\n", best);
    else
        fprintf(stderr, "; `%s help` lists them all\n", program_name());
    return EXIT_USAGE;
}

static void print_overview(void)
{
    printf("Deep End: worker pools and concurrency in C, practised with a grader that is never lucky.\n\n"
           "Usage: %s [VERB] [ARGUMENTS]\n\n",
           program_name());
    for (const struct verb *verb = verb_table; verb->name; verb++) {
        int used = printf("  %s %s", verb->name, verb->arguments);
        printf("%*s%s\n", used < 34 ? 34 - used : 2, "", verb->summary);
    }
    printf(
        "\nEach verb explains itself: `%s VERB --help`. Each that prints a result takes --json.\n"
        "An ID may be short: junior/1, or a part of the name.\n\n"
        "Exit status: 0 good, 1 judged and not good, 2 usage or bad input, 3 the grader could not judge.\n",
        program_name());
}

static enum exit_status cmd_help(struct session *session, int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_overview();
        return EXIT_GOOD;
    }
    const struct verb *verb = find_verb(argv[1]);
    if (!verb)
        return unknown_verb(argv[1]);
    if (verb->run == cmd_help) {
        print_overview();
        return EXIT_GOOD;
    }
    char option[] = "--help";
    return verb->run(session, 2, (char *[]){argv[1], option, NULL});
}

/* --- the project's folder ------------------------------------------------------------------------------ */

static int is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The folder of this program's file, links followed; NULL when the system does not tell. */
static char *program_folder(void *mem)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    return slash ? talloc_strndup(mem, path, (size_t)(slash - path)) : NULL;
}

/* The project's folder, absolute, or NULL. */
static const char *find_root(void *mem, struct error *err)
{
    const char *told = getenv("DEEPEND_ROOT");
    const char *folder = told && told[0] ? told : program_folder(mem);
    char *whole = folder ? realpath(folder, NULL) : NULL;
    char *root = whole ? talloc_strdup(mem, whole) : NULL;

    free(whole);
    if (!folder)
        error_grader(
            err,
            "cannot tell where the program lies (is /proc there?); set DEEPEND_ROOT to the project's folder");
    else if (!root || !is_folder(root))
        error_usage(err, "DEEPEND_ROOT is '%s', which is no folder", folder);
    else if (is_folder(talloc_asprintf(mem, "%s/exercises", root)))
        return root;
    else
        error_usage(err,
                    "there is no folder exercises in %s; the program belongs at the root of the project, or "
                    "set DEEPEND_ROOT",
                    root);
    return NULL;
}

/* --- main ---------------------------------------------------------------------------------------------- */

/* Whether the arguments ask for a verb's help, which needs no project. */
static int wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
    return 0;
}

/* Run VERB with the project around it. */
static enum exit_status run_verb(const struct verb *verb, int argc, char **argv)
{
    struct error err;
    struct session session = {.mem = talloc_new(NULL)};
    enum exit_status status;

    session.root = find_root(session.mem, &err);
    status = session.root || wants_help(argc, argv) ? verb->run(&session, argc, argv) : cmd_error(&err);
    store_close(session.store);
    talloc_free(session.mem);
    return status;
}

/* What was printed may be missing: a full disk, a closed stdout. That is no good end. */
static enum exit_status flush(enum exit_status status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "deepend: cannot write the output: %s\n", strerror(errno));
    return EXIT_GRADER;
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "status";

    if (strcmp(first, "--version") == 0) {
        printf("deepend %s\n", DEEPEND_VERSION);
        return flush(EXIT_GOOD);
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        first = "help";
    if (first[0] == '-')
        return flush(run_verb(find_verb("status"), argc, argv)); /* its options without its name */
    const struct verb *verb = find_verb(first);
    if (!verb)
        return unknown_verb(first);
    if (argc > 1) {
        argc--;
        argv++;
    }
    return flush(verb->run == cmd_help ? cmd_help(NULL, argc, argv) : run_verb(verb, argc, argv));
}
