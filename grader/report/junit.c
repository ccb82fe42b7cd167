/* junit.c - a verdict as JUnit XML: one test case for each check and variant.
 *
 * A fault of the learner's is a failure, one of the grader's an error. XML allows neither control bytes nor
 * invalid UTF-8, not even escaped; both are dropped or replaced here, so that the file is well-formed
 * whatever a program printed.
 */
#include "report/text.h"

#include <string.h>
#include <talloc.h>

enum { OUTPUT_SHOWN = 4096 }; /* bytes of a program's output */

/* --- escaping ------------------------------------------------------------------------------------------- */

static int allowed(unsigned code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0x7f && code != 0xfffe && code != 0xffff);
}

static const char *entity_for(unsigned code)
{
    static const struct {
        unsigned code;
        const char *entity;
    } entities[] = {{'<', "&lt;"},   {'>', "&gt;"},  {'&', "&amp;"}, {'"', "&quot;"},
                    {'\n', "&#10;"}, {'\t', "&#9;"}, {'\r', "&#13;"}};

    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (entities[i].code == code)
            return entities[i].entity;
    return NULL;
}

static void put(FILE *stream, const char *text)
{
    char *valid = text_valid(NULL, text);

    for (const char *at = valid, *start = valid; *at; start = at) {
        unsigned code;
        size_t length = text_decode(&at, &code);
        const char *entity = entity_for(code);
        if (entity)
            fputs(entity, stream);
        else if (allowed(code))
            fwrite(start, 1, length, stream);
    }
    talloc_free(valid);
}

static void attribute(FILE *stream, const char *name, const char *value)
{
    fprintf(stream, " %s=\"", name);
    put(stream, value);
    putc('"', stream);
}

/* --- test cases ----------------------------------------------------------------------------------------- */

/* What went wrong, as lines. */
static char *body_of(void *mem, const struct check_verdict *row)
{
    char *body = talloc_asprintf(mem, "%s\n", row->message ? row->message : "");

    for (size_t i = 0; i < row->where_count; i++)
        body = talloc_asprintf_append(body, "%s:%d: %s\n", row->where[i].file, row->where[i].line,
                                      row->where[i].what ? row->where[i].what : "");
    if (row->why && *row->why)
        body = talloc_asprintf_append(body, "Why nothing forbade it: %s\n", row->why);
    return body;
}

/* A <failure> or an <error>, by STATUS. */
static void put_problem(FILE *stream, enum verdict_status status, const char *type, const char *message,
                        const char *body)
{
    const char *element = status == VERDICT_ERROR ? "error" : "failure";

    fprintf(stream, "      <%s", element);
    attribute(stream, "type", type);
    attribute(stream, "message", message ? message : "");
    putc('>', stream);
    put(stream, body);
    fprintf(stream, "</%s>\n", element);
}

static void case_begin(FILE *stream, const char *id, const char *name, double seconds)
{
    fputs("    <testcase", stream);
    attribute(stream, "classname", id);
    attribute(stream, "name", name);
    fprintf(stream, " time=\"%.3f\">\n", seconds);
}

static void put_output(FILE *stream, const char *output)
{
    char *head = talloc_strndup(NULL, output, OUTPUT_SHOWN);

    fputs("      <system-out>", stream);
    put(stream, head);
    fputs("</system-out>\n", stream);
    talloc_free(head);
}

static void put_row(FILE *stream, const struct verdict *verdict, const struct check_verdict *row)
{
    char *name = talloc_asprintf(NULL, "%s (%s)", row->title, row->variant);

    case_begin(stream, verdict->exercise->id, name, row->run ? row->run->seconds : 0);
    if (row->status != VERDICT_PASS)
        put_problem(stream, row->status, row->status == VERDICT_FAIL ? class_name(row->class) : "grader",
                    row->message, body_of(name, row));
    if (row->output && *row->output)
        put_output(stream, row->output);
    fputs("    </testcase>\n", stream);
    talloc_free(name);
}

/* A verdict without rows: the build that failed, or nothing to run. */
static void put_build(FILE *stream, const struct verdict *verdict)
{
    const struct build *build = verdict->build;
    char *body = talloc_strdup(NULL, "");

    for (size_t i = 0; i < build->diagnostic_count; i++)
        if (build->diagnostics[i].severity == SEVERITY_ERROR)
            body = talloc_asprintf_append(body, "%s:%d:%d: %s\n", build->diagnostics[i].file,
                                          build->diagnostics[i].line, build->diagnostics[i].column,
                                          build->diagnostics[i].text);
    case_begin(stream, verdict->exercise->id, "build", build->seconds_screen + build->seconds_build);
    put_problem(stream, verdict->status,
                verdict->status == VERDICT_FAIL ? class_name(verdict->class) : "grader", verdict->message,
                body);
    fputs("    </testcase>\n", stream);
    talloc_free(body);
}

/* --- the document --------------------------------------------------------------------------------------- */

struct totals {
    size_t tests, failures, errors;
};

static struct totals count(const struct verdict *verdict)
{
    struct totals totals = {verdict->check_count, 0, 0};

    if (verdict->check_count == 0)
        return (struct totals){1, verdict->status == VERDICT_FAIL, verdict->status == VERDICT_ERROR};
    for (size_t i = 0; i < verdict->check_count; i++) {
        totals.failures += verdict->checks[i].status == VERDICT_FAIL;
        totals.errors += verdict->checks[i].status == VERDICT_ERROR;
    }
    return totals;
}

static void document_begin(FILE *stream, const char *id, struct totals totals, double seconds)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"deepend\">\n  <testsuite", stream);
    attribute(stream, "name", id);
    fprintf(stream, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"%.3f\">\n",
            totals.tests, totals.failures, totals.errors, seconds);
}

static void document_end(FILE *stream)
{
    fputs("  </testsuite>\n</testsuites>\n", stream);
}

void report_junit(FILE *stream, const struct verdict *verdict, double seconds)
{
    document_begin(stream, verdict->exercise->id, count(verdict), seconds);
    if (verdict->check_count == 0)
        put_build(stream, verdict);
    for (size_t i = 0; i < verdict->check_count; i++)
        put_row(stream, verdict, &verdict->checks[i]);
    document_end(stream);
}

void report_junit_error(FILE *stream, const char *id, const char *message)
{
    document_begin(stream, id ? id : "deepend", (struct totals){1, 0, 1}, 0);
    case_begin(stream, id ? id : "deepend", "grading", 0);
    put_problem(stream, VERDICT_ERROR, "grader", message, message);
    fputs("    </testcase>\n", stream);
    document_end(stream);
}
