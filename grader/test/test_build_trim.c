/* test_build_trim.c - trimming build/cache takes what has not been used lately, and never what somebody may
 * be using. */
#include "fixture_build.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* Let every file of the cache that was touched within the last LATEST seconds look as if that had been
 * SECONDS ago. */
static void age_latest(struct stage *stage, long latest, long seconds)
{
    struct timespec now, then[2];
    struct stat status;
    glob_t found;

    clock_gettime(CLOCK_REALTIME, &now);
    then[0] = then[1] = (struct timespec){.tv_sec = now.tv_sec - seconds};
    assert_int_equal(glob(talloc_asprintf(stage, "%s/*/*", cache_folder(stage)), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (stat(found.gl_pathv[i], &status) == 0 && status.st_mtim.tv_sec >= now.tv_sec - latest) {
            utimensat(AT_FDCWD, found.gl_pathv[i], then, 0);
        }
    globfree(&found);
}

/* Let everything look as if it had last been used that many seconds ago. */
static void age(struct stage *stage, long seconds)
{
    struct timespec then[2] = {0};
    glob_t found;

    age_latest(stage, 1 << 30, seconds);
    then[0].tv_sec = then[1].tv_sec = time(NULL) - seconds;
    assert_int_equal(glob(talloc_asprintf(stage, "%s/*", cache_folder(stage)), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        utimensat(AT_FDCWD, found.gl_pathv[i], then, 0);
    globfree(&found);
}

static size_t entries(struct stage *stage)
{
    DIR *folder = opendir(cache_folder(stage));
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(folder)))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void test_trim(void **state)
{
    struct stage *stage = *state;

    build_cache_trim(stage->root, 0); /* there is none yet */
    build_well(stage, good);
    size_t all = entries(stage);
    build_cache_trim(stage->root, 0); /* too young: another grader may use it */
    assert_int_equal(entries(stage), all);
    age(stage, 7200);
    build_well(stage, good); /* uses them */
    build_cache_trim(stage->root, 0);
    assert_int_equal(build_well(stage, good)->cached, 1);

    age(stage, 7200);
    build_cache_trim(stage->root, (size_t)1 << 30); /* there is room */
    assert_int_equal(build_well(stage, good)->cached, 1);
    age(stage, 7200);
    build_cache_trim(stage->root, 0);
    assert_int_equal(entries(stage), 0);
    assert_true(works(stage, build_well(stage, good)));
}

/* What the entry with the list SUMS takes on the disk, if it was used within the last LATEST seconds. */
static size_t used_lately(struct stage *stage, const char *sums, long latest)
{
    struct stat status;
    size_t bytes = 0;
    glob_t found;

    assert_int_equal(stat(sums, &status), 0);
    if (status.st_mtime < time(NULL) - latest)
        return 0;
    char *pattern = talloc_asprintf(stage, "%.*s*", (int)(strrchr(sums, '/') - sums) + 1, sums);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        bytes += stat(found.gl_pathv[i], &status) == 0 ? (size_t)status.st_blocks * 512 : 0;
    globfree(&found);
    return bytes;
}

/* What was used last stays longest. */
static void test_trim_order(void **state)
{
    struct stage *stage = *state;
    glob_t sums;

    build_well(stage, other);
    age(stage, 9000);
    size_t before = entries(stage);
    build_well(stage, good);
    assert_true(entries(stage) > before);
    age_latest(stage, 600, 7200); /* the lists of all that GOOD uses, and what was made for it alone */
    size_t kept = 0;
    assert_int_equal(glob(talloc_asprintf(stage, "%s/*/sums", cache_folder(stage)), 0, NULL, &sums), 0);
    for (size_t i = 0; i < sums.gl_pathc; i++)
        kept += used_lately(stage, sums.gl_pathv[i], 8000);
    globfree(&sums);
    build_cache_trim(stage->root, kept);
    assert_int_equal(build_well(stage, good)->cached, 1);
    assert_int_equal(build_well(stage, other)->cached, 0);
}

static void test_trim_leftovers(void **state)
{
    struct stage *stage = *state;

    folder_make(talloc_asprintf(stage, "%s/tmp.abcdef/3", cache_folder(stage)), NULL);
    stage_write(stage, "build/cache/tmp.abcdef/3/half.o", "half");
    build_cache_trim(stage->root, (size_t)1 << 30); /* somebody may be at work there */
    assert_int_equal(entries(stage), 1);
    age(stage, 7200);
    build_cache_trim(stage->root, (size_t)1 << 30);
    assert_int_equal(entries(stage), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_trim, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_trim_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_trim_leftovers, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("build: trim", tests, NULL, NULL);
}
