/* manifest.c - exercise.yaml to struct exercise: the schema, and libcyaml's complaints as one line with file
 * and line.
 *
 * libcyaml writes straight into struct exercise, through talloc. What YAML cannot express is validate.c's.
 */
#include "catalog/manifest.h"

#include "base/file.h"

#include <cyaml/cyaml.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <sys/stat.h>
#include <yaml.h>

enum { MANIFEST_BYTES = 64 * 1024, NAME_LENGTH = 100, TEXT_LENGTH = 1000, MANY = 1000 };

static const struct limits default_limits = {
    .cpu_ms = 2000, .idle_ms = 3000, .memory_mb = 64, .threads = 64, .output_kb = 64};

/* --- the schema ---------------------------------------------------------------------------------------- */

static const cyaml_strval_t kinds[] = {
    {"fix", KIND_FIX},       {"implement", KIND_IMPLEMENT}, {"predict", KIND_PREDICT}, {"size", KIND_SIZE},
    {"review", KIND_REVIEW}, {"diagnose", KIND_DIAGNOSE},   {"design", KIND_DESIGN}};

static const cyaml_strval_t levels[] = {
    {"junior", LEVEL_JUNIOR}, {"middle", LEVEL_MIDDLE}, {"senior", LEVEL_SENIOR}, {"staff", LEVEL_STAFF}};

static const cyaml_strval_t classes[] = {
#define X(suffix, name, meaning) {name, CLASS_##suffix},
    VERDICT_CLASSES(X)
#undef X
};

#define NAME(key, structure, member)                                                                         \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, structure, member, 1, NAME_LENGTH)
#define TEXT(key, structure, member)                                                                         \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, structure, member, 1, TEXT_LENGTH)
#define NUMBER(key, flags, structure, member) CYAML_FIELD_UINT(key, flags, structure, member)
#define CHOICE(key, flags, structure, member, table)                                                         \
    CYAML_FIELD_ENUM(key, (flags) | CYAML_FLAG_STRICT, structure, member, table, CYAML_ARRAY_LEN(table))
#define LIST(key, flags, structure, member, count, entry, least)                                             \
    CYAML_FIELD_SEQUENCE_COUNT(key, (flags) | CYAML_FLAG_POINTER, structure, member, count, entry, least,    \
                               MANY)

static const cyaml_schema_value_t name_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, NAME_LENGTH)};

static const cyaml_schema_field_t check_fields[] = {
    NAME("name", struct check_spec, name),
    TEXT("title", struct check_spec, title),
    LIST("variants", 0, struct check_spec, variants, variant_count, &name_value, 1),
    NUMBER("points", 0, struct check_spec, points),
    CHOICE("when_stuck", CYAML_FLAG_OPTIONAL, struct check_spec, when_stuck, classes),
    CYAML_FIELD_END};

static const cyaml_schema_field_t mutant_fields[] = {
    NAME("file", struct mutant, file), CHOICE("class", 0, struct mutant, class, classes),
    LIST("fails", 0, struct mutant, fails, fail_count, &name_value, 1), TEXT("why", struct mutant, why),
    CYAML_FIELD_END};

static const cyaml_schema_field_t limit_fields[] = {
    NUMBER("cpu_ms", CYAML_FLAG_OPTIONAL, struct limits, cpu_ms),
    NUMBER("idle_ms", CYAML_FLAG_OPTIONAL, struct limits, idle_ms),
    NUMBER("memory_mb", CYAML_FLAG_OPTIONAL, struct limits, memory_mb),
    NUMBER("threads", CYAML_FLAG_OPTIONAL, struct limits, threads),
    NUMBER("output_kb", CYAML_FLAG_OPTIONAL, struct limits, output_kb),
    CYAML_FIELD_END};

static const cyaml_schema_value_t check_value = {CYAML_VALUE_MAPPING(0, struct check_spec, check_fields)};
static const cyaml_schema_value_t mutant_value = {CYAML_VALUE_MAPPING(0, struct mutant, mutant_fields)};

static const cyaml_schema_field_t exercise_fields[] = {
    NAME("id", struct exercise, id),
    NAME("title", struct exercise, title),
    CHOICE("kind", 0, struct exercise, kind, kinds),
    CHOICE("level", 0, struct exercise, level, levels),
    NUMBER("minutes", 0, struct exercise, minutes),
    LIST("covers", 0, struct exercise, covers, cover_count, &name_value, 0),
    NAME("lesson", struct exercise, lesson),
    NAME("file", struct exercise, file),
    CYAML_FIELD_STRING_PTR("program", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct exercise, program, 1,
                           NAME_LENGTH),
    LIST("support", CYAML_FLAG_OPTIONAL, struct exercise, support, support_count, &name_value, 0),
    LIST("strict", CYAML_FLAG_OPTIONAL, struct exercise, strict, strict_count, &name_value, 0),
    LIST("checks", 0, struct exercise, checks, check_count, &check_value, 1),
    CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct exercise, limits, limit_fields),
    LIST("mutants", 0, struct exercise, mutants, mutant_count, &mutant_value, 0),
    CYAML_FIELD_END};

static const cyaml_schema_value_t exercise_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct exercise, exercise_fields)};

/* --- lines --------------------------------------------------------------------------------------------- */

static int line_number(const char *text, const char *at)
{
    int line = 1;
    for (const char *p = text; p < at; p++)
        line += *p == '\n';
    return line;
}

static int is_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '/' || c == '.';
}

/* Where WORD stands in TEXT as a word of its own, or NULL. */
static const char *find_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at && length > 0; at = strstr(at + 1, word))
        if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
            return at;
    return NULL;
}

int manifest_fault(const struct manifest *manifest, const char *key, const char *value, struct error *err,
                   const char *format, ...)
{
    char words[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);

    const char *at = key ? find_word(manifest->text, key) : NULL;
    if (at && value)
        at = find_word(at, value);
    if (!at)
        return error_grader(err, "%s: %s", manifest->path, words);
    return error_grader(err, "%s:%d: %s", manifest->path, line_number(manifest->text, at), words);
}

/* --- libcyaml's complaints ----------------------------------------------------------------------------- */

/* What libcyaml said: its first words, and the innermost line and field of its backtrace. */
struct complaint {
    char words[300];
    char field[64];
    int line;
};

static void note_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct complaint *complaint = context;
    char text[300];

    (void)level;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    const char *line = strstr(text, "(line: ");
    if (complaint->words[0] == '\0' && !strstr(text, "Backtrace"))
        snprintf(complaint->words, sizeof complaint->words, "%s", text);
    if (line && complaint->line == 0)
        complaint->line = atoi(line + strlen("(line: "));
    if (line && complaint->field[0] == '\0')
        sscanf(text, " in mapping field '%63[^']", complaint->field);
}

/* The place of a syntax error, which libcyaml does not tell: ask libyaml itself. */
static int syntax_error_line(const char *text, size_t length)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int line = 0, more = 1;

    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (more && line == 0) {
        if (!yaml_parser_parse(&parser, &event)) {
            line = parser.problem_mark.line ? (int)parser.problem_mark.line + 1
                                            : (int)line_number(text, text + parser.problem_offset);
        } else {
            more = event.type != YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    return line;
}

/* libcyaml tells an unknown or repeated key with the line of the value before it. Where the KEY stands that
 * its WORDS name behind PREFIX, looked for from line FROM on; LINE when it is another complaint. */
static int line_of_key(const char *text, int line, const char *words, const char *prefix, int from)
{
    const char *start = text;

    if (strncmp(words, prefix, strlen(prefix)) != 0)
        return line;
    for (int i = 1; i < from && start; i++)
        start = strchr(start, '\n') ? strchr(start, '\n') + 1 : NULL;
    const char *at = start ? find_word(start, words + strlen(prefix)) : NULL;
    return at ? line_number(text, at) : line;
}

/* The words that KEY may have, joined, when it is one that has a list of them; else "". */
static char *known_words(void *mem, const char *key)
{
    static const struct {
        const char *key;
        const cyaml_strval_t *table;
        size_t count;
    } choices[] = {{"kind", kinds, CYAML_ARRAY_LEN(kinds)},
                   {"level", levels, CYAML_ARRAY_LEN(levels)},
                   {"class", classes, CYAML_ARRAY_LEN(classes)},
                   {"when_stuck", classes, CYAML_ARRAY_LEN(classes)}};
    char *words = talloc_strdup(mem, "");

    for (size_t i = 0; i < CYAML_ARRAY_LEN(choices); i++)
        for (size_t j = 0; strcmp(choices[i].key, key) == 0 && j < choices[i].count; j++)
            words = talloc_asprintf_append(words, "%s%s", j ? ", " : "; known are ", choices[i].table[j].str);
    return words;
}

/* Whether the innermost field of the backtrace is what the complaint is about, and not merely what was read
 * last. */
static int is_about_value(cyaml_err_t fault)
{
    return fault == CYAML_ERR_INVALID_VALUE || fault == CYAML_ERR_STRING_LENGTH_MIN ||
           fault == CYAML_ERR_STRING_LENGTH_MAX || fault == CYAML_ERR_SEQUENCE_ENTRIES_MIN ||
           fault == CYAML_ERR_SEQUENCE_ENTRIES_MAX;
}

/* libcyaml's words behind the file, the line and the field, with what the field may be. */
static int tell_complaint(const struct manifest *manifest, size_t length, cyaml_err_t fault,
                          const struct complaint *complaint, struct error *err)
{
    void *mem = talloc_new(NULL);
    const char *words = complaint->words[0] ? complaint->words : cyaml_strerror(fault);
    const char *known = fault == CYAML_ERR_INVALID_VALUE ? known_words(mem, complaint->field) : "";
    const char *field = is_about_value(fault) ? complaint->field : "";
    int line = complaint->line;

    words += strncmp(words, "Load: ", 6) == 0 ? 6 : 0;
    words += strncmp(words, "libyaml: ", 9) == 0 ? 9 : 0;
    if (fault == CYAML_ERR_LIBYAML_PARSER)
        line = syntax_error_line(manifest->text, length);
    line = line_of_key(manifest->text, line, words, "Unexpected key: ", line);
    line = line_of_key(manifest->text, line, words, "Mapping field already seen: ", line + 1);
    const char *place = line > 0 ? talloc_asprintf(mem, ":%d", line) : "";
    error_grader(err, "%s%s: %s%s%s%s", manifest->path, place, field, field[0] ? ": " : "", words, known);
    talloc_free(mem);
    return -1;
}

/* --- loading ------------------------------------------------------------------------------------------- */

/* libcyaml's allocator: everything hangs on the talloc context. */
static void *take_memory(void *context, void *block, size_t size)
{
    if (size == 0) {
        talloc_free(block);
        return NULL;
    }
    return talloc_realloc_size(context, block, size);
}

int manifest_parse(void *mem, const struct manifest *manifest, const struct cyaml_schema_value *schema,
                   void **data, struct error *err)
{
    size_t length = strlen(manifest->text);
    struct complaint complaint = {0};
    const cyaml_config_t config = {.log_fn = note_complaint,
                                   .log_ctx = &complaint,
                                   .log_level = CYAML_LOG_WARNING,
                                   .mem_fn = take_memory,
                                   .mem_ctx = mem,
                                   .flags = CYAML_CFG_NO_ALIAS};
    cyaml_err_t fault = cyaml_load_data((const uint8_t *)manifest->text, length, &config, schema,
                                        (cyaml_data_t **)data, NULL);

    if (fault != CYAML_OK || complaint.words[0] != '\0')
        return tell_complaint(manifest, length, fault, &complaint, err);
    if (!*data)
        return error_grader(err, "%s: it must be a mapping that begins with `id:`", manifest->path);
    return 0;
}

static void fill_defaults(struct exercise *exercise)
{
    struct limits *limits = &exercise->limits;

    limits->cpu_ms = limits->cpu_ms ? limits->cpu_ms : default_limits.cpu_ms;
    limits->idle_ms = limits->idle_ms ? limits->idle_ms : default_limits.idle_ms;
    limits->memory_mb = limits->memory_mb ? limits->memory_mb : default_limits.memory_mb;
    limits->threads = limits->threads ? limits->threads : default_limits.threads;
    limits->output_kb = limits->output_kb ? limits->output_kb : default_limits.output_kb;
    for (size_t i = 0; i < exercise->check_count; i++)
        if (exercise->checks[i].when_stuck == CLASS_NONE)
            exercise->checks[i].when_stuck = CLASS_DEADLOCK;
}

/* Its text, from a plain file of a sane size; NULL otherwise. */
static char *read_text(void *mem, const char *path, const char *shown, size_t *length, struct error *err)
{
    struct error trouble;
    struct stat status;

    if (stat(path, &status) != 0) {
        error_grader(err, "%s: %s", shown, errno == ENOENT ? "there must be one" : strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        error_grader(err, "%s: it %s", shown, S_ISREG(status.st_mode) ? "is empty" : "must be a plain file");
        return NULL;
    }
    if (status.st_size > MANIFEST_BYTES) {
        error_grader(err, "%s: it is longer than %d KiB", shown, MANIFEST_BYTES / 1024);
        return NULL;
    }
    char *text = file_read(mem, path, MANIFEST_BYTES, length, &trouble);
    if (!text)
        error_grader(err, "%s: it cannot be read: %s", shown, strerror(errno));
    return text;
}

int manifest_open(void *mem, const char *root, const char *folder, const char *name,
                  struct manifest *manifest, struct error *err)
{
    size_t length;
    char *path = talloc_asprintf(mem, "%s/%s/%s", root, folder, name);

    *manifest = (struct manifest){.root = root, .folder = folder, .path = path + strlen(root) + 1};
    manifest->text = read_text(mem, path, manifest->path, &length, err);
    return manifest->text ? 0 : -1;
}

int manifest_load(void *mem, const char *root, const char *folder, struct manifest *manifest,
                  struct error *err)
{
    if (manifest_open(mem, root, folder, "exercise.yaml", manifest, err) != 0 ||
        manifest_parse(mem, manifest, &exercise_value, (void **)&manifest->exercise, err) != 0)
        return -1;
    fill_defaults(manifest->exercise);
    manifest->exercise->directory = talloc_asprintf(mem, "%s/%s", root, folder);
    return 0;
}
