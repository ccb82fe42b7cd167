/* test_text.c - text for terminals (decoding, widths, wrapping) and Markdown laid out with it. */
#include "report/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

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

/* --- text -------------------------------------------------------------------------------------------------
 */

static void text_is_measured_in_columns(void **state)
{
    (void)state;
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("✓ é"), 3);
    assert_int_equal(text_width("e\xcc\x81"), 1); /* a combining accent */
    assert_int_equal(text_width("漢字"), 4);
    assert_int_equal(text_width("\033[1;31mred\033[0m"), 3);
}

static void only_real_utf8_is_decoded(void **state)
{
    static const char *const wrong[] = {"\x80",         "\xc0\xaf",         "\xe0\x80\xaf", "\xed\xa0\x80",
                                        "\xf0\x80\x80", "\xf4\x90\x80\x80", "\xff",         "\xe2\x82"};
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *at = wrong[i];
        unsigned code;
        assert_int_equal(text_decode(&at, &code), 0);
        assert_ptr_equal(at, wrong[i]);
    }
    const char *euro = "\xe2\x82\xac";
    unsigned code;
    assert_int_equal(text_decode(&euro, &code), 3);
    assert_int_equal(code, 0x20ac);
}

static char *wrapped(void *mem, const char *text, const char *first, const char *rest, int width)
{
    char *buffer = NULL, *copy;
    size_t size;
    FILE *stream = open_memstream(&buffer, &size);

    text_wrap(stream, text, first, rest, width);
    fclose(stream);
    copy = talloc_strdup(mem, buffer);
    free(buffer);
    return copy;
}

static void text_is_wrapped_at_blanks(void **state)
{
    assert_string_equal(wrapped(*state, "one two three", "- ", "  ", 9), "- one two\n  three\n");
    assert_string_equal(wrapped(*state, "one two three", "- ", "  ", 8), "- one\n  two\n  three\n");
    assert_string_equal(wrapped(*state, "a\n  b\n\nc", "", "> ", 20), "a\n>   b\n> \n> c\n");
    assert_string_equal(wrapped(*state, "abcdefghij kl", "", "", 4), "abcd\nefgh\nij\nkl\n");
    assert_string_equal(wrapped(*state, "\033[1maa bb\033[0m cc", "", "", 5), "\033[1maa bb\033[0m\ncc\n");
    assert_string_equal(wrapped(*state, "漢字漢字", "", "", 5), "漢字\n漢字\n");
    assert_string_equal(wrapped(*state, "", "x", "", 5), "x\n");
}

/* --- Markdown ---------------------------------------------------------------------------------------------
 */

static char *markdown(void *mem, const char *text, int utf8, int colour, int width)
{
    const struct report_style style = {.utf8 = utf8, .colour = colour, .width = width};
    char *buffer = NULL, *copy;
    size_t size;
    FILE *stream = open_memstream(&buffer, &size);

    report_markdown(stream, text, &style);
    fclose(stream);
    copy = talloc_strdup(mem, buffer);
    free(buffer);
    return copy;
}

static const struct {
    const char *name, *text, *want;
} pages[] = {
    {"paragraphs", "one\ntwo\n\nthree  \nfour", "one two\n\nthree\nfour\n"},
    {"heading", "## A *b*\ntext", "A b\n\ntext\n"},
    {"tight list", "- a\n- b\n  - c\n", "• a\n• b\n  • c\n"},
    {"loose list", "- a\n\n- b", "• a\n\n• b\n"},
    {"numbered list", "9. a\n10. b\n", "9. a\n10. b\n"},
    {"wrapped item", "- one two three four five six seven eight\n",
     "• one two three four five six\n  seven eight\n"},
    {"task list", "- [ ] a\n- [x] b\n", "[ ] a\n[x] b\n"},
    {"code block", "x\n```c\nint a;\n\tb();\n\n```\ny", "x\n\n    int a;\n        b();\n\n\ny\n"},
    {"code span", "call `f(&i)` now", "call `f(&i)` now\n"},
    {"quote", "> a\n> b\n>\n> c", "│ a b\n│\n│ c\n"},
    {"quote in item", "1. > q1\n   > q2", "1. │ q1 q2\n"},
    {"link", "see [here](../a.md) and <http://x.org> and [b](#c)",
     "see here (../a.md) and\nhttp://x.org and b\n"},
    {"html", "a <b>c</b>\n\n<!-- no -->\n\nd", "a c\n\nd\n"},
    {"table", "| a | b |\n|---|--:|\n| x y | 1 |\n| | 22 |\n", "a     b\n───  ──\nx y   1\n     22\n"},
    {"wide table", "| a | b |\n|---|---|\n| k | one two three four five six seven |\n",
     "a  b\n─  ───────────────────────────\nk  one two three four five six\n   seven\n"},
    {"escapes", "a \033[31m b", "a \\x1b[31m b\n"},
};

static void markdown_is_laid_out(void **state)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        const char *got = markdown(*state, pages[i].text, 1, 0, 30);
        if (strcmp(got, pages[i].want) != 0)
            fail_msg("%s: got\n%swant\n%s", pages[i].name, got, pages[i].want);
    }
}

static void markdown_has_accents_on_request(void **state)
{
    assert_string_equal(markdown(*state, "# a `b` c", 1, 1, 30),
                        "\033[1ma \033[1m\033[36mb\033[0m\033[1m c\033[0m\n");
    assert_string_equal(markdown(*state, "**a**", 1, 1, 30), "\033[1ma\033[0m\n");
    assert_has(markdown(*state, "| `a` |\n|---|\n| `b` |\n", 1, 1, 30), "\033[1m`a`\033[0m\n");
}

static void markdown_without_utf8_is_ascii(void **state)
{
    const char *text = markdown(*state, "- “a” — b\n\n> c\n\n| d |\n|---|\n| 漢 |\n\n---\n", 0, 0, 30);

    for (const char *at = text; *at; at++)
        assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
    assert_has(text, "- \"a\" - b\n");
    assert_has(text, "| c\n");
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(text_is_measured_in_columns),     test(only_real_utf8_is_decoded),
        test(text_is_wrapped_at_blanks),       test(markdown_is_laid_out),
        test(markdown_has_accents_on_request), test(markdown_without_utf8_is_ascii),
    };

    return cmocka_run_group_tests_name("report: text and Markdown", tests, NULL, NULL);
}
