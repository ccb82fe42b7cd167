/* token.c - a schedule as one short word, and back: see schedule.h.
 *
 * The word is "1-PROGRAM-PAYLOAD". The payload is a string of numbers, each in as few bytes as it needs
 * (seven bits a byte, LEB128), written six bits a letter. First come the flags that tell which numbers
 * follow; then, for a schedule told by its choices, the distance from each pick to the one before and its
 * option. The last two letters are a check sum of everything before them.
 */
#include "explore/schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum {
    FLAG_MEMORY_POINTS = 1,
    FLAG_RACES = 2,
    FLAG_SPURIOUS = 4,
    FLAG_EARLY = 8,
    FLAG_FAIL_CREATE = 16,
    FLAG_FAIL_MALLOC = 32,
    FLAG_SEEDED = 64,
    CHECK_LETTERS = 2
};

/* --- numbers and bytes -------------------------------------------------------------------------------- */

struct bytes {
    unsigned char *data;
    size_t length, at;
};

static void put(void *mem, struct bytes *bytes, uint64_t number)
{
    do {
        bytes->data = talloc_realloc(mem, bytes->data, unsigned char, (unsigned)bytes->length + 1);
        bytes->data[bytes->length++] = (unsigned char)((number & 127) | (number > 127 ? 128 : 0));
        number >>= 7;
    } while (number > 0);
}

/* 0 when there is none left. */
static int get(struct bytes *bytes, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; bytes->at < bytes->length && shift < 64; shift += 7) {
        unsigned char byte = bytes->data[bytes->at++];
        *number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return 1;
    }
    return 0;
}

static char *to_letters(void *mem, const struct bytes *bytes)
{
    char *text = talloc_array(mem, char, (unsigned)(bytes->length * 8 + 5) / 6 + 1), *end = text;
    unsigned held = 0, bits = 0;

    for (size_t i = 0; i < bytes->length; i++) {
        held = held << 8 | bytes->data[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *end++ = letters[held >> (bits - 6) & 63];
    }
    if (bits > 0)
        *end++ = letters[held << (6 - bits) & 63];
    *end = '\0';
    return text;
}

static int from_letters(void *mem, const char *text, size_t length, struct bytes *bytes)
{
    unsigned held = 0, bits = 0;

    bytes->data = talloc_array(mem, unsigned char, (unsigned)length + 1);
    for (size_t i = 0; i < length; i++) {
        const char *letter = strchr(letters, text[i]);
        if (!letter || !*letter)
            return 0;
        held = held << 6 | (unsigned)(letter - letters);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes->data[bytes->length++] = (unsigned char)(held >> bits);
        }
    }
    return 1;
}

/* FNV-1a, folded to as many bits as two letters hold. */
static unsigned check_of(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return (hash ^ hash >> 12 ^ hash >> 24) & 4095;
}

/* --- what a schedule is made of ----------------------------------------------------------------------- */

/* The chances that are told only when they are not 0, with their flags. */
static uint32_t *chance(struct explore_request *request, unsigned flag)
{
    switch (flag) {
    case FLAG_SPURIOUS:
        return &request->spurious;
    case FLAG_EARLY:
        return &request->early;
    case FLAG_FAIL_CREATE:
        return &request->fail_create;
    default:
        return &request->fail_malloc;
    }
}

static unsigned flags_of(struct explore_request *request)
{
    unsigned flags = (request->memory_points ? FLAG_MEMORY_POINTS : 0) |
                     (request->detect_races ? FLAG_RACES : 0) |
                     (request->strategy != EXPLORE_REPLAY ? FLAG_SEEDED : 0);

    for (unsigned flag = FLAG_SPURIOUS; flag <= FLAG_FAIL_MALLOC; flag *= 2)
        flags |= *chance(request, flag) ? flag : 0;
    return flags;
}

static void put_picks(void *mem, struct bytes *bytes, const struct schedule *schedule)
{
    uint32_t before = 0;

    for (size_t i = 0; i < schedule->pick_count; i++) {
        put(mem, bytes, schedule->picks[i].at - before);
        put(mem, bytes, schedule->picks[i].option);
        before = schedule->picks[i].at;
    }
}

/* The bytes end with the last pick. */
static int get_picks(void *mem, struct bytes *bytes, struct schedule *schedule)
{
    uint64_t distance, option, at = 0;

    schedule->picks = talloc_array(mem, struct pick, (unsigned)bytes->length / 2 + 1);
    schedule->pick_count = 0;
    while (bytes->at < bytes->length) {
        if (!get(bytes, &distance) || !get(bytes, &option) || option == 0 || option > 255 ||
            (schedule->pick_count > 0 && distance == 0) || distance >= EXPLORE_CHOICES)
            return 0;
        at += distance;
        if (at >= EXPLORE_CHOICES)
            return 0;
        schedule->picks[schedule->pick_count++] = (struct pick){(uint32_t)at, (uint8_t)option};
    }
    return 1;
}

/* --- writing and reading ------------------------------------------------------------------------------ */

char *token_write(void *mem, const char *program, const struct schedule *schedule)
{
    void *scratch = talloc_new(mem);
    struct explore_request request = schedule->request;
    struct bytes bytes = {0};
    unsigned flags = flags_of(&request);

    put(scratch, &bytes, flags);
    put(scratch, &bytes, request.step_limit);
    for (unsigned flag = FLAG_SPURIOUS; flag <= FLAG_FAIL_MALLOC; flag *= 2)
        if (flags & flag)
            put(scratch, &bytes, *chance(&request, flag));
    if (flags & FLAG_SEEDED) {
        put(scratch, &bytes, request.strategy);
        put(scratch, &bytes, request.bound);
        put(scratch, &bytes, request.seed);
    } else {
        put_picks(scratch, &bytes, schedule);
    }
    char *text = talloc_asprintf(mem, "%d-%.8s-%s", EXPLORE_VERSION, program, to_letters(scratch, &bytes));
    unsigned check = check_of(text, strlen(text));
    text = talloc_asprintf_append_buffer(text, "%c%c", letters[check >> 6], letters[check & 63]);
    talloc_free(scratch);
    return text;
}

/* The three parts of TEXT: 0 when it has not their form. */
static int split(const char *text, char program[TOKEN_PROGRAM], const char **payload, size_t *length)
{
    int at = 0, version = 0;

    if (sscanf(text, "%d-%8[0-9a-f]-%n", &version, program, &at) != 2 || at == 0 || strlen(program) != 8 ||
        version != EXPLORE_VERSION)
        return 0;
    *payload = text + at;
    size_t all = strlen(*payload);
    if (all < CHECK_LETTERS + 2)
        return 0;
    *length = all - CHECK_LETTERS;
    unsigned check = check_of(text, strlen(text) - CHECK_LETTERS);
    return (*payload)[*length] == letters[check >> 6] && (*payload)[*length + 1] == letters[check & 63];
}

static int read_payload(void *mem, struct bytes *bytes, struct schedule *schedule)
{
    struct explore_request *request = &schedule->request;
    uint64_t flags, number, strategy, bound;

    if (!get(bytes, &flags) || flags >= 2 * FLAG_SEEDED || !get(bytes, &request->step_limit))
        return 0;
    request->memory_points = (flags & FLAG_MEMORY_POINTS) != 0;
    request->detect_races = (flags & FLAG_RACES) != 0;
    for (unsigned flag = FLAG_SPURIOUS; flag <= FLAG_FAIL_MALLOC; flag *= 2)
        if (flags & flag) {
            if (!get(bytes, &number) || number > 1000)
                return 0;
            *chance(request, flag) = (uint32_t)number;
        }
    request->strategy = EXPLORE_REPLAY;
    if (!(flags & FLAG_SEEDED))
        return get_picks(mem, bytes, schedule);
    if (!get(bytes, &strategy) || strategy >= EXPLORE_PORTFOLIO || !get(bytes, &bound) || bound > 1000 ||
        !get(bytes, &request->seed))
        return 0;
    request->strategy = (uint32_t)strategy;
    request->bound = (uint32_t)bound;
    return bytes->at == bytes->length;
}

int token_read(void *mem, const char *text, char program[TOKEN_PROGRAM], struct schedule *schedule,
               struct error *err)
{
    struct bytes bytes = {0};
    const char *payload;
    size_t length;

    *schedule = (struct schedule){0};
    if (strncmp(text, "1-", 2) != 0 && isdigit((unsigned char)text[0]))
        return error_usage(err, "'%.40s' was made by another version of Deep End", text);
    if (!split(text, program, &payload, &length))
        return error_usage(err, "'%.80s' is no token, or a part of it is missing", text);
    if (!from_letters(mem, payload, length, &bytes) || !read_payload(mem, &bytes, schedule))
        return error_usage(err, "'%.80s' is no token", text);
    return 0;
}

int explore_token_check(const char *token, struct error *err)
{
    void *scratch = talloc_new(NULL);
    char program[TOKEN_PROGRAM];
    struct schedule schedule;
    int result = token_read(scratch, token, program, &schedule, err);

    talloc_free(scratch);
    return result;
}
