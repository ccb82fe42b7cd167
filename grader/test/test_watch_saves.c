/* test_watch_saves.c - every way in which editors save, told by the system and found by looking.
 *
 * No case asserts a time: each waits until the save has been noticed, and fails only after half a minute in
 * which it was not. Where nothing may be noticed, a slow machine can only make the case easier to pass.
 */
#include "cmd/watch_saves.h"

#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

static const double patience = 30;

struct desk {
    char *root, *folder, *path;
    struct saves *saves;
};

/* --- the desk ---------------------------------------------------------------------------------------------
 */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int desk_setup(void **state)
{
    struct desk *desk = talloc_zero(NULL, struct desk);
    char folder[] = "/tmp/deepend-saves-XXXXXX";
    struct error err;

    desk->root = talloc_strdup(desk, mkdtemp(folder));
    desk->folder = talloc_asprintf(desk, "%s/work", desk->root);
    desk->path = talloc_asprintf(desk, "%s/tasks.c", desk->folder);
    assert_int_equal(folder_make(desk->folder, &err), 0);
    put(desk->path, "first\n");
    desk->saves = saves_open(desk, desk->path);
    *state = desk;
    return 0;
}

static int told_setup(void **state)
{
    unsetenv("DEEPEND_POLL");
    desk_setup(state);
    return saves_descriptor(((struct desk *)*state)->saves) >= 0 ? 0 : -1;
}

static int polled_setup(void **state)
{
    setenv("DEEPEND_POLL", "1", 1);
    desk_setup(state);
    return saves_descriptor(((struct desk *)*state)->saves) < 0 ? 0 : -1;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    path_remove(desk->root);
    talloc_free(desk);
    return 0;
}

/* Do what watch does for at most LIMIT seconds; 1 as soon as a save is noticed. */
static int pump(struct desk *desk, double limit)
{
    double end = clock_seconds() + limit;

    while (clock_seconds() < end) {
        struct pollfd events = {.fd = saves_descriptor(desk->saves), .events = POLLIN};
        int wait = saves_patience(desk->saves);
        poll(&events, 1, wait < 20 ? wait : 20);
        if (saves_look(desk->saves))
            return 1;
    }
    return 0;
}

/* The next save that is noticed is the one of TEXT. */
static void assert_saved(struct desk *desk, const char *text)
{
    char hash[SHA256_TEXT];

    sha256_bytes(text, strlen(text), hash);
    assert_true(pump(desk, patience));
    assert_string_equal(saves_hash(desk->saves), hash);
}

/* Sooner or later TEXT is noticed; contents in between may be, too. */
static void assert_saved_at_last(struct desk *desk, const char *text)
{
    char hash[SHA256_TEXT];

    sha256_bytes(text, strlen(text), hash);
    do
        assert_true(pump(desk, patience));
    while (strcmp(saves_hash(desk->saves), hash) != 0);
}

/* --- ways to save -----------------------------------------------------------------------------------------
 */

static void rename_over(void **state)
{
    struct desk *desk = *state;
    char *beside = talloc_asprintf(desk, "%s/.tasks.c.new", desk->folder);

    put(beside, "renamed\n");
    assert_int_equal(rename(beside, desk->path), 0);
    assert_saved(desk, "renamed\n");
    put(beside, "again\n");
    assert_int_equal(rename(beside, desk->path), 0);
    assert_saved(desk, "again\n");
}

static void truncate_and_write(void **state)
{
    struct desk *desk = *state;

    put(desk->path, "written\n");
    assert_saved(desk, "written\n");
    put(desk->path, "writtem\n"); /* as long as before */
    assert_saved(desk, "writtem\n");
}

/* vim with backups: the file is moved away, a new one written under its name. */
static void backup_and_write(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(rename(desk->path, talloc_asprintf(desk, "%s~", desk->path)), 0);
    put(desk->path, "after a backup\n");
    assert_saved(desk, "after a backup\n");
}

static void in_place(void **state)
{
    struct desk *desk = *state;
    int file = open(desk->path, O_WRONLY);

    assert_int_equal(pwrite(file, "F", 1, 0), 1);
    close(file);
    assert_saved(desk, "First\n");
}

static void in_pieces(void **state)
{
    struct desk *desk = *state;
    FILE *file = fopen(desk->path, "w");

    pump(desk, 0.1);
    fputs("one ", file);
    fflush(file);
    pump(desk, 0.1);
    fputs("two\n", file);
    fclose(file);
    assert_saved_at_last(desk, "one two\n");
}

static void by_link(void **state)
{
    struct desk *desk = *state;
    char *beside = talloc_asprintf(desk, "%s/other", desk->root);

    put(beside, "linked\n");
    unlink(desk->path);
    assert_int_equal(link(beside, desk->path), 0);
    assert_saved(desk, "linked\n");
}

static void through_a_symbolic_link(void **state)
{
    struct desk *desk = *state;
    char *target = talloc_asprintf(desk, "%s/elsewhere.c", desk->root);

    put(target, "target\n");
    unlink(desk->path);
    assert_int_equal(symlink(target, desk->path), 0);
    assert_saved(desk, "target\n");
    put(target, "target changed\n"); /* no event in the folder tells of this */
    assert_saved(desk, "target changed\n");
}

static void gone_and_back(void **state)
{
    struct desk *desk = *state;

    unlink(desk->path);
    for (double end = clock_seconds() + patience; !saves_missing(desk->saves);) {
        assert_false(pump(desk, 0.1)); /* a missing file is no save */
        assert_true(clock_seconds() < end);
    }
    put(desk->path, "back\n");
    assert_saved(desk, "back\n");
    assert_false(saves_missing(desk->saves));
}

static void folder_made_anew(void **state)
{
    struct desk *desk = *state;

    path_remove(desk->folder);
    pump(desk, 0.2);
    assert_int_equal(mkdir(desk->folder, 0755), 0);
    put(desk->path, "new folder\n");
    assert_saved(desk, "new folder\n");
    put(desk->path, "and still watched\n");
    assert_saved(desk, "and still watched\n");
}

static void folder_replaced(void **state)
{
    struct desk *desk = *state;
    char *other = talloc_asprintf(desk, "%s/other", desk->root);

    assert_int_equal(mkdir(other, 0755), 0);
    put(talloc_asprintf(desk, "%s/tasks.c", other), "other folder\n");
    assert_int_equal(rename(desk->folder, talloc_asprintf(desk, "%s/old", desk->root)), 0);
    assert_int_equal(rename(other, desk->folder), 0);
    assert_saved(desk, "other folder\n");
}

/* An event is not left to the next look round, which may be seconds away. */
static void an_event_is_followed_at_once(void **state)
{
    struct desk *desk = *state;
    struct pollfd events = {.fd = saves_descriptor(desk->saves), .events = POLLIN};

    put(desk->path, "second\n");
    assert_int_equal(poll(&events, 1, (int)patience * 1000), 1);
    if (!saves_look(desk->saves))
        assert_true(saves_patience(desk->saves) <= 30);
}

/* --- what is no save --------------------------------------------------------------------------------------
 */

static void the_same_content_is_no_save(void **state)
{
    struct desk *desk = *state;
    char *beside = talloc_asprintf(desk, "%s/.new", desk->folder);

    put(desk->path, "first\n");
    assert_false(pump(desk, 0.4));
    put(beside, "first\n");
    assert_int_equal(rename(beside, desk->path), 0);
    assert_int_equal(chmod(desk->path, 0600), 0);
    assert_false(pump(desk, 1));
    put(desk->path, "second\n");
    assert_saved(desk, "second\n");
}

static void other_files_are_no_save(void **state)
{
    static const char *const names[] = {".tasks.c.swp", "tasks.c~", "4913",
                                        "#tasks.c#",    "tasks.cc", "asks.c"};
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(talloc_asprintf(desk, "%s/%s", desk->folder, names[i]), "beside\n");
    assert_false(pump(desk, 0.5));
    put(desk->path, "second\n");
    assert_saved(desk, "second\n");
}

static void what_was_forgotten_is_told_again(void **state)
{
    struct desk *desk = *state;

    saves_forget(desk->saves);
    assert_saved(desk, "first\n");
}

/* --- what cannot be read ----------------------------------------------------------------------------------
 */

static void a_pipe_does_not_block(void **state)
{
    struct desk *desk = *state;
    char *beside = talloc_asprintf(desk, "%s/pipe", desk->folder);

    assert_int_equal(mkfifo(beside, 0600), 0);
    assert_int_equal(rename(beside, desk->path), 0);
    assert_true(pump(desk, patience));
    assert_non_null(strstr(saves_hash(desk->saves), "not a file"));
    unlink(desk->path);
    put(desk->path, "a file again\n");
    assert_saved(desk, "a file again\n");
}

static void an_empty_file_is_told_late(void **state)
{
    struct desk *desk = *state;

    put(desk->path, "");
    assert_saved(desk, "");
}

#define both(function)                                                                                       \
    {#function ", told", function, told_setup, teardown, NULL},                                              \
    {                                                                                                        \
#function ", polled", function, polled_setup, teardown, NULL                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(rename_over),
        both(truncate_and_write),
        both(backup_and_write),
        both(in_place),
        both(in_pieces),
        both(by_link),
        both(through_a_symbolic_link),
        both(gone_and_back),
        both(folder_made_anew),
        both(folder_replaced),
        {"an_event_is_followed_at_once", an_event_is_followed_at_once, told_setup, teardown, NULL},
        both(the_same_content_is_no_save),
        both(other_files_are_no_save),
        both(what_was_forgotten_is_told_again),
        both(a_pipe_does_not_block),
        both(an_empty_file_is_told_late),
    };

    return cmocka_run_group_tests_name("watch: saves", tests, NULL, NULL);
}
