/* test_report.c - the terminal report, as learners see it. Set SHOW=1 to see the screens themselves. */
#include "report/report.h"
#include "test/fixture_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct report_style plain = {.width = 80, .utf8 = 1};
static const struct report_style coloured = {.width = 80, .utf8 = 1, .colour = 1};

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

/* What report_terminal prints, on MEM. */
static char *shown(void *mem, const struct verdict *verdict, const struct report_style *style)
{
    char *buffer = NULL, *text;
    size_t size;
    FILE *stream = open_memstream(&buffer, &size);

    report_terminal(stream, verdict, style, 1.42);
    fclose(stream);
    text = talloc_strdup(mem, buffer);
    free(buffer);
    if (getenv("SHOW"))
        printf("%s----------------------------------------\n", text);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

#define assert_has(text, part)   assert_non_null(strstr(text, part))
#define assert_hasnt(text, part) assert_null(strstr(text, part))

/* No line of TEXT is wider than WIDTH (ASCII or two and three byte characters without accents). */
static void assert_fits(const char *text, size_t width)
{
    size_t column = 0;

    for (; *text; text++) {
        column = *text == '\n' ? 0 : column + (((unsigned char)*text & 0xc0) != 0x80);
        assert_true(column <= width);
    }
}

static void assert_ascii(const char *text)
{
    for (; *text; text++)
        assert_true(*text == '\n' || ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f));
}

/* --- a fault ----------------------------------------------------------------------------------------------
 */

static void a_race_names_both_lines(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_race(verdict, 0);
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "✗ The captured variable: not yet, 8 of 10 points (1.4 s)\n");
    assert_has(text, "  ✗ every thread prints its own ticket     ");
    assert_has(text, "race (tsan)\n");
    assert_has(text, "  ✓ all threads are there at the same time\n");
    assert_has(text, "race: the main thread writes `i` in line 3 while thread 2 reads it in line 4");
    assert_has(text, "  tasks.c:3  the main thread writes `i`\n             for (int i = 0; i < n; i++)\n");
    assert_has(text, "  tasks.c:4  thread 2 reads `i`\n             use(*(int *)arg);\n");
    assert_has(text, "Why nothing forbade it: Every thread has the address of the same variable");
    assert_has(text,
               "  Lesson: lessons/01-task-arguments\n  Hint:   deepend hint junior/01-captured-variable\n");
    assert_hasnt(text, "Sanitizer");
    assert_hasnt(text, "TSan");
    assert_fits(text, 80);
    assert_true(count_lines(text) <= 24);
}

static void raw_adds_the_tools_words(void **state)
{
    struct report_style raw = plain;
    struct verdict *verdict = fixture_pass(*state);

    raw.raw = 1;
    fixture_race(verdict, 0);
    fixture_race(verdict, 1);
    char *text = shown(*state, verdict, &raw);
    assert_int_equal(count_of(text, "WARNING: ThreadSanitizer: data race"), 1);
    assert_has(text, "every thread prints its own ticket (tsan), in the tool's own words");
}

static void the_same_fault_is_told_once(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_race(verdict, 0);
    struct check_verdict *again = fixture_race(verdict, 1);
    struct place first = again->where[0];

    again->where[0] = again->where[1]; /* the other thread was seen first */
    again->where[1] = first;
    again->where[1].line = 99; /* by way of another line */
    char *text = shown(*state, verdict, &plain);
    assert_int_equal(count_of(text, "race: "), 1);
    assert_has(text, "race (tsan, native)\n");
    assert_hasnt(text, "also ");
}

static void other_faults_are_told_shortly(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_fail(verdict, 1, CLASS_WRONG_RESULT, "task 3 printed ticket 5");
    fixture_race(verdict, 0);
    fixture_fail(verdict, 2, CLASS_WRONG_ORDER, "one after the other");
    fixture_fail(verdict, 3, CLASS_MEMORY_LEAK, "3 arguments were never freed");
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "race (tsan), wrong-result (native)\n");
    assert_has(text, "  race: the main thread");
    assert_has(text, "  also wrong-result: task 3 printed ticket 5\n");
    assert_has(text, "  also wrong-order: one after the other\n");
    assert_hasnt(text, "also memory-leak");
    assert_has(text, "and 1 more");
    assert_true(count_lines(text) <= 24);
}

static void places_outside_the_learners_file_show_too(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *row =
        fixture_fail(verdict, 2, CLASS_WRONG_ORDER, "the threads ran one after the other");
    fixture_place(verdict, row, "check.c", 40, "the check saw it here", "CHECK_INT(alive, 4);");
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "  check.c:40  the check saw it here\n              CHECK_INT(alive, 4);\n");
}

/* --- stacks -----------------------------------------------------------------------------------------------
 */

static void stuck_threads_stand_in_a_line_each(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *row = fixture_fail(verdict, 0, CLASS_DEADLOCK, "no thread can go on");
    char learner[] = "/build/work/tasks.c", pool[] = "pool.c", wait[] = "pthread_cond_wait";
    struct frame inside[] = {{wait, NULL, 0}, {NULL, pool, 90}, {NULL, learner, 4}};
    struct frame joining[] = {{wait, NULL, 0}, {NULL, learner, 3}};
    struct thread_stack stacks[] = {
        {0, "pthread_join", -1, joining, 2},
        {1, "pthread_mutex_lock", 2, inside, 3},
        {2, "pthread_cond_wait", -1, inside, 2},
        {3, "pthread_mutex_lock", 2, inside, 3},
        {4, NULL, -1, inside, 1},
    };
    struct run run = {.end = RUN_STUCK, .stacks = stacks, .stack_count = 5};

    row->run = &run;
    char *text = shown(*state, verdict, &plain);
    assert_has(text, "Where threads stood:\n");
    assert_has(text, "    tasks.c:3          thread main: waits for a thread to end\n");
    assert_has(text, "    tasks.c:4          threads 1, 3: waits for a mutex that thread 2 holds\n");
    assert_has(text, "    pool.c:90          thread 2: waits for a condition variable\n");
    assert_has(text, "    pthread_cond_wait  thread 4: was running\n");

    fixture_place(verdict, row, "tasks.c", 3, "the main thread waits here", NULL);
    assert_hasnt(shown(*state, verdict, &plain), "Where threads stood"); /* that tells it already */
    row->where_count = 0;
    row->class = verdict->class = CLASS_RACE; /* stacks do not explain a race */
    assert_hasnt(shown(*state, verdict, &plain), "Where threads stood");
}

/* --- what programs print ----------------------------------------------------------------------------------
 */

static void output_cannot_command_the_terminal(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *row = fixture_fail(verdict, 0, CLASS_WRONG_RESULT, "bad \033[2J words\a");
    char hostile[] = "\033[31mPASS\r\n\xff\xfe tail \xe2\x80\xae evil\n3\n4\n5\n6\n";
    char note[] = "row  1\n  row 2\033c", *notes[] = {note};

    row->output = hostile;
    row->notes = notes;
    row->note_count = 1;
    char *text = shown(*state, verdict, &plain);
    assert_has(text, "\\x1b[31mPASS\\x0d\n");
    assert_has(text, "\\xff\\xfe tail \\u{202e} evil\n");
    assert_has(text, "... and 2 more lines\n");
    assert_has(text, "bad \\x1b[2J words\\x07");
    assert_has(text, "From the check:\n    row  1\n          row 2\\x1bc\n");
    assert_hasnt(text, "\033");
    assert_hasnt(text, "\r");
}

/* --- the other verdicts -----------------------------------------------------------------------------------
 */

static void a_pass_is_short(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "✓ The captured variable: passed, 10 of 10 points (1.4 s)\n");
    assert_int_equal(count_of(text, "✓"), 4);
    assert_hasnt(text, "hint");
    assert_true(count_lines(text) <= 8);
}

static void warnings_follow_a_pass(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct build *build = talloc_zero(*state, struct build);
    struct diagnostic warnings[5];
    char file[] = "tasks.c", words[] = "unused variable 'x'", source[] = "\tint x;";

    for (size_t i = 0; i < 5; i++)
        warnings[i] = (struct diagnostic){file, (int)i + 1, 6, SEVERITY_WARNING, words, source};
    warnings[0].column = 1; /* in the blanks before the code */
    build->diagnostics = warnings;
    build->diagnostic_count = 5;
    verdict->build = build;
    char *text = shown(*state, verdict, &plain);
    assert_int_equal(count_of(text, "warning: unused variable 'x'"), 3);
    assert_has(text, "tasks.c:1  warning: unused variable 'x'\n          int x;\n      ^\n");
    assert_has(text, "tasks.c:2  warning: unused variable 'x'\n      int x;\n          ^\n");
    assert_has(text, "... and 2 more\n");
}

static void the_graders_fault_costs_nothing(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_trouble(verdict, 3, "the memory checker crashed at its start");
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "? The captured variable: could not be judged (1.4 s)\n");
    assert_has(text, "  ? no argument is used");
    assert_has(text, "not judged\n");
    assert_has(text, "The grader could not do its part: the memory checker crashed at its start\n");
    assert_has(text, "no attempt was counted");
    assert_has(text, "Type: deepend doctor\n");
    assert_hasnt(text, "hint");
}

static void a_failure_tells_what_was_not_judged(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_race(verdict, 0);
    fixture_trouble(verdict, 3, "no memory checker here");
    assert_has(shown(*state, verdict, &plain),
               "The grader could not judge every check: no memory checker here");
}

static void compile_errors_are_short(void **state)
{
    struct verdict *verdict = fixture_build(*state, BUILD_FAILED, 7);
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "✗ The captured variable: does not compile (1.4 s)\n");
    assert_has(text, "  tasks.c:3  error: expected ';' after expression 0\n      i++ }\n          ^\n");
    assert_int_equal(count_of(text, "error: "), 5);
    assert_has(text, "... and 2 more\n");
    assert_true(count_lines(text) <= 24);
}

static void a_refusal_says_so(void **state)
{
    struct verdict *verdict = fixture_build(*state, BUILD_REFUSED, 1);
    char *text = shown(*state, verdict, &plain);

    assert_has(text, "✗ The captured variable: refused (1.4 s)\n");
    assert_has(text, "forbidden: it uses something that no exercise needs\n");
    assert_has(text, "tasks.c:3");
}

static void many_passed_checks_share_a_line(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *rows = talloc_zero_array(*state, struct check_verdict, 9);

    for (size_t i = 0; i < 9; i++) {
        rows[i] = verdict->checks[0];
        rows[i].name = talloc_asprintf(*state, "check-%zu", i);
    }
    verdict->checks = rows;
    verdict->check_count = 9;
    fixture_race(verdict, 4);
    char *text = shown(*state, verdict, &plain);
    assert_has(text, "  ✓ 8 other checks passed\n");
    assert_int_equal(count_of(text, "every thread prints its own ticket"), 1);
}

/* --- style ------------------------------------------------------------------------------------------------
 */

static void colours_are_accents_only(void **state)
{
    struct verdict *verdict = fixture_pass(*state);
    fixture_race(verdict, 0);
    const char *text = shown(*state, verdict, &coloured);

    assert_has(text, "\033[1;31mrace\033[0m: the main thread");
    for (const char *at = text; (at = strstr(at, "\033[")); at += 2) {
        char code[8] = {0};
        memcpy(code, at + 2, strcspn(at + 2, "m") < 7 ? strcspn(at + 2, "m") : 7);
        /* bold, reset, red, green, yellow, cyan: no black, no white, no background */
        assert_true(strcmp(code, "0") == 0 || strcmp(code, "1") == 0 || strcmp(code, "1;31") == 0 ||
                    strcmp(code, "1;32") == 0 || strcmp(code, "33") == 0 || strcmp(code, "36") == 0);
    }
}

static void ascii_and_narrow(void **state)
{
    static const struct report_style narrow = {.width = 40, .utf8 = 0, .program = "./deepend"};
    struct verdict *verdict = fixture_pass(*state);
    struct check_verdict *row = fixture_race(verdict, 0);

    row->why = talloc_strdup(*state, "“Nothing” — not even a lock → orders them; λ × 2, 漢字");
    char *text = shown(*state, verdict, &narrow);
    assert_ascii(text);
    assert_fits(text, 40);
    assert_has(text, "x The captured variable");
    assert_has(text, "\"Nothing\" -\n  not even a lock -> orders");
    assert_has(text, "./deepend hint");
}

static void style_follows_the_environment(void **state)
{
    FILE *file = tmpfile();
    (void)state;

    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("COLUMNS", "62", 1);
    struct report_style style = report_style_for(file);
    assert_int_equal(style.utf8, 1);
    assert_int_equal(style.colour, 0); /* a file is no terminal */
    assert_int_equal(style.width, 62);
    setenv("LC_ALL", "C", 1);
    setenv("COLUMNS", "7", 1);
    style = report_style_for(file);
    assert_int_equal(style.utf8, 0);
    assert_int_equal(style.width, 40);
    setenv("LC_ALL", "xx_YY.utf8", 1); /* not installed, but said */
    unsetenv("COLUMNS");
    style = report_style_for(file);
    assert_int_equal(style.utf8, 1);
    assert_int_equal(style.width, 80);
    fclose(file);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_race_names_both_lines),
        test(raw_adds_the_tools_words),
        test(the_same_fault_is_told_once),
        test(other_faults_are_told_shortly),
        test(places_outside_the_learners_file_show_too),
        test(stuck_threads_stand_in_a_line_each),
        test(output_cannot_command_the_terminal),
        test(a_pass_is_short),
        test(warnings_follow_a_pass),
        test(the_graders_fault_costs_nothing),
        test(a_failure_tells_what_was_not_judged),
        test(compile_errors_are_short),
        test(a_refusal_says_so),
        test(many_passed_checks_share_a_line),
        test(colours_are_accents_only),
        test(ascii_and_narrow),
        test(style_follows_the_environment),
    };

    return cmocka_run_group_tests_name("report: the terminal", tests, NULL, NULL);
}
