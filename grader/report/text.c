/* text.c - see text.h.
 *
 * UTF-8 is decoded here by hand and not by the locale: the grader must show a learner's bytes safely whatever
 * the locale is. Widths are those of the usual terminals: nothing for combining marks, two columns for East
 * Asian wide characters and emoji.
 */
#include "report/text.h"

#include <string.h>
#include <talloc.h>

/* --- UTF-8 ---------------------------------------------------------------------------------------------- */

static int is_legal(unsigned code, size_t length)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length: shorter forms are forged */
    return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

size_t text_decode(const char **bytes, unsigned *code)
{
    const unsigned char *at = (const unsigned char *)*bytes;
    size_t length = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;

    if (length == 0)
        return 0;
    *code = length == 1 ? *at : *at & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (at[i] & 0x3f);
    }
    if (length > 1 && !is_legal(*code, length))
        return 0;
    *bytes += length;
    return length;
}

struct span {
    unsigned first, last;
};

static int within(unsigned code, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= spans[i].first && code <= spans[i].last)
            return 1;
    return 0;
}
#define WITHIN(code, spans) within(code, spans, sizeof(spans) / sizeof *(spans))

static const struct span wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf},
                                   {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
                                   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                   {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
static const struct span without_width[] = {
    {0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};

/* Commands to the terminal, and marks that make text read otherwise than it is written. */
static const struct span unsafe[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
                                     {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
                                     {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};

/* --- cleaning ------------------------------------------------------------------------------------------- */

/* The nearest ASCII of what our own texts use. */
static const char *ascii_for(unsigned code)
{
    static const struct {
        unsigned code;
        const char *text;
    } nearest[] = {
        {0x2010, "-"},  {0x2011, "-"},   {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},   {0x2018, "'"},
        {0x2019, "'"},  {0x201c, "\""},  {0x201d, "\""}, {0x2022, "*"},  {0x2026, "..."}, {0x2190, "<-"},
        {0x2192, "->"}, {0x21d2, "=>"},  {0x2212, "-"},  {0x2260, "!="}, {0x2264, "<="},  {0x2265, ">="},
        {0x2248, "~"},  {0x00d7, "x"},   {0x00b7, "*"},  {0x00a0, " "},  {0x00b5, "u"},   {0x03bb, "lambda"},
        {0x03bc, "u"},  {0x03c1, "rho"}, {0x2500, "-"},  {0x2502, "|"},  {0x250c, "+"},   {0x2510, "+"},
        {0x2514, "+"},  {0x2518, "+"},   {0x251c, "+"},  {0x2524, "+"},  {0x252c, "+"},   {0x2534, "+"},
        {0x253c, "+"},  {0x25b6, ">"},   {0x25ba, ">"},  {0x2713, "+"},  {0x2717, "x"}};

    for (size_t i = 0; i < sizeof nearest / sizeof *nearest; i++)
        if (nearest[i].code == code)
            return nearest[i].text;
    return "?";
}

char *text_clean(void *mem, const char *bytes, int utf8)
{
    char *out = talloc_strdup(mem, "");
    size_t column = 0;

    for (const char *at = bytes ? bytes : "", *start = at; *at; start = at) {
        unsigned code;
        size_t length = text_decode(&at, &code);
        if (length == 0)
            out = talloc_asprintf_append_buffer(out, "\\x%02x", (unsigned char)*at++);
        else if (code == '\n')
            out = talloc_strdup_append_buffer(out, "\n");
        else if (code == '\t')
            out = talloc_asprintf_append_buffer(out, "%*s", (int)(4 - column % 4), "");
        else if (WITHIN(code, unsafe))
            out = talloc_asprintf_append_buffer(out, code < 0x100 ? "\\x%02x" : "\\u{%x}", code);
        else if (code >= 0x80 && !utf8)
            out = talloc_strdup_append_buffer(out, ascii_for(code));
        else
            out = talloc_strndup_append_buffer(out, start, length);
        column = code == '\n' ? 0 : code == '\t' ? column + 4 - column % 4 : column + 1;
    }
    return out;
}

char *text_valid(void *mem, const char *bytes)
{
    char *out = talloc_strdup(mem, "");

    for (const char *at = bytes ? bytes : "", *start = at; *at; start = at) {
        unsigned code;
        size_t length = text_decode(&at, &code);
        if (length > 0) {
            out = talloc_strndup_append_buffer(out, start, length);
        } else {
            out = talloc_strdup_append_buffer(out, "\xef\xbf\xbd");
            at++;
        }
    }
    return out;
}

/* --- measuring and wrapping ----------------------------------------------------------------------------- */

/* Step over one accent ("ESC [ ... m"); 0 when AT is none. Only our own are left after text_clean. */
static size_t accent_length(const char *at)
{
    if (at[0] != '\033' || at[1] != '[')
        return 0;
    return strcspn(at, "m") + 1;
}

/* Columns of the character at *AT, which is stepped over. */
static size_t step(const char **at)
{
    unsigned code;
    size_t accent = accent_length(*at);

    *at += accent;
    if (accent)
        return 0;
    if (text_decode(at, &code) == 0) {
        ++*at;
        return 1;
    }
    return code == '\n' || WITHIN(code, without_width) ? 0 : WITHIN(code, wide) ? 2 : 1;
}

size_t text_width(const char *text)
{
    size_t width = 0;

    while (*text)
        width += step(&text);
    return width;
}

/* A word's bytes from TEXT on that fit into ROOM columns, at least one character. */
static size_t bytes_that_fit(const char *text, size_t length, size_t room)
{
    const char *at = text;
    size_t width = 0;

    while (at < text + length) {
        const char *before = at;
        width += step(&at);
        if (width > room && before > text)
            return (size_t)(before - text);
    }
    return length;
}

struct line {
    FILE *stream;
    const char *rest; /* prefix of every line but the first */
    size_t width, used;
    int empty; /* no word in it yet */
};

static void line_break(struct line *line)
{
    fprintf(line->stream, "\n%s", line->rest);
    line->used = text_width(line->rest);
    line->empty = 1;
}

static size_t room_left(const struct line *line)
{
    return line->width > line->used ? line->width - line->used : 1;
}

static void put_word(struct line *line, const char *word, size_t length, size_t blanks)
{
    size_t width = 0;

    for (const char *at = word; at < word + length;)
        width += step(&at);
    if (!line->empty && line->used + blanks + width > line->width)
        line_break(line);
    else /* blanks before the first word of a text's line are its indentation */
        line->used += (size_t)fprintf(line->stream, "%*s", (int)blanks, "");
    while (length > 0) {
        size_t fits = width > room_left(line) ? bytes_that_fit(word, length, room_left(line)) : length;
        fwrite(word, 1, fits, line->stream);
        word += fits;
        length -= fits;
        if (length > 0) {
            width -= room_left(line) < width ? room_left(line) : width;
            line_break(line);
        } else {
            line->used += width;
        }
    }
    line->empty = 0;
}

void text_wrap(FILE *stream, const char *text, const char *first, const char *rest, int width)
{
    struct line line = {stream, rest, width > 0 ? (size_t)width : 1, text_width(first), 1};

    fputs(first, stream);
    while (*text) {
        size_t blanks = strspn(text, " ");
        size_t length = strcspn(text + blanks, " \n");
        if (length > 0)
            put_word(&line, text + blanks, length, blanks);
        text += blanks + length;
        if (*text == '\n') {
            text++;
            if (*text)
                line_break(&line);
        }
    }
    putc('\n', stream);
}

/* --- accents -------------------------------------------------------------------------------------------- */

const char *text_paint(void *mem, const struct report_style *style, enum accent accent, const char *text)
{
    static const char *const codes[] = {[ACCENT_BOLD] = "1",
                                        [ACCENT_RED] = "1;31",
                                        [ACCENT_GREEN] = "1;32",
                                        [ACCENT_YELLOW] = "33",
                                        [ACCENT_CYAN] = "36"};

    if (!style->colour || accent == ACCENT_NONE || !*text)
        return text;
    return talloc_asprintf(mem, "\033[%sm%s\033[0m", codes[accent], text);
}

const char *text_blanks(size_t count)
{
    static const char blanks[] = "                                                  "
                                 "                                                  "
                                 "                                                  "
                                 "                                                  ";
    size_t most = sizeof blanks - 1;
    return blanks + most - (count < most ? count : most);
}
