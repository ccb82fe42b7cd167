/* test_report_formats.c - verdicts for machines: JSON and JUnit XML. */
#include "report/text.h"
#include "test/fixture_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <expat.h>

static int setup(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    talloc_free(*state);
    return 0;
}

#define assert_has(text, part) assert_non_null(strstr(text, part))

/* --- JSON -------------------------------------------------------------------------------------------------
 */

static const char *text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static long long number_at(json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

/* The verdict as JSON that was written and read again. */
static json_t *round_trip(json_t *result)
{
    char *text = json_dumps(result, JSON_COMPACT);
    json_t *again;

    assert_non_null(text);
    again = json_loads(text, 0, NULL);
    assert_non_null(again);
    free(text);
    json_decref(result);
    return again;
}

static void json_of_a_failure(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    char output[] = "\xff"
                    "half\033[2J",
         note[] = "n=3", *notes[] = {note};
    char log[] = "== Using Valgrind-3.19.0 and LibVEX; rerun";
    struct run checked = {.log = log};

    struct check_verdict *row = fixture_race(verdict, 0);
    row->output = output;
    row->notes = notes;
    row->note_count = 1;
    verdict->checks[3].run = &checked;
    json_t *result = round_trip(report_json(verdict, 1.4236));
    assert_string_equal(text_at(result, "schema"), "deepend/result/1");
    assert_string_equal(text_at(result, "id"), "junior/01-captured-variable");
    assert_string_equal(text_at(result, "status"), "fail");
    assert_string_equal(text_at(result, "class"), "race");
    assert_string_equal(text_at(result, "message"), verdict->message);
    assert_int_equal(number_at(result, "score"), 8);
    assert_int_equal(number_at(result, "max_score"), 10);
    json_t *submission = json_object_get(result, "submission");
    assert_string_equal(text_at(submission, "sha256"), verdict->submission->sha256);
    assert_string_equal(json_string_value(json_array_get(json_object_get(submission, "files"), 0)),
                        "tasks.c");
    json_t *tools = json_object_get(result, "tools");
    assert_string_equal(text_at(tools, "clang"), "14.0.6");
    assert_string_equal(text_at(tools, "valgrind"), "3.19.0");
    assert_non_null(text_at(tools, "deepend"));
    assert_true(json_real_value(json_object_get(result, "seconds")) == 1.424);

    json_t *checks = json_object_get(result, "checks"), *check = json_array_get(checks, 0);
    assert_int_equal(json_array_size(checks), 4);
    assert_string_equal(text_at(check, "name"), "own-number");
    assert_string_equal(text_at(check, "variant"), "tsan");
    assert_string_equal(text_at(check, "status"), "fail");
    assert_string_equal(text_at(check, "class"), "race");
    assert_int_equal(number_at(check, "points"), 0);
    assert_int_equal(number_at(check, "max_points"), 2);
    assert_string_equal(text_at(check, "message"), row->message);
    assert_string_equal(text_at(check, "why"), row->why);
    assert_string_equal(text_at(check, "lesson"), "01-task-arguments");
    assert_string_equal(text_at(check, "output"), "\xef\xbf\xbdhalf\033[2J");
    assert_string_equal(json_string_value(json_array_get(json_object_get(check, "notes"), 0)), "n=3");
    json_t *where = json_array_get(json_object_get(check, "where"), 1);
    assert_string_equal(text_at(where, "file"), "tasks.c");
    assert_int_equal(number_at(where, "line"), 4);
    assert_string_equal(text_at(where, "what"), "thread 2 reads `i`");
    assert_null(json_object_get(check, "raw"));
    assert_null(json_object_get(check, "schedules"));
    assert_null(json_object_get(check, "token"));

    check = json_array_get(checks, 1);
    assert_string_equal(text_at(check, "status"), "pass");
    assert_int_equal(number_at(check, "points"), 2);
    assert_null(json_object_get(check, "class"));
    assert_null(json_object_get(check, "message"));
    assert_null(json_object_get(result, "diagnostics"));
    json_decref(result);
}

static void json_of_the_other_verdicts(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    json_t *result = round_trip(report_json(verdict, 1));

    assert_string_equal(text_at(result, "status"), "pass");
    assert_null(json_object_get(result, "class"));
    assert_null(json_object_get(json_object_get(result, "tools"), "valgrind"));
    json_decref(result);

    fixture_trouble(verdict, 3, "it crashed");
    result = round_trip(report_json(verdict, 1));
    assert_string_equal(text_at(result, "status"), "error");
    assert_string_equal(text_at(result, "message"), "it crashed");
    assert_null(json_object_get(json_array_get(json_object_get(result, "checks"), 3), "class"));
    json_decref(result);

    result = round_trip(report_json_error(NULL, "no such exercise: \xff"));
    assert_string_equal(text_at(result, "status"), "error");
    assert_true(json_is_null(json_object_get(result, "id")));
    assert_string_equal(text_at(result, "message"), "no such exercise: \xef\xbf\xbd");
    json_decref(result);
}

static void json_of_a_failed_build(void **state)
{
    json_t *result = round_trip(report_json(fixture_build(*state, BUILD_FAILED, 2), 0.2));
    json_t *diagnostic = json_array_get(json_object_get(result, "diagnostics"), 1);

    assert_string_equal(text_at(result, "status"), "fail");
    assert_string_equal(text_at(result, "class"), "build");
    assert_true(json_is_array(json_object_get(result, "checks")));
    assert_int_equal(json_array_size(json_object_get(result, "diagnostics")), 2);
    assert_string_equal(text_at(diagnostic, "file"), "tasks.c");
    assert_int_equal(number_at(diagnostic, "line"), 4);
    assert_int_equal(number_at(diagnostic, "column"), 9);
    assert_string_equal(text_at(diagnostic, "severity"), "error");
    assert_string_equal(text_at(diagnostic, "text"), "expected ';' after expression 1");
    json_decref(result);
}

static void json_with_raw(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_race(verdict, 0);
    json_t *result = report_json(verdict, 1);

    report_json_add_raw(result, verdict);
    result = round_trip(result);
    json_t *checks = json_object_get(result, "checks");
    assert_has(text_at(json_array_get(checks, 0), "raw"), "ThreadSanitizer");
    assert_null(json_object_get(json_array_get(checks, 1), "raw"));
    json_decref(result);
}

/* --- JUnit ------------------------------------------------------------------------------------------------
 */

struct seen {
    int suites, cases, failures, errors;
    int said_failures, said_errors, said_tests;
    char type[64], message[512];
};

static void element(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct seen *seen = data;

    seen->suites += strcmp(name, "testsuite") == 0;
    seen->cases += strcmp(name, "testcase") == 0;
    seen->failures += strcmp(name, "failure") == 0;
    seen->errors += strcmp(name, "error") == 0;
    for (int i = 0; attributes[i]; i += 2) {
        if (strcmp(name, "testsuite") == 0 && strcmp(attributes[i], "tests") == 0)
            seen->said_tests = atoi(attributes[i + 1]);
        if (strcmp(name, "testsuite") == 0 && strcmp(attributes[i], "failures") == 0)
            seen->said_failures = atoi(attributes[i + 1]);
        if (strcmp(name, "testsuite") == 0 && strcmp(attributes[i], "errors") == 0)
            seen->said_errors = atoi(attributes[i + 1]);
        if (strcmp(attributes[i], "type") == 0)
            snprintf(seen->type, sizeof seen->type, "%s", attributes[i + 1]);
        if (strcmp(attributes[i], "message") == 0)
            snprintf(seen->message, sizeof seen->message, "%s", attributes[i + 1]);
    }
}

/* Parse what was written with a strict parser. */
static struct seen parse(char *text, size_t length)
{
    struct seen seen = {0};
    XML_Parser parser = XML_ParserCreate(NULL);

    XML_SetUserData(parser, &seen);
    XML_SetStartElementHandler(parser, element);
    assert_int_equal(XML_Parse(parser, text, (int)length, 1), XML_STATUS_OK);
    XML_ParserFree(parser);
    assert_int_equal(seen.suites, 1);
    assert_int_equal(seen.cases, seen.said_tests);
    assert_int_equal(seen.failures, seen.said_failures);
    assert_int_equal(seen.errors, seen.said_errors);
    free(text);
    return seen;
}

static struct seen junit(const struct verdict *verdict)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    report_junit(stream, verdict, 1.4);
    fclose(stream);
    return parse(text, length);
}

static void junit_tells_failure_from_error(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct seen seen = junit(verdict);

    assert_int_equal(seen.cases, 4);
    assert_int_equal(seen.failures + seen.errors, 0);
    fixture_race(verdict, 0);
    seen = junit(verdict);
    assert_int_equal(seen.failures, 1);
    assert_string_equal(seen.type, "race");
    assert_string_equal(seen.message, verdict->message);
    fixture_trouble(verdict, 3, "it crashed");
    seen = junit(verdict);
    assert_int_equal(seen.failures, 1);
    assert_int_equal(seen.errors, 1);
    assert_string_equal(seen.message, "it crashed");
    seen = junit(fixture_build(*state, BUILD_FAILED, 2));
    assert_int_equal(seen.cases, 1);
    assert_int_equal(seen.failures, 1);
    assert_string_equal(seen.type, "build");
}

static void junit_is_xml_whatever_was_printed(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *row = fixture_race(verdict, 0);
    char hostile[] =
        "]]> <![CDATA[ & \" ' \001\033\177 \xff\xc0\x80 \xed\xa0\x80 \xef\xbf\xbf \xf4\x90\x80\x80 é\r\n\t";
    struct seen seen;

    row->output = hostile;
    row->message = hostile;
    row->where[0].what = hostile;
    seen = junit(verdict);
    assert_int_equal(seen.failures, 1);
    assert_has(seen.message, "]]> <![CDATA[ & \" '");
    assert_has(seen.message, "é\r\n\t");
}

static void junit_of_what_was_not_judged(void **state)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    (void)state;

    report_junit_error(stream, "junior/9", "no <such> exercise");
    fclose(stream);
    struct seen seen = parse(text, length);
    assert_int_equal(seen.errors, 1);
    assert_string_equal(seen.message, "no <such> exercise");
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(json_of_a_failure),
        test(json_of_the_other_verdicts),
        test(json_of_a_failed_build),
        test(json_with_raw),
        test(junit_tells_failure_from_error),
        test(junit_is_xml_whatever_was_printed),
        test(junit_of_what_was_not_judged),
    };

    return cmocka_run_group_tests_name("report: the formats", tests, NULL, NULL);
}
