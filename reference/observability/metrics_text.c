/* metrics_text.c - a growing text, see metrics_text.h. */
#include "metrics_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct pool_text *text)
{
    free(text->data);
    *text = (struct pool_text){.failed = true};
}

/* Room for COUNT bytes more and the 0. */
static bool make_room(struct pool_text *text, size_t count)
{
    if (text->failed)
        return false;
    if (text->size - text->length > count)
        return true;
    size_t size = (text->length + count + 1) * 2;
    char *data = realloc(text->data, size < 256 ? 256 : size);
    if (!data) {
        fail(text);
        return false;
    }
    text->data = data;
    text->size = size < 256 ? 256 : size;
    return true;
}

void pool_text_bytes(struct pool_text *text, const char *bytes, size_t count)
{
    if (!make_room(text, count))
        return;
    memcpy(text->data + text->length, bytes, count);
    text->length += count;
    text->data[text->length] = '\0';
}

void pool_text_put(struct pool_text *text, const char *string)
{
    pool_text_bytes(text, string, strlen(string));
}

void pool_text_escaped(struct pool_text *text, const char *string, const char *more)
{
    for (; *string; string++) {
        if (*string == '\n')
            pool_text_put(text, "\\n");
        else if (*string == '\\' || strchr(more, *string))
            pool_text_bytes(text, (const char[]){'\\', *string}, 2);
        else
            pool_text_bytes(text, string, 1);
    }
}

void pool_text_natural(struct pool_text *text, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    pool_text_put(text, digits);
}

void pool_text_integer(struct pool_text *text, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, number);
    pool_text_put(text, digits);
}

/* printf writes the point of the program's locale, which may be more than one byte: whatever is neither
 * digit, sign nor exponent is that point. */
static void put_with_dot(struct pool_text *text, const char *digits)
{
    while (*digits) {
        size_t plain = strspn(digits, "0123456789+-e");
        pool_text_bytes(text, digits, plain);
        digits += plain;
        size_t point = strcspn(digits, "0123456789+-e");
        if (point > 0)
            pool_text_put(text, ".");
        digits += point;
    }
}

void pool_text_double(struct pool_text *text, double number)
{
    char digits[48];

    if (!isfinite(number)) {
        pool_text_put(text, isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    put_with_dot(text, digits);
}
