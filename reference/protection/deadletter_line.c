/* deadletter_line.c - records and lines, see deadletter_line.h and the format in deadletter_file.h. */
#include "deadletter_line.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK = 8, HEAD = 96 }; /* digits of the checksum; room for it, the sign and three numbers */

/* CRC-32 of ISO 3309 (polynomial 0x04c11db7, reflected), bit by bit: letters die rarely enough. */
static uint32_t checksum(const char *text, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

/* --- make --------------------------------------------------------------------------------------------- */

static char *put_text(char *at, const void *text, size_t size)
{
    const unsigned char *bytes = text;

    *at++ = ' ';
    if (size == 0)
        *at++ = '%';
    for (size_t i = 0; i < size; i++) {
        if (isascii(bytes[i]) && (isalnum(bytes[i]) || strchr("-._", bytes[i]) != NULL) && bytes[i])
            *at++ = (char)bytes[i];
        else
            at += sprintf(at, "%%%02X", bytes[i]);
    }
    return at;
}

static char *put_body(char *at, char sign, const struct pool_deadletter_item *item, const char *reason)
{
    at += sprintf(at, "%c %" PRIu64, sign, item->id);
    if (sign == '-')
        return at;
    at += sprintf(at, " %" PRIu64 " %u", item->at, item->attempts);
    if (sign == '*')
        return at;
    at = put_text(at, reason, strlen(reason));
    return put_text(at, item->payload, item->size);
}

char *pool_deadletter_line_make(char sign, const struct pool_deadletter_item *item, size_t *length)
{
    const char *reason = item->reason ? item->reason : "";
    char *line = malloc(HEAD + 3 * (strlen(reason) + item->size) + 8), check[CHECK + 2];

    if (!line)
        return NULL;
    char *body = line + CHECK + 1;
    char *end = put_body(body, sign, item, reason);
    snprintf(check, sizeof check, "%08" PRIx32 " ", checksum(body, (size_t)(end - body)));
    memcpy(line, check, CHECK + 1);
    *end++ = '\n';
    *length = (size_t)(end - line);
    return line;
}

/* --- read --------------------------------------------------------------------------------------------- */

/* Where a line is being read; it ends with a 0. */
struct cursor {
    char *at;
    bool good;
};

static void expect(struct cursor *cursor, char wanted)
{
    if (cursor->good && *cursor->at == wanted)
        cursor->at++;
    else
        cursor->good = false;
}

static uint64_t read_number(struct cursor *cursor, uint64_t most)
{
    uint64_t number = 0;

    expect(cursor, ' ');
    cursor->good = cursor->good && isdigit((unsigned char)*cursor->at);
    while (cursor->good && isdigit((unsigned char)*cursor->at)) {
        unsigned digit = (unsigned)(*cursor->at++ - '0');
        cursor->good = number <= (most - digit) / 10;
        number = number * 10 + digit;
    }
    return number;
}

static int digit_of(char hex)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = hex ? strchr(digits, hex) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* A byte of a text, decoded; -1: it is no such byte. */
static int read_byte(struct cursor *cursor)
{
    if (*cursor->at != '%')
        return (unsigned char)*cursor->at++;
    int high = digit_of(cursor->at[1]), low = high < 0 ? -1 : digit_of(cursor->at[2]);
    cursor->at += 3;
    return low < 0 ? -1 : high << 4 | low;
}

/* Decode in place: what is decoded is never longer. */
static char *read_text(struct cursor *cursor, size_t *size)
{
    expect(cursor, ' ');
    char *text = cursor->at, *end = text;
    *size = 0;
    if (!cursor->good)
        return text;
    if (text[0] == '%' && (text[1] == ' ' || text[1] == '\0')) {
        cursor->at++;
        return text;
    }
    while (cursor->good && *cursor->at && *cursor->at != ' ') {
        int byte = read_byte(cursor);
        cursor->good = byte >= 0;
        *end++ = (char)byte;
    }
    *size = (size_t)(end - text);
    return text;
}

static void read_item(struct cursor *cursor, char sign, struct pool_deadletter_item *item)
{
    size_t reason_size;

    item->id = read_number(cursor, UINT64_MAX - 1); /* so that there is a next one */
    if (sign == '-')
        return;
    item->at = read_number(cursor, UINT64_MAX);
    item->attempts = (unsigned)read_number(cursor, UINT32_MAX);
    if (sign == '*')
        return;
    char *reason = read_text(cursor, &reason_size);
    item->payload = read_text(cursor, &item->size);
    reason[reason_size] = '\0'; /* it ends before the blank that follows it, at the latest there */
    item->reason = reason;
}

bool pool_deadletter_line_read(char *line, size_t length, char *sign, struct pool_deadletter_item *item)
{
    char check[CHECK + 1];

    *item = (struct pool_deadletter_item){0};
    if (length < CHECK + 2 || line[CHECK] != ' ' || strlen(line) != length)
        return false;
    snprintf(check, sizeof check, "%08" PRIx32, checksum(line + CHECK + 1, length - CHECK - 1));
    if (memcmp(line, check, CHECK) != 0)
        return false;
    struct cursor cursor = {.at = line + CHECK + 1, .good = true};
    *sign = *cursor.at++;
    if (*sign != '+' && *sign != '-' && *sign != '*')
        return false;
    read_item(&cursor, *sign, item);
    return cursor.good && *cursor.at == '\0' && item->id > 0;
}
