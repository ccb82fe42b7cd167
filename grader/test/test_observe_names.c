/* test_observe_names.c - names: of a line's objects, from its text; of objects and functions, from an
 * address. */
#include "base/file.h"
#include "base/process.h"
#include "observe/source.h"
#include "base/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

/* --- lines
 * -------------------------------------------------------------------------------------------------- */

/* Names are joined by a comma. */
static const struct {
    const char *line, *changes, *reads;
} lines[] = {
    {"for (int i = 0; i < 4; i++)", "i", "i"},
    {"int index = *(int *)arg;", "index", "*(int *)arg"},
    {"total += index;", "total", "total,index"},
    {"pool->closed = 1;", "pool->closed", ""},
    {"while (!pool->closed)", "", "pool->closed"},
    {"q->items[q->tail++] = task;", "q->tail,q->items[q->tail++]", "q->tail,task"},
    {"*p = 3;", "*p", ""},
    {"int *p = q->head;", "p", "q->head"},
    {"struct node *n = list;", "n", "list"},
    {"if (p->x == 3) counter++;", "counter", "p->x,counter"},
    {"return counter;", "", "counter"},
    {"printf(\"%d = x\\n\", i); // y = 3", "", "i"},
    {"a[i].b = (size_t)n; /* c = d */", "a[i].b", "i,n"},
    {"*out = f(x);", "*out", "x"},
    {"if (done) *flag = 1;", "*flag", "done"},
    {"x = y * z;", "x", "y,z"},
    {"x = f(y * z);", "x", "y,z"},
    {"x <<= y; a != b; c <= d;", "x", "x,y,a,b,c,d"},
    {"--pool->busy;", "pool->busy", "pool->busy"},
    {"*(int *)arg = 3;", "*(int *)arg", ""},
    {"for (size_t i = 0; i < n; i++) sum += a[i];", "i,sum", "i,n,sum,a[i]"},
    {"bool ready = shared;", "ready", "shared"},
    {"x = LIMIT;", "x", ""},
    {"get(&counter);", "", ""},
    {"c = '=';", "c", ""},
    /* not understood, and so without a name */
    {"INCREMENT(x);", "", ""},
    {"++*p;", "", "*p"},
    {"(*job)->state = 4;", "", "*job"},
    {"a = b = c = d = e = f = g = h = i = 0;", "", ""},
    {"", "", ""},
    {"[", "", ""},
    {")", "", ""},
    {"\"", "", ""},
    {"x[", "", "x"},
    {"= 3", "", ""},
};

static char *joined(void *mem, const char *line, enum source_access access)
{
    char *names[SOURCE_NAMES], *text = talloc_strdup(mem, "");
    size_t count = source_names(mem, line, access, names);

    for (size_t i = 0; i < count; i++)
        text = talloc_asprintf_append(text, "%s%s", i ? "," : "", names[i]);
    return text;
}

static void test_lines(void **state)
{
    void *mem = talloc_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char *changes = joined(mem, lines[i].line, SOURCE_CHANGES),
             *reads = joined(mem, lines[i].line, SOURCE_READS);
        if (strcmp(changes, lines[i].changes) != 0 || strcmp(reads, lines[i].reads) != 0)
            print_error("%s\n", lines[i].line);
        assert_string_equal(changes, lines[i].changes);
        assert_string_equal(reads, lines[i].reads);
    }
    assert_int_equal(source_names(mem, NULL, SOURCE_READS, NULL), 0);
    talloc_free(mem);
}

static void test_arguments(void **state)
{
    static const struct {
        const char *line, *function, *argument;
    } cases[] = {
        {"if (pthread_mutex_lock(&pool->lock) != 0)", "pthread_mutex_lock", "pool->lock"},
        {"memset(f(a, b), 0, 3);", "memset", "f(a, b)"},
        {"free(list[n - 1]);", "free", "list[n - 1]"},
        {"lock(&a); lock(&b);", "lock", NULL},
        {"unlock(&a);", "lock", NULL},
        {"lock();", "lock", NULL},
        {"lock(&a", "lock", NULL},
        {"// lock(&a)", "lock", NULL},
    };
    void *mem = talloc_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *argument = source_argument(mem, cases[i].line, cases[i].function);
        assert_string_equal(argument ? argument : "none", cases[i].argument ? cases[i].argument : "none");
    }
    assert_int_equal(source_same_member("pool->closed", "p->closed"), 1);
    assert_int_equal(source_same_member("a.b", "a.c"), 0);
    assert_int_equal(source_same_member("total", "total"), 1);
    talloc_free(mem);
}

static void test_source_lines(void **state)
{
    struct submission submission = {.text = "first\n\t second  \n\nlast"};
    void *mem = talloc_new(NULL);

    (void)state;
    assert_string_equal(source_line(mem, &submission, 1), "first");
    assert_string_equal(source_line(mem, &submission, 2), "second");
    assert_null(source_line(mem, &submission, 3));
    assert_string_equal(source_line(mem, &submission, 4), "last");
    assert_null(source_line(mem, &submission, 5));
    assert_null(source_line(mem, &submission, 0));
    talloc_free(mem);
}

/* --- addresses
 * ------------------------------------------------------------------------------------------------ */

static const char source[] = "grader/test/observe/support/named.c";

static int line_of(const char *text, const char *mark)
{
    int line = 1;
    for (const char *at = text, *found = strstr(text, mark); at < found; at++)
        line += *at == '\n';
    return line;
}

static void expect_frame(const struct frame *frame, const char *function, int line)
{
    assert_string_equal(frame->function, function);
    assert_int_equal(frame->line, line);
    assert_non_null(strstr(frame->file, "named.c"));
}

static void expect_place(void *mem, struct symbols *symbols, const char *what, uint64_t address)
{
    char *text = file_read(mem, source, 1 << 20, NULL, NULL);
    struct frame *frames;
    size_t count = symbols_resolve(symbols, mem, address, &frames);

    if (strcmp(what, "inlined") == 0) {
        assert_int_equal(count, 2);
        expect_frame(&frames[0], "inlined", line_of(text, "{inlined}"));
        expect_frame(&frames[1], "function", line_of(text, "{caller}"));
    } else {
        assert_int_equal(count, 1);
        expect_frame(&frames[0], "function", line_of(text, "{function}"));
    }
}

/* Compile with the flags, run, and find every printed name again. */
static void expect_names(void *mem, const char *folder, const char *dwarf, const char *optimise)
{
    const char *binary = talloc_asprintf(mem, "%s/named", folder);
    const char *compile[] = {"clang", "-g", dwarf, optimise, "-no-pie", "-o", binary, source, NULL},
               *run[] = {binary, NULL};
    struct process job = {.argv = compile}, job_run = {.argv = run};
    struct error err;
    char name[64];
    unsigned long address;
    int length, names = 0;

    assert_int_equal(process_run(mem, &job, 1, 1, &err), 0);
    assert_string_equal(job.output, "");
    assert_int_equal(process_run(mem, &job_run, 1, 1, &err), 0);
    struct symbols *symbols = symbols_open(mem, binary);
    assert_non_null(symbols);
    for (const char *at = job_run.output; sscanf(at, " %63s %lx%n", name, &address, &length) == 2;
         at += length, names++) {
        char *found = symbols_data(symbols, mem, address);
        if (name[0] == '@')
            expect_place(mem, symbols, name + 1, address);
        else
            assert_string_equal(found ? found : "nothing", name);
    }
    assert_int_equal(names, 12);
    assert_null(symbols_data(symbols, mem, 1));
    assert_int_equal(symbols_resolve(symbols, mem, 1, &(struct frame *){NULL}), 0);
}

static void test_addresses(void **state)
{
    static const char *const dwarfs[] = {"-gdwarf-4", "-gdwarf-5"}, *const levels[] = {"-O0", "-O1"};
    void *mem = talloc_new(NULL);
    char *folder = talloc_strdup(mem, "/tmp/test-names-XXXXXX");

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 4; i++)
        expect_names(mem, folder, dwarfs[i & 1], levels[i >> 1]);
    path_remove(folder);
    talloc_free(mem);
}

static void test_no_executable(void **state)
{
    struct frame *frames;

    (void)state;
    assert_null(symbols_open(NULL, "/nowhere"));
    assert_null(symbols_open(NULL, source));
    assert_int_equal(symbols_resolve(NULL, NULL, 16, &frames), 0);
    assert_null(symbols_data(NULL, NULL, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),         cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_source_lines),  cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_no_executable),
    };
    return cmocka_run_group_tests_name("observe, names", tests, NULL, NULL);
}
