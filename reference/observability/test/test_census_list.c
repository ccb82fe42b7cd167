/* test_census_list.c - the census on a list of threads that the test wrote itself: numbers used again,
 * threads on their way out, lines that are not what they should be.
 */
/* link: -Wl,--wrap=opendir */
#include "watch_test.h"

#include "census.h"
#include <dirent.h>
#include <sys/stat.h>

/* The wrapper has no argument for this, so it has to be global. */
static char list[64];

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
    return __real_opendir(strcmp(path, "/proc/self/task") == 0 ? list : path);
}

/* Make thread TID's line LINE; NULL: it is not in the list any more. */
static void put(int tid, const char *line)
{
    char folder[96], path[128];
    snprintf(folder, sizeof folder, "%s/%d", list, tid);
    snprintf(path, sizeof path, "%s/stat", folder);
    if (!line) {
        unlink(path);
        rmdir(folder);
        return;
    }
    mkdir(folder, 0700);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(line, file);
    fclose(file);
}

/* Thread NAME in STATE that started at tick STARTED, as proc(5) has it. */
static void put_thread(int tid, const char *name, char state, int started)
{
    char line[200];
    snprintf(line, sizeof line, "%d (%s) %c 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 9 0 %d 4096 100\n", tid, name,
             state, started);
    put(tid, line);
}

static void no_pause(void *context, uint64_t nanoseconds)
{
    (void)context, (void)nanoseconds;
}

static struct pool_census *census_make(void)
{
    struct pool_census *census;
    assert_int_equal(pool_census_create(&census, &(struct pool_census_options){.pause = no_pause}), POOL_OK);
    return census;
}

static void a_number_used_again_is_another_thread(void **state)
{
    (void)state;
    struct pool_leak leak;
    size_t count;
    put_thread(1000001, "old", 'S', 5);
    struct pool_census *census = census_make();
    assert_int_equal(pool_census_check(census, NULL, &leak, 1, &count), POOL_OK);
    put_thread(1000001, "new", 'R', 6);
    assert_int_equal(pool_census_check(census, NULL, &leak, 1, &count), POOL_FAILED);
    assert_int_equal(leak.tid, 1000001);
    assert_string_equal(leak.name, "new");
    assert_int_equal(leak.state, 'R');
    put(1000001, NULL);
    pool_census_destroy(census);
}

static void threads_on_their_way_out_do_not_count(void **state)
{
    (void)state;
    size_t count;
    struct pool_census *census = census_make();
    put_thread(1000002, "zombie", 'Z', 5);
    put_thread(1000003, "dead", 'X', 5);
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK);
    assert_int_equal(pool_census_count(), 0);
    put_thread(1000002, "stopped", 'T', 5);
    assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_FAILED);
    assert_int_equal(pool_census_count(), 1);
    put(1000002, NULL);
    put(1000003, NULL);
    pool_census_destroy(census);
}

static void any_name_is_read_right(void **state)
{
    (void)state;
    static const char *const names[] = {"", ")", "a) S 1 2 3", "((", "fifteen letters"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct pool_leak leak;
        size_t count;
        struct pool_census *census = census_make();
        put_thread(1000004, names[i], 'D', 5);
        assert_int_equal(pool_census_check(census, NULL, &leak, 1, &count), POOL_FAILED);
        assert_string_equal(leak.name, names[i]);
        assert_int_equal(leak.state, 'D');
        put(1000004, NULL);
        pool_census_destroy(census);
    }
}

/* What cannot be read is not counted: the thread is gone between the look at the list and the look at it. */
static void broken_lines_are_nobody(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "", "1", "1 (x", "1 x)", "1 (x)", "1 (x) S", "1 (x) S 1 1 1 0 -1 0 0 0"};
    size_t count;
    struct pool_census *census = census_make();
    for (size_t i = 0; i < COUNT(lines); i++) {
        put(1000005, lines[i]);
        assert_int_equal(pool_census_check(census, NULL, NULL, 0, &count), POOL_OK);
    }
    put(1000005, NULL);
    pool_census_destroy(census);
}

static int begin(void **state)
{
    (void)state;
    snprintf(list, sizeof list, "/tmp/census-XXXXXX");
    return mkdtemp(list) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(list);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_number_used_again_is_another_thread),
        CASE(threads_on_their_way_out_do_not_count),
        CASE(any_name_is_read_right),
        CASE(broken_lines_are_nobody),
    };
    return cmocka_run_group_tests_name("observability: census, list", cases, begin, end);
}
