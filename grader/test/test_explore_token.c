/* test_explore_token.c - a schedule as a word, and back: all that it may hold, and what is no such word.
 */
#include "explore/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

/* splitmix64, so that the cases are the same each time. */
static uint64_t next_number(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static struct schedule some_schedule(void *mem, uint64_t *state)
{
    struct schedule schedule = {.request = {.strategy = EXPLORE_REPLAY,
                                            .step_limit = next_number(state) % 1000000,
                                            .memory_points = next_number(state) % 2,
                                            .detect_races = next_number(state) % 2,
                                            .spurious = next_number(state) % 2 * 17,
                                            .early = next_number(state) % 2 * 1000,
                                            .fail_create = next_number(state) % 2,
                                            .fail_malloc = next_number(state) % 2 * 999}};
    uint32_t at = 0;

    schedule.pick_count = next_number(state) % 40;
    schedule.picks = talloc_array(mem, struct pick, 41);
    for (size_t i = 0; i < schedule.pick_count; i++) {
        at += (uint32_t)(next_number(state) % 300) + (i > 0);
        schedule.picks[i] = (struct pick){at, (uint8_t)(1 + next_number(state) % 127)};
    }
    return schedule;
}

static void assert_same_schedule(const struct schedule *a, const struct schedule *b)
{
    assert_int_equal(a->request.strategy, b->request.strategy);
    assert_int_equal(a->request.step_limit, b->request.step_limit);
    assert_int_equal(a->request.memory_points, b->request.memory_points);
    assert_int_equal(a->request.detect_races, b->request.detect_races);
    assert_int_equal(a->request.spurious, b->request.spurious);
    assert_int_equal(a->request.early, b->request.early);
    assert_int_equal(a->request.fail_create, b->request.fail_create);
    assert_int_equal(a->request.fail_malloc, b->request.fail_malloc);
    assert_int_equal(a->pick_count, b->pick_count);
    for (size_t i = 0; i < a->pick_count; i++) {
        assert_int_equal(a->picks[i].at, b->picks[i].at);
        assert_int_equal(a->picks[i].option, b->picks[i].option);
    }
}

static void token_round_trip(void **state)
{
    void *mem = talloc_new(NULL);
    uint64_t random = 1;

    (void)state;
    for (int i = 0; i < 500; i++) {
        struct schedule wrote = some_schedule(mem, &random), read;
        char program[TOKEN_PROGRAM];
        struct error err;
        char *token = token_write(mem, "0123abcd4567", &wrote);
        assert_int_equal(token_read(mem, token, program, &read, &err), 0);
        assert_string_equal(program, "0123abcd");
        assert_same_schedule(&wrote, &read);
    }
    talloc_free(mem);
}

static void token_by_seed(void **state)
{
    void *mem = talloc_new(NULL);
    struct schedule wrote = {
        .request = {.strategy = EXPLORE_POS, .bound = 5, .seed = UINT64_MAX, .step_limit = 9}};
    struct schedule read;
    char program[TOKEN_PROGRAM];
    struct error err;

    (void)state;
    assert_int_equal(token_read(mem, token_write(mem, "00000000", &wrote), program, &read, &err), 0);
    assert_int_equal(read.request.strategy, EXPLORE_POS);
    assert_int_equal(read.request.bound, 5);
    assert_true(read.request.seed == UINT64_MAX);
    assert_int_equal(read.pick_count, 0);
    talloc_free(mem);
}

/* A letter mistyped, left out or doubled. */
static void token_damaged(void **state)
{
    void *mem = talloc_new(NULL);
    uint64_t random = 2;
    struct schedule wrote = some_schedule(mem, &random), read;
    char program[TOKEN_PROGRAM];
    struct error err;
    const char *token = token_write(mem, "0123abcd", &wrote);
    size_t length = strlen(token);

    (void)state;
    for (size_t i = 0; i < length; i++) {
        char *other = talloc_strdup(mem, token);
        other[i] = other[i] == 'a' ? 'b' : 'a';
        assert_int_equal(token_read(mem, other, program, &read, &err), -1);
        assert_int_equal(err.status, EXIT_USAGE);
        other = talloc_asprintf(mem, "%.*s%s", (int)i, token, token + i + 1);
        assert_int_equal(token_read(mem, other, program, &read, &err), -1);
        other = talloc_asprintf(mem, "%.*s%s", (int)i + 1, token, token + i);
        assert_int_equal(token_read(mem, other, program, &read, &err), -1);
    }
    talloc_free(mem);
}

static void token_nonsense(void **state)
{
    static const char *const texts[] = {"",
                                        "-",
                                        "1",
                                        "1-",
                                        "1-0123abcd",
                                        "1-0123abcd-",
                                        "1-0123abcd-AA",
                                        "hello",
                                        "1-0123ABCD-AAAAAA",
                                        "%s%n",
                                        "1-0123abcd-\x80\x80\x80\x80"};
    struct schedule read;
    char program[TOKEN_PROGRAM];
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(token_read(NULL, texts[i], program, &read, &err), -1);
    assert_int_equal(token_read(NULL, "2-0123abcd-AAAAAA", program, &read, &err), -1);
    assert_non_null(strstr(err.text, "another version"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_round_trip),
        cmocka_unit_test(token_by_seed),
        cmocka_unit_test(token_damaged),
        cmocka_unit_test(token_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
