/* parse.h - a strict reader of Prometheus' text format 0.0.4, for the tests.
 *
 *     struct page page;
 *     const char *wrong = page_parse(&page, text);       // NULL: every line is as the format says
 *     double value;
 *     assert_true(page_value(&page, "jobs_total{kind=\"mail\"}", &value));
 *
 * Source: Prometheus, "Exposition formats". Stricter than a scraper: HELP, then TYPE, then all samples of one
 * family; single spaces; no timestamps; labels by name with `le` last; only the three escapes; no sample
 * twice; counters not below 0; a histogram's buckets ascend, never go down, end with +Inf and agree with
 * _count, after which _sum and _count stand once.
 */
#ifndef DEEPEND_PARSE_H
#define DEEPEND_PARSE_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SAMPLES = 4000, PAGE_TEXT = 300 };

struct page_sample {
    char id[PAGE_TEXT];   /* name{labels} as written */
    char name[PAGE_TEXT]; /* without labels */
    char rest[PAGE_TEXT]; /* labels without le */
    double le;            /* NAN: there is none */
    double value;
};

struct page {
    const char *at;
    char family[PAGE_TEXT], type[PAGE_TEXT];
    char families[PAGE_SAMPLES][64]; /* that were begun, to see one that comes back */
    size_t family_count, first;      /* first: of this family */
    struct page_sample samples[PAGE_SAMPLES];
    size_t count;
};

static inline bool page_skip(struct page *page, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(page->at, word, length) != 0)
        return false;
    page->at += length;
    return true;
}

/* A word of letters, digits, _ and EXTRA. */
static inline bool page_word(struct page *page, char *into, const char *extra)
{
    size_t length = 0;
    if (isdigit((unsigned char)*page->at))
        return false;
    while (length + 1 < PAGE_TEXT && (isalnum((unsigned char)page->at[length]) || page->at[length] == '_' ||
                                      (page->at[length] && strchr(extra, page->at[length]))))
        length++;
    memcpy(into, page->at, length);
    into[length] = '\0';
    page->at += length;
    return length > 0;
}

/* A number up to END, the whole of it. No hexadecimal, no "inf", no spaces, none of a locale's points. */
static inline bool page_number(struct page *page, char end, double *value)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"+Inf", INFINITY}, {"-Inf", -INFINITY}, {"NaN", NAN}};
    for (size_t i = 0; i < 3; i++)
        if (page_skip(page, words[i].word)) {
            *value = words[i].value;
            return *page->at == end;
        }
    size_t length = strspn(page->at, "0123456789.+-e");
    char digits[64] = {0}, *stop;
    if (length == 0 || length >= sizeof digits || page->at[length] != end)
        return false;
    memcpy(digits, page->at, length);
    *value = strtod(digits, &stop);
    page->at += length;
    return *stop == '\0';
}

/* `"value"`, unescaped into INTO. */
static inline bool page_quoted(struct page *page, char *into)
{
    size_t length = 0;
    if (*page->at++ != '"')
        return false;
    for (; *page->at != '"'; page->at++) {
        char byte = *page->at;
        if (byte == '\0' || byte == '\n' || length + 1 >= PAGE_TEXT)
            return false;
        if (byte == '\\') {
            byte = *++page->at;
            if (byte != '\\' && byte != '"' && byte != 'n')
                return false;
            byte = byte == 'n' ? '\n' : byte;
        }
        into[length++] = byte;
    }
    into[length] = '\0';
    page->at++;
    return true;
}

/* `{a="x",b="y",le="1"}` */
static inline const char *page_labels(struct page *page, struct page_sample *sample)
{
    char name[PAGE_TEXT], value[PAGE_TEXT], last[PAGE_TEXT] = "";
    const char *begin = page->at;
    page->at++;
    do {
        if (!isnan(sample->le))
            return "le is not the last label";
        const char *label = page->at;
        if (!page_word(page, name, "") || !page_skip(page, "="))
            return "no label name";
        const char *number = page->at + 1;
        if (!page_quoted(page, value))
            return "a label value that is not quoted right";
        if (strcmp(name, "le") == 0) {
            struct page inner = {.at = number};
            if (!page_number(&inner, '"', &sample->le))
                return "le is no number";
            snprintf(sample->rest, sizeof sample->rest, "%.*s", (int)(label - begin), begin);
        } else if (strcmp(name, last) <= 0) {
            return "labels are not sorted, or twice";
        }
        strcpy(last, name);
    } while (page_skip(page, ","));
    if (!page_skip(page, "}"))
        return "labels do not end";
    if (isnan(sample->le))
        snprintf(sample->rest, sizeof sample->rest, "%.*s,", (int)(page->at - begin - 1), begin);
    return NULL;
}

static inline const char *page_line(struct page *page)
{
    struct page_sample *sample = &page->samples[page->count];
    const char *begin = page->at, *wrong;

    if (page->count == PAGE_SAMPLES)
        return "more samples than the test can hold";
    *sample = (struct page_sample){.le = NAN};
    if (!page_word(page, sample->name, ":"))
        return "no name";
    if (*page->at == '{' && (wrong = page_labels(page, sample)))
        return wrong;
    if (page->at - begin >= PAGE_TEXT)
        return "a line longer than the test can hold";
    memcpy(sample->id, begin, (size_t)(page->at - begin));
    if (!page_skip(page, " ") || !page_number(page, '\n', &sample->value))
        return "no number after one space, or something behind it";
    page->at++;
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->samples[i].id, sample->id) == 0)
            return "a sample twice";
    page->count++;
    return NULL;
}

/* What one sample must be in its family. */
static inline const char *page_judge(const struct page *page, const struct page_sample *now)
{
    const struct page_sample *before = page->count - page->first > 1 ? now - 1 : NULL;
    size_t length = strlen(page->family);
    const char *suffix = now->name + length;

    if (strncmp(now->name, page->family, length) != 0)
        return "a sample of another family";
    if (strcmp(page->type, "histogram") != 0) {
        if (*suffix)
            return "a sample of another family";
        return strcmp(page->type, "counter") == 0 && !(now->value >= 0) ? "a counter below 0" : NULL;
    }
    bool behind_bucket = before && !isnan(before->le) && before->le < INFINITY;
    if (strcmp(suffix, "_bucket") == 0) {
        if (isnan(now->le))
            return "a bucket without le";
        if (behind_bucket &&
            (strcmp(before->rest, now->rest) != 0 || !(now->le > before->le) || now->value < before->value))
            return "buckets that do not ascend";
        return NULL;
    }
    if (!before || behind_bucket)
        return "buckets without +Inf";
    if (strcmp(suffix, "_sum") == 0)
        return isnan(before->le) ? "_sum not behind the buckets" : NULL;
    if (strcmp(suffix, "_count") != 0)
        return "a sample that is no histogram's";
    if (strcmp(before->name + length, "_sum") != 0)
        return "_count not behind _sum";
    return before[-1].value == now->value ? NULL : "_count is not the +Inf bucket";
}

/* `# HELP name text` is optional, `# TYPE name type` is not. */
static inline const char *page_head(struct page *page)
{
    char help[PAGE_TEXT] = "";
    if (page_skip(page, "# HELP ")) {
        if (!page_word(page, help, ":") || !page_skip(page, " "))
            return "HELP without a name";
        for (; *page->at && *page->at != '\n'; page->at++)
            if (*page->at == '\\' && *++page->at != '\\' && *page->at != 'n')
                return "HELP with an unknown escape";
        if (!page_skip(page, "\n"))
            return "HELP does not end";
    }
    if (!page_skip(page, "# TYPE ") || !page_word(page, page->family, ":") || !page_skip(page, " ") ||
        !page_word(page, page->type, "") || !page_skip(page, "\n"))
        return "no TYPE";
    if (*help && strcmp(help, page->family) != 0)
        return "HELP of one and TYPE of another";
    if (strcmp(page->type, "counter") != 0 && strcmp(page->type, "gauge") != 0 &&
        strcmp(page->type, "histogram") != 0)
        return "a type that is none";
    for (size_t i = 0; i < page->family_count; i++)
        if (strcmp(page->families[i], page->family) == 0)
            return "a family twice";
    snprintf(page->families[page->family_count++], sizeof page->families[0], "%.63s", page->family);
    page->first = page->count;
    return NULL;
}

/* NULL, or what is wrong first. */
static inline const char *page_parse(struct page *page, const char *text)
{
    *page = (struct page){.at = text};
    while (*page->at) {
        const char *wrong = page_head(page);
        while (!wrong && *page->at && *page->at != '#') {
            wrong = page_line(page);
            if (!wrong)
                wrong = page_judge(page, &page->samples[page->count - 1]);
        }
        if (!wrong && page->count == page->first)
            wrong = "a family without samples";
        if (!wrong && strcmp(page->type, "histogram") == 0) {
            const char *last = page->samples[page->count - 1].name;
            if (strlen(last) < 6 || strcmp(last + strlen(last) - 6, "_count") != 0)
                wrong = "a histogram that does not end with _count";
        }
        if (wrong)
            return wrong;
    }
    return NULL;
}

static inline bool page_value(const struct page *page, const char *id, double *value)
{
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->samples[i].id, id) == 0) {
            *value = page->samples[i].value;
            return true;
        }
    return false;
}

#endif
