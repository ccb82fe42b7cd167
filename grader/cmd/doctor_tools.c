/* doctor_tools.c - the doctor's probes of compilers, sanitizers and Valgrind: each makes a small faulty
 * program and expects the fault to be reported. See doctor.h.
 */
#include "cmd/doctor.h"

#include "base/file.h"
#include "base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { PROBE_CPU_SECONDS = 20, WORDS = 24 };

/* --- running tools ------------------------------------------------------------------------------------- */

/* Run ARGV with ENVIRONMENT (NULL: ours). What it printed; its exit status goes to *CODE, -1 when it could
 * not be started. */
static char *run_tool(struct visit *visit, const char **argv, const char **environment, int *code)
{
    struct error err;
    struct process job = {.argv = argv,
                          .environment = environment,
                          .directory = visit->folder,
                          .cpu_seconds = PROBE_CPU_SECONDS};

    *code = -1;
    if (process_run(visit->mem, &job, 1, 1, &err) != 0)
        return talloc_strdup(visit->mem, err.text);
    *code = job.exit_code;
    return job.output;
}

/* The first line of TEXT that has WORD, trimmed; the first line when none has. */
static char *line_with(struct visit *visit, const char *text, const char *word)
{
    const char *at = strstr(text, word);
    if (!at)
        at = text;
    while (at > text && at[-1] != '\n')
        at--;
    at += strspn(at, " \t\n");
    return talloc_strndup(visit->mem, at, strcspn(at, "\n"));
}

/* The first thing in TEXT that looks like a version, "14.0.6". */
static const char *version_in(struct visit *visit, const char *text)
{
    static const char digits[] = "0123456789.";
    for (const char *at = text; *at; at += strcspn(at, " \n-") + (at[strcspn(at, " \n-")] != '\0')) {
        size_t length = strspn(at, digits);
        if (length >= 3 && memchr(at, '.', length) && at[0] != '.')
            return talloc_strndup(visit->mem, at, length);
    }
    return "of unknown version";
}

/* Compile SOURCE with clang and FLAGS to visit->folder/NAME. NULL, or why that failed. */
static char *compile(struct visit *visit, const char *name, const char *source, const char *const *flags)
{
    struct error err;
    int code;
    if (!visit->folder)
        return talloc_strdup(visit->mem, "there is no folder to compile in (see build folder)");
    char *file = talloc_asprintf(visit->mem, "%s/%s.c", visit->folder, name);
    const char *argv[WORDS] = {"clang", "-g", "-gdwarf-4", "-O0", "-pthread", file, "-o", name};
    size_t count = 8;

    if (file_replace(file, source, strlen(source), &err) != 0)
        return talloc_strdup(visit->mem, err.text);
    for (; *flags && count < WORDS - 1; flags++)
        argv[count++] = *flags;
    char *output = run_tool(visit, argv, NULL, &code);
    return code == 0 ? NULL : line_with(visit, output, "error");
}

/* Run visit->folder/NAME behind the WRAPPER words, with one SETTING in the environment. */
static char *run_program(struct visit *visit, const char *name, const char *const *wrapper,
                         const char *setting, int *code)
{
    const char *argv[WORDS] = {NULL};
    const char *path = getenv("PATH");
    const char *environment[] = {talloc_asprintf(visit->mem, "PATH=%s", path ? path : "/usr/bin:/bin"),
                                 setting, NULL};
    size_t count = 0;

    for (; *wrapper && count < WORDS - 2; wrapper++)
        argv[count++] = *wrapper;
    argv[count] = talloc_asprintf(visit->mem, "%s/%s", visit->folder, name);
    return run_tool(visit, argv, environment, code);
}

static const char *const no_words[] = {NULL};

/* --- tools --------------------------------------------------------------------------------------------- */

/* Whether NAME runs and tells its version. */
static struct probe_result look_version(struct visit *visit, const char *name)
{
    int code;
    char *output = run_tool(visit, (const char *[]){name, "--version", NULL}, NULL, &code);

    if (code < 0)
        return probe_lack(visit, "%s is not installed", name);
    if (code != 0)
        return probe_lack(visit, "%s --version fails: %s", name, line_with(visit, output, "error"));
    return probe_fine(visit, "%s %s", name, version_in(visit, output));
}

struct probe_result look_clang(struct visit *visit)
{
    struct probe_result result = look_version(visit, "clang");
    if (result.fine)
        visit->compiler = strchr(result.detail, ' ') + 1;
    return result;
}

struct probe_result look_archiver(struct visit *visit)
{
    return look_version(visit, "ar");
}

struct probe_result look_linker(struct visit *visit)
{
    struct probe_result result = look_version(visit, "ld.lld");
    static const char source[] = "int main(void)\n{\n    return 0;\n}\n";
    char *trouble =
        result.fine ? compile(visit, "linked", source, (const char *[]){"-fuse-ld=lld", NULL}) : NULL;

    return trouble ? probe_lack(visit, "clang cannot use it: %s", trouble) : result;
}

/* --- sanitizers ---------------------------------------------------------------------------------------- */

/* Two writes that nothing orders: the join comes after both. ThreadSanitizer reports them whichever comes
 * first. */
static const char racy_program[] = "#include <pthread.h>\n"
                                   "static int shared;\n"
                                   "static void *write_it(void *arg)\n"
                                   "{\n"
                                   "    shared = 1;\n"
                                   "    return arg;\n"
                                   "}\n"
                                   "int main(void)\n"
                                   "{\n"
                                   "    pthread_t thread;\n"
                                   "    pthread_create(&thread, 0, write_it, 0);\n"
                                   "    shared = 2;\n"
                                   "    pthread_join(thread, 0);\n"
                                   "    return 0;\n"
                                   "}\n";

static const char *const fixed_layout[] = {"setarch", "-R", NULL};

/* Run the racy program behind WRAPPER: 1 when the race was reported. *OUTPUT is what it printed. */
static int race_is_seen(struct visit *visit, const char *const *wrapper, char **output)
{
    int code;
    *output =
        run_program(visit, "racy", wrapper, "TSAN_OPTIONS=exitcode=66:symbolize=0:atexit_sleep_ms=0", &code);
    return code == 66 && strstr(*output, "data race");
}

struct probe_result look_races(struct visit *visit)
{
    char *output,
        *trouble = compile(visit, "racy", racy_program, (const char *[]){"-fsanitize=thread", NULL});

    if (trouble)
        return probe_lack(visit, "clang cannot build for ThreadSanitizer: %s", trouble);
    if (race_is_seen(visit, no_words, &output) || race_is_seen(visit, fixed_layout, &output))
        return probe_fine(visit, "ThreadSanitizer finds the race in a small program");
    return probe_lack(visit, "ThreadSanitizer does not report a plain race: %s",
                      line_with(visit, output, "FATAL"));
}

/* Bits of randomness in mapped addresses, or -1. */
static int random_bits(void)
{
    FILE *file = fopen("/proc/sys/vm/mmap_rnd_bits", "r");
    int bits = -1;
    if (file && fscanf(file, "%d", &bits) != 1)
        bits = -1;
    if (file)
        fclose(file);
    return bits;
}

struct probe_result look_addresses(struct visit *visit)
{
    char *output, *bits = random_bits() < 0 ? talloc_strdup(visit->mem, "unknown")
                                            : talloc_asprintf(visit->mem, "%d", random_bits());
    char *program = talloc_asprintf(visit->mem, "%s/racy", visit->folder ? visit->folder : "");

    if (!file_exists(program))
        return probe_lack(visit, "%s random bits; not tried, for race detection is missing", bits);
    if (race_is_seen(visit, no_words, &output))
        return probe_fine(visit, "%s random bits, which ThreadSanitizer can live with", bits);
    if (race_is_seen(visit, fixed_layout, &output))
        return probe_fine(
            visit, "%s random bits are too many for this ThreadSanitizer; the grader switches them off",
            bits);
    return probe_lack(visit, "%s random bits; ThreadSanitizer cannot start: %s", bits,
                      line_with(visit, output, "FATAL"));
}

/* Build SOURCE with FLAGS, run it behind WRAPPER, and expect WORDS in what it says. */
static struct probe_result expect_report(struct visit *visit, const char *tool, const char *source,
                                         const char *const *flags, const char *const *wrapper,
                                         const char *setting, const char *words)
{
    int code;
    char *trouble = compile(visit, tool, source, flags);
    if (trouble)
        return probe_lack(visit, "clang cannot build for %s: %s", tool, trouble);
    char *output = run_program(visit, tool, wrapper, setting, &code);
    if (code != 0 && strstr(output, words))
        return probe_fine(visit, "%s finds the fault in a small program", tool);
    return probe_lack(visit, "%s does not report \"%s\": %s", tool, words, line_with(visit, output, "ERROR"));
}

static const char dangling_program[] = "#include <stdlib.h>\n"
                                       "int main(void)\n"
                                       "{\n"
                                       "    volatile int *number = malloc(sizeof *number);\n"
                                       "    free((void *)number);\n"
                                       "    return *number;\n"
                                       "}\n";

static const char leaking_program[] = "#include <stdlib.h>\n"
                                      "static void *volatile lost;\n"
                                      "int main(void)\n"
                                      "{\n"
                                      "    lost = malloc(40);\n"
                                      "    lost = malloc(40);\n"
                                      "    lost = 0;\n"
                                      "    return 0;\n"
                                      "}\n";

struct probe_result look_memory(struct visit *visit)
{
    return expect_report(visit, "AddressSanitizer", dangling_program,
                         (const char *[]){"-fsanitize=address,undefined", NULL}, no_words,
                         "ASAN_OPTIONS=symbolize=0", "heap-use-after-free");
}

struct probe_result look_leaks(struct visit *visit)
{
    struct probe_result result =
        expect_report(visit, "LeakSanitizer", leaking_program, (const char *[]){"-fsanitize=address", NULL},
                      no_words, "ASAN_OPTIONS=symbolize=0:detect_leaks=1", "detected memory leaks");

    if (!result.fine && strstr(result.detail, "ptrace"))
        result.repair = talloc_strdup(
            visit->mem, "docker run --cap-add=SYS_PTRACE ... (or no debugger around the grader)");
    return result;
}

struct probe_result look_valgrind(struct visit *visit)
{
    static const char *const memcheck[] = {
        "valgrind", "-q", "--command-line-only=yes", "--leak-check=full", "--error-exitcode=9", NULL};
    struct probe_result version = look_version(visit, "valgrind");
    struct probe_result result;

    if (!version.fine)
        return version;
    result = expect_report(visit, "Memcheck", leaking_program, no_words, memcheck, NULL, "definitely lost");
    if (!result.fine && strstr(result.detail, "cannot build"))
        return result;
    return result.fine ? version : probe_lack(visit, "%s does not work: %s", version.detail, result.detail);
}

/* --- metrics ------------------------------------------------------------------------------------------- */

static const char endpoint_program[] = "#include <microhttpd.h>\n"
                                       "#include <stdio.h>\n"
                                       "int main(void)\n"
                                       "{\n"
                                       "    return puts(MHD_get_version()) < 0;\n"
                                       "}\n";

struct probe_result look_endpoint(struct visit *visit)
{
    int code;
    char *trouble = compile(visit, "endpoint", endpoint_program, (const char *[]){"-lmicrohttpd", NULL});

    if (trouble)
        return probe_lack(visit, "no program can be built with libmicrohttpd: %s", trouble);
    char *output = run_program(visit, "endpoint", no_words, NULL, &code);
    return code == 0 ? probe_fine(visit, "libmicrohttpd %s", version_in(visit, output))
                     : probe_lack(visit, "libmicrohttpd does not run: %s", line_with(visit, output, "error"));
}
