/* test_deadletter_line.c - a record to a line and back, and lines that are none though their sum is right. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "../deadletter_line.h"
#include "starve.h"
#include <stdio.h>

static void every_byte_comes_back(void **state)
{
    (void)state;
    unsigned char payload[256];
    char reason[256], sign;
    size_t length;
    for (int i = 0; i < 256; i++)
        payload[i] = (unsigned char)i;
    for (int i = 0; i < 255; i++)
        reason[i] = (char)(i + 1);
    reason[255] = '\0';
    struct pool_deadletter_item back, item = {.id = UINT64_MAX - 1,
                                              .at = UINT64_MAX,
                                              .attempts = UINT32_MAX,
                                              .reason = reason,
                                              .payload = payload,
                                              .size = 256};
    char *line = pool_deadletter_line_make('+', &item, &length);
    assert_int_equal(line[length - 1], '\n');
    assert_ptr_equal(memchr(line, '\n', length), line + length - 1); /* the only one */
    line[length - 1] = '\0';
    assert_true(pool_deadletter_line_read(line, length - 1, &sign, &back));
    assert_int_equal(sign, '+');
    assert_true(back.id == item.id && back.at == item.at && back.attempts == item.attempts);
    assert_string_equal(back.reason, reason);
    assert_int_equal(back.size, 256);
    assert_memory_equal(back.payload, payload, 256);
    free(line);
}

/* The sum is the one that every CRC-32 of this kind is known by: of "123456789" it is cbf43926. */
static uint32_t sum_of(const char *text)
{
    uint32_t crc = UINT32_MAX;
    for (; *text; text++)
        for (int bit = 0; bit < 8; bit++) {
            uint32_t odd = (crc ^ (uint32_t)(unsigned char)*text >> bit) & 1;
            crc = crc >> 1 ^ (odd ? UINT32_C(0xedb88320) : 0);
        }
    return ~crc;
}

static bool reads(const char *body)
{
    struct pool_deadletter_item item;
    char line[300], sign;
    snprintf(line, sizeof line, "%08x %s", sum_of(body), body);
    return pool_deadletter_line_read(line, strlen(line), &sign, &item);
}

static void a_good_line_is_read_and_a_bad_one_is_not(void **state)
{
    (void)state;
    static const char *const good[] = {"+ 1 2 3 r p",     "+ 1 2 3 % %", "+ 1 2 3 r %",
                                       "+ 1 2 3 % a%00b", "- 7",         "* 7 8 9"};
    static const char *const bad[] = {"",
                                      "+",
                                      "? 1 2 3 r p",
                                      "+1 2 3 r p",
                                      "+ 0 2 3 r p",
                                      "+ 1 2 3 r",
                                      "+ 1 2 3",
                                      "+ 1",
                                      "+ 1 2 3 r p ",
                                      "+ 1 2 3 r p q",
                                      "+ 1  2 3 r p",
                                      "+ a 2 3 r p",
                                      "+ 1 b 3 r",
                                      "+ 1 2 3 %4 p",
                                      "+ 1 2 3 %G0 p",
                                      "+ 1 2 3 %0a p",
                                      "- 7 8",
                                      "- ",
                                      "-",
                                      "* 7 8",
                                      "* 7 8 9 10",
                                      "+ 1 2 4294967296 r p",
                                      "+ 18446744073709551615 2 3 r p",
                                      "+ 1 18446744073709551616 3 r p",
                                      "+ 1 2 3 r %0"};
    assert_int_equal(sum_of("123456789"), 0xcbf43926);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(reads(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (reads(bad[i]))
            fail_msg("read: %s", bad[i]);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct pool_deadletter_item item = {.id = 1};
    size_t length;
    starve.counting = true;
    starve.allowed = 0;
    char *line = pool_deadletter_line_make('-', &item, &length);
    starve.counting = false;
    assert_null(line);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_byte_comes_back),
        CASE(a_good_line_is_read_and_a_bad_one_is_not),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: deadletter line", cases, NULL, NULL);
}
