/* doctor.c - `deepend doctor`: what this machine has and lacks, and the one line that repairs it. One table;
 * see doctor.h. */
#include "cmd/doctor.h"

#include "base/file.h"
#include "cmd/arguments.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

const struct probe probe_table[] = {
    {"clang", 1, look_clang, "apt-get install clang", NULL},
    {"archiver", 1, look_archiver, "apt-get install binutils", NULL},
    {"fast linker", 0, look_linker, "apt-get install lld", "clang's own linker is used, which is slower"},
    {"race detection", 1, look_races, "make start", NULL},
    {"address layout", 1, look_addresses, "sysctl -w vm.mmap_rnd_bits=28", NULL},
    {"memory checking", 1, look_memory, "make start", NULL},
    {"leak detection", 1, look_leaks, "make start", NULL},
    {"valgrind", 1, look_valgrind, "apt-get install valgrind libc6-dbg", NULL},
    {"metrics endpoint", 0, look_endpoint, "apt-get install libmicrohttpd-dev",
     "incidents do not run live, and what stands on the library's metrics cannot be built"},
    {"sandbox", 0, look_sandbox, "apt-get install bubblewrap",
     "programs are limited but not fenced in: grade only code that you trust"},
    {"build folder", 1, look_build_folder, NULL, NULL},
    {"work folder", 1, look_work_folder, NULL, NULL},
    {"progress", 0, look_database, NULL, "grading works, but nothing is recorded"},
    {"file watching", 0, look_notification,
     "sysctl -w fs.inotify.max_user_instances=256 fs.inotify.max_user_watches=65536",
     "`watch` looks at your file every moment instead"},
    {NULL, 0, NULL, NULL, NULL},
};

/* --- results ------------------------------------------------------------------------------------------ */

static struct probe_result make_result(struct visit *visit, int fine, const char *format, va_list arguments)
{
    return (struct probe_result){.fine = fine, .detail = talloc_vasprintf(visit->mem, format, arguments)};
}

struct probe_result probe_fine(struct visit *visit, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct probe_result result = make_result(visit, 1, format, arguments);
    va_end(arguments);
    return result;
}

struct probe_result probe_lack(struct visit *visit, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct probe_result result = make_result(visit, 0, format, arguments);
    va_end(arguments);
    return result;
}

/* --- one visit ----------------------------------------------------------------------------------------- */

/* A folder in build/, where programs of learners are run as well. */
static const char *make_folder(struct visit *visit)
{
    struct error err;
    char *build = talloc_asprintf(visit->mem, "%s/build", visit->session->root);
    char *folder = talloc_asprintf(visit->mem, "%s/doctor-XXXXXX", build);

    return folder_make(build, &err) == 0 && mkdtemp(folder) ? folder : NULL;
}

/* The line to type, with sudo before it where it takes root and we are not. */
static char *repair_line(struct visit *visit, const struct probe *probe, const struct probe_result *result)
{
    const char *line = result->repair ? result->repair : probe->repair;
    int for_root = strncmp(line, "apt-get ", 8) == 0 || strncmp(line, "sysctl ", 7) == 0 ||
                   strncmp(line, "chown ", 6) == 0;

    return talloc_asprintf(visit->mem, "%s%s", for_root && geteuid() != 0 ? "sudo " : "", line);
}

static void print_result(struct visit *visit, const struct report_style *style, const struct probe *probe,
                         const struct probe_result *result)
{
    const char *mark = result->fine ? "ok  " : probe->needed ? "LACK" : "note";
    enum accent accent = result->fine ? ACCENT_GREEN : probe->needed ? ACCENT_RED : ACCENT_YELLOW;
    char *first =
        talloc_asprintf(visit->mem, "  %s  %-16s ", text_paint(visit->mem, style, accent, mark), probe->name);

    text_wrap(stdout, text_clean(visit->mem, result->detail, style->utf8), first, "                         ",
              style->width);
    if (!result->fine && probe->without)
        printf("        without it: %s\n", probe->without);
    if (!result->fine)
        printf("        repair:     %s\n",
               text_paint(visit->mem, style, ACCENT_BOLD, repair_line(visit, probe, result)));
    fflush(stdout); /* the next probe may take a second */
}

static json_t *result_json(struct visit *visit, const struct probe *probe, const struct probe_result *result)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:s?, s:s?}", "name", probe->name, "status",
                     result->fine ? "ok" : "missing", "needed", probe->needed, "detail",
                     text_valid(visit->mem, result->detail), "repair",
                     result->fine ? NULL : repair_line(visit, probe, result), "without",
                     result->fine ? NULL : probe->without);
}

/* Go through the table. How many needed things are missing; the results go to PROBES, or to the screen when
 * that is NULL. */
static int go_through(struct visit *visit, json_t *probes)
{
    struct report_style style = output_style();
    int missing = 0;

    for (const struct probe *probe = probe_table; probe->name; probe++) {
        struct probe_result result = probe->look(visit);
        missing += probe->needed && !result.fine;
        if (probes)
            json_array_append_new(probes, result_json(visit, probe, &result));
        else
            print_result(visit, &style, probe, &result);
    }
    return missing;
}

static int print_visit(struct visit *visit)
{
    printf("What this machine has and lacks\n\n");
    int missing = go_through(visit, NULL);
    if (missing == 0)
        printf("\nEverything that is needed is there.\n");
    else
        printf("\n%d needed %s missing. `make start` installs what can be installed.\n", missing,
               missing == 1 ? "thing is" : "things are");
    return missing;
}

static int print_visit_json(struct visit *visit)
{
    json_t *probes = json_array();
    int missing = go_through(visit, probes);

    output_json(
        json_pack("{s:s, s:b, s:o}", "schema", "deepend/doctor/1", "ok", missing == 0, "probes", probes));
    return missing;
}

enum exit_status cmd_doctor(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {
        "doctor [--json]",
        "Tries everything that the grader needs, and says for each thing that is missing the\n"
        "one line that repairs it. Exit status 0 when all that is needed is there, else 3.\n",
        "doctor",
        options,
        0,
        0};
    struct arguments given;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    struct visit visit = {.session = session, .mem = session->mem};
    visit.folder = make_folder(&visit);
    int missing = json ? print_visit_json(&visit) : print_visit(&visit);
    if (visit.folder)
        path_remove(visit.folder);
    return missing == 0 ? EXIT_GOOD : EXIT_GRADER;
}
