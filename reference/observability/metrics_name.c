/* metrics_name.c - which names, labels and texts a series may have, and the one form in which labels are
 * kept.
 *
 * Source: Prometheus, "Data model" and "Exposition formats". The labels are sorted by name and escaped once,
 * when the series is registered: the same text tells two series apart and is what a scrape prints.
 */
#include "metrics_inside.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS  "0123456789"

/* A word of letters, digits and EXTRA that does not begin with a digit. */
static bool is_word(const char *text, const char *extra)
{
    if (!text || !*text || strchr(DIGITS, *text))
        return false;
    for (; *text; text++)
        if (!strchr(LETTERS DIGITS, *text) && !strchr(extra, *text))
            return false;
    return true;
}

/* How many bytes the character at TEXT has in UTF-8; 0: it is none. RFC 3629: shortest form, no surrogates,
 * nothing above U+10FFFF. */
static size_t character_size(const unsigned char *text)
{
    static const struct {
        unsigned char from, to, second_from, second_to, size;
    } forms[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].from || text[0] > forms[i].to)
            continue;
        if (forms[i].size > 1 && (text[1] < forms[i].second_from || text[1] > forms[i].second_to))
            return 0;
        for (size_t k = 2; k < forms[i].size; k++)
            if ((text[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].size;
    }
    return 0;
}

static bool is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        size_t size = character_size(at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

static size_t label_count(const struct pool_series *series)
{
    size_t count = 0;
    while (count < POOL_MAX_LABELS && series->labels[count].name)
        count++;
    return count;
}

static bool label_is_valid(const struct pool_label *label)
{
    return is_word(label->name, "") && strncmp(label->name, "__", 2) != 0 && strcmp(label->name, "le") != 0 &&
           label->value && *label->value && is_utf8(label->value);
}

bool pool_series_is_valid(const struct pool_series *series)
{
    if (!series || !is_word(series->name, ":") || (series->help && !is_utf8(series->help)))
        return false;
    size_t count = label_count(series);
    for (size_t i = 0; i < count; i++) {
        if (!label_is_valid(&series->labels[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(series->labels[i].name, series->labels[k].name) == 0)
                return false;
    }
    return true;
}

/* The label that comes next by name after AFTER (NULL: the first); NULL: there is none. */
static const struct pool_label *next_label(const struct pool_series *series, const char *after)
{
    const struct pool_label *next = NULL;
    for (size_t i = 0; i < label_count(series); i++) {
        const struct pool_label *label = &series->labels[i];
        if ((!after || strcmp(label->name, after) > 0) && (!next || strcmp(label->name, next->name) < 0))
            next = label;
    }
    return next;
}

void pool_series_print(const struct pool_series *series, struct pool_text *labels, struct pool_text *names)
{
    const struct pool_label *label = NULL;
    pool_text_put(labels, ""); /* a text without labels is a text too */
    pool_text_put(names, "");
    while ((label = next_label(series, label ? label->name : NULL))) {
        pool_text_put(labels, labels->length ? "," : "");
        pool_text_put(labels, label->name);
        pool_text_put(labels, "=\"");
        pool_text_escaped(labels, label->value, "\"");
        pool_text_put(labels, "\"");
        pool_text_put(names, label->name);
        pool_text_put(names, ",");
    }
}
