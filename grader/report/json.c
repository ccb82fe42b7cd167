/* json.c - a verdict as "deepend/result/1", design section 3.3.
 *
 * Keys that have nothing to say are left out: a passed check has no class, a variant that explores no
 * schedules has no `schedules`. Every text is made valid UTF-8 first, whatever the learner's program printed.
 */
#include "report/text.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

#ifndef DEEPEND_VERSION
#define DEEPEND_VERSION "0.1"
#endif

enum { OUTPUT_SHOWN = 4096 }; /* bytes of a program's output */

static const char schema[] = "deepend/result/1";

/* TEXT as a JSON string, NULL as null. */
static json_t *string(const char *text)
{
    char *valid;
    json_t *value;

    if (!text)
        return json_null();
    valid = text_valid(NULL, text);
    value = json_string(valid);
    talloc_free(valid);
    return value;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, string(text));
}

static void set_number(json_t *object, const char *key, unsigned number)
{
    json_object_set_new(object, key, json_integer(number));
}

/* Milliseconds are as much as a clock on a shared machine can promise. */
static json_t *seconds_rounded(double seconds)
{
    return json_real((double)(long long)(seconds * 1000 + 0.5) / 1000);
}

static json_t *places(const struct place *where, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *place = json_object();
        json_object_set_new(place, "file", string(where[i].file));
        json_object_set_new(place, "line", json_integer(where[i].line));
        set_text(place, "what", where[i].what);
        json_array_append_new(list, place);
    }
    return list;
}

static json_t *texts(char *const *list, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, string(list[i]));
    return array;
}

static void set_output(json_t *check, const char *output)
{
    char *head = output ? talloc_strndup(NULL, output, OUTPUT_SHOWN) : NULL;

    set_text(check, "output", head);
    talloc_free(head);
}

/* In how many schedules of how many; design.md 3.3. */
static json_t *schedules(const struct explore_report *explored)
{
    return json_pack("{s:I, s:I, s:I, s:b}", "run", (json_int_t)explored->run, "failed",
                     (json_int_t)explored->failed, "first", (json_int_t)explored->first, "exhausted",
                     explored->exhausted);
}

static json_t *check_json(const struct verdict *verdict, const struct check_verdict *row)
{
    json_t *check = json_object();

    json_object_set_new(check, "name", string(row->name));
    set_text(check, "title", row->title);
    json_object_set_new(check, "variant", string(row->variant));
    set_text(check, "status", status_name(row->status));
    if (row->status == VERDICT_FAIL)
        set_text(check, "class", class_name(row->class));
    set_number(check, "points", row->points);
    set_number(check, "max_points", row->max_points);
    if (row->status != VERDICT_PASS)
        set_text(check, "message", row->message);
    if (row->status == VERDICT_FAIL) {
        set_text(check, "why", row->why);
        json_object_set_new(check, "where", places(row->where, row->where_count));
        set_text(check, "lesson", verdict->exercise->lesson);
    }
    if (row->explored)
        json_object_set_new(check, "schedules", schedules(row->explored));
    set_text(check, "token", row->token);
    if (row->note_count > 0)
        json_object_set_new(check, "notes", texts(row->notes, row->note_count));
    set_output(check, row->output);
    return check;
}

static json_t *diagnostics_json(const struct build *build)
{
    static const char *const words[] = {[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning"};
    json_t *list = json_array();

    for (size_t i = 0; i < build->diagnostic_count; i++) {
        const struct diagnostic *said = &build->diagnostics[i];
        json_t *entry = json_object();
        json_object_set_new(entry, "file", string(said->file));
        json_object_set_new(entry, "line", json_integer(said->line));
        json_object_set_new(entry, "column", json_integer(said->column));
        set_text(entry, "severity", words[said->severity]);
        json_object_set_new(entry, "text", string(said->text));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *submission_json(const struct submission *submission)
{
    json_t *object = json_object(), *files = json_array();

    json_object_set_new(object, "sha256", string(submission->sha256));
    json_array_append_new(files, string(submission->name));
    json_object_set_new(object, "files", files);
    return object;
}

/* The version that Valgrind wrote into its log ("Using Valgrind-3.19.0 and ..."), so that it is the one which
 * ran. */
static char *valgrind_version(void *mem, const struct verdict *verdict)
{
    static const char before[] = "Using Valgrind-";

    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct run *run = verdict->checks[i].run;
        const char *at = run && run->log ? strstr(run->log, before) : NULL;
        if (at) {
            at += sizeof before - 1;
            return talloc_strndup(mem, at, strspn(at, "0123456789."));
        }
    }
    return NULL;
}

static json_t *tools_json(const struct verdict *verdict)
{
    json_t *tools = json_object();
    char *valgrind = valgrind_version(NULL, verdict);

    set_text(tools, "clang", verdict->build->compiler);
    set_text(tools, "valgrind", valgrind);
    set_text(tools, "deepend", DEEPEND_VERSION);
    talloc_free(valgrind);
    return tools;
}

json_t *report_json(const struct verdict *verdict, double seconds)
{
    json_t *result = json_object(), *checks = json_array();

    set_text(result, "schema", schema);
    json_object_set_new(result, "id", string(verdict->exercise->id));
    set_text(result, "status", status_name(verdict->status));
    if (verdict->status == VERDICT_FAIL)
        set_text(result, "class", class_name(verdict->class));
    set_text(result, "message", verdict->message);
    set_number(result, "score", verdict->score);
    set_number(result, "max_score", verdict->max_score);
    if (verdict->submission)
        json_object_set_new(result, "submission", submission_json(verdict->submission));
    for (size_t i = 0; i < verdict->check_count; i++)
        json_array_append_new(checks, check_json(verdict, &verdict->checks[i]));
    json_object_set_new(result, "checks", checks);
    if (verdict->build->diagnostic_count > 0)
        json_object_set_new(result, "diagnostics", diagnostics_json(verdict->build));
    json_object_set_new(result, "tools", tools_json(verdict));
    json_object_set_new(result, "seconds", seconds_rounded(seconds));
    return result;
}

void report_json_add_raw(json_t *result, const struct verdict *verdict)
{
    json_t *checks = json_object_get(result, "checks");

    for (size_t i = 0; i < verdict->check_count; i++)
        set_text(json_array_get(checks, i), "raw", verdict->checks[i].raw);
}

json_t *report_json_error(const char *id, const char *message)
{
    json_t *result = json_object();

    set_text(result, "schema", schema);
    json_object_set_new(result, "id", string(id));
    set_text(result, "status", status_name(VERDICT_ERROR));
    set_text(result, "message", message);
    return result;
}
