/* screen_tokens.c - the second look at a submission: its tokens after preprocessing. See screen.h.
 *
 * Line markers tell which file each line comes from. Only what stands in the learner's own file counts; what
 * a macro has put there stands there too. The first look has made sure that markers are the preprocessor's
 * own; one that is not nested as files are is refused all the same.
 */
#include "build/screen.h"

#include "build/lexer.h"
#include "build/rules.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { NESTING = 256 };

struct look {
    struct diagnostics *list;
    const struct project *project;
    struct lexer lexer;
    void *mem;
    const char *files[NESTING]; /* that are open, innermost last */
    size_t depth;
    int shift;    /* a token's line in its file, less that in the preprocessed text */
    int learners; /* 1: in the learner's own file */
    /* an attribute that is being read */
    int attribute;   /* 1: inside its parentheses, or just before them */
    int parentheses; /* open ones */
    int name_due;    /* 1: an attribute's name comes next */
    int bracket;     /* 1: the last token was '[' */
};

static void refuse(struct look *look, const struct token *token, const char *thing, const char *reason)
{
    diagnostics_error(look->list, look->learners ? token->line + look->shift : 0,
                      look->learners ? token->column : 0, "%s is not allowed: %s", thing, reason);
}

/* --- line markers ------------------------------------------------------------------------------------- */

/* The name in a marker's string; clang writes bytes outside ASCII in octal. */
static char *unescaped(void *mem, const struct token *string)
{
    char *text = talloc_strndup(mem, string->text + 1, string->length > 2 ? string->length - 2 : 0),
         *out = text;

    for (const char *in = text; *in; in++) {
        if (*in != '\\') {
            *out++ = *in;
        } else if (in[1] >= '0' && in[1] <= '3' && in[2] && in[3]) {
            *out++ = (char)((in[1] - '0') * 64 + (in[2] - '0') * 8 + (in[3] - '0'));
            in += 3;
        } else if (in[1]) {
            *out++ = *++in;
        }
    }
    *out = '\0';
    return text;
}

static int is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* Whether a learner's file may bring in PATH. SYSTEM: the preprocessor found it among the system's headers.
 */
static int may_enter(const struct look *look, const char *path, int system)
{
    char *library = talloc_asprintf(look->mem, "%s/reference", look->project->root);
    return system || path[0] == '<' || is_below(path, look->project->exercise->directory) ||
           is_below(path, library);
}

static void enter(struct look *look, const struct token *hash, const char *path, int system)
{
    if (!may_enter(look, path, system))
        refuse(look, hash, talloc_asprintf(look->mem, "including `%s`", path),
               "only headers of the system, of this exercise and of the reference library may be included");
    if (look->depth < NESTING)
        look->files[look->depth++] = path;
}

/* "# LINE "FILE" FLAGS": 1 opens a file, 2 goes back to one, 3 says that it is the system's. */
static void read_marker(struct look *look, const struct token *hash, const struct token *number)
{
    struct token token;
    int flags[5] = {0};
    int line = atoi(number->text);

    if (!lexer_next_on_line(&look->lexer, &token) || token.kind != TOKEN_STRING)
        return;
    char *path = unescaped(look->mem, &token);
    while (lexer_next_on_line(&look->lexer, &token))
        if (token.length == 1 && token.text[0] >= '1' && token.text[0] <= '4')
            flags[token.text[0] - '0'] = 1;
    if (flags[1] || look->depth == 0)
        enter(look, hash, path, flags[3] || look->depth == 0);
    else if (flags[2] && look->depth > 1)
        look->depth--;
    if (strcmp(look->files[look->depth - 1], path) != 0)
        refuse(look, hash, "a line marker", "reports would name the wrong lines");
    look->learners = strcmp(path, look->list->submission->name) == 0;
    look->shift = line - hash->line - 1;
}

/* --- pragmas and other directives --------------------------------------------------------------------- */

static void read_pragma(struct look *look, const struct token *hash)
{
    struct token token;
    const char *first = lexer_next_on_line(&look->lexer, &token) ? token_text(look->mem, &token) : "";
    const char *second =
        *first && lexer_next_on_line(&look->lexer, &token) ? token_text(look->mem, &token) : "";
    const char *reason = pragma_reason(first, second, look->project->exercise->strict_count > 0);

    if (reason && look->learners)
        refuse(look, hash, talloc_asprintf(look->mem, "`#pragma %s%s%s`", first, *second ? " " : "", second),
               reason);
}

/* Markers and pragmas stand in the first column; what else looks like a directive was put together by a
 * macro. */
static void read_directive(struct look *look, const struct token *hash)
{
    struct token token;

    if (hash->column == 1 && lexer_next_on_line(&look->lexer, &token)) {
        if (token.kind == TOKEN_NUMBER)
            read_marker(look, hash, &token);
        else if (token_is(&token, "pragma"))
            read_pragma(look, hash);
    } else if (look->learners) {
        refuse(look, hash, "a `#` made by a macro", "no exercise needs it");
    }
    while (lexer_next_on_line(&look->lexer, &token))
        ;
}

/* --- tokens ------------------------------------------------------------------------------------------- */

/* "__packed__" and "packed" are one attribute. */
static char *plain_name(void *mem, const struct token *token)
{
    char *name = token_text(mem, token);
    size_t length = strlen(name);

    if (length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0)
        name = talloc_strndup(mem, name + 2, length - 4);
    return name;
}

static void check_attribute_name(struct look *look, const struct token *token)
{
    char *name = plain_name(look->mem, token);
    const char *reason = attribute_reason(name);

    if (reason && !word_reason(token_text(look->mem, token))) /* which is told for itself */
        refuse(look, token, talloc_asprintf(look->mem, "the attribute `%s`", name), reason);
}

/* Follow an attribute: __attribute__((NAME, NAME(...), ...)). */
static void follow_attribute(struct look *look, const struct token *token)
{
    if (token->kind == TOKEN_NAME && look->name_due && look->parentheses == 2)
        check_attribute_name(look, token);
    look->name_due = 0;
    if (token_is(token, "("))
        look->name_due = ++look->parentheses == 2;
    else if (token_is(token, ")"))
        look->attribute = --look->parentheses > 0;
    else if (token_is(token, ","))
        look->name_due = look->parentheses == 2;
}

static void check_name(struct look *look, const struct token *token)
{
    char *name = token_text(look->mem, token);
    const char *reason = word_reason(name);

    if (reason)
        refuse(look, token, talloc_asprintf(look->mem, "`%s`", name), reason);
    talloc_free(name);
}

static void check_token(struct look *look, const struct token *token)
{
    if (look->attribute)
        follow_attribute(look, token);
    if (token_is(token, "__attribute__") || token_is(token, "__attribute")) {
        look->attribute = 1;
        look->parentheses = 0;
    }
    if (token->kind == TOKEN_NAME)
        check_name(look, token);
    int bracket = token_is(token, "[");
    if (bracket && look->bracket)
        refuse(look, token, "`[[`", "write attributes as __attribute__((...))");
    look->bracket = bracket;
}

void screen_tokens(struct diagnostics *list, const struct project *project, const char *preprocessed)
{
    struct look look = {.list = list, .project = project, .mem = talloc_new(list->mem)};
    struct token token;

    lexer_begin(&look.lexer, look.mem, preprocessed);
    while (lexer_next(&look.lexer, &token)) {
        if (token.opens_line && token_is(&token, "#"))
            read_directive(&look, &token);
        else if (look.learners)
            check_token(&look, &token);
    }
    talloc_free(look.mem);
}
