/* screen_text.c - the first look at a submission: its directives as they are written. See screen.h.
 *
 * Judges also what stands in an #if that is off: which parts are on is known only to the compiler. The lexer
 * must see the text as the compiler does, or a directive could hide in what one of them takes for a comment;
 * where they could differ (the name of a header in a condition, raw strings) the text is refused.
 */
#include "build/screen.h"

#include "build/lexer.h"
#include "build/rules.h"

#include <string.h>
#include <talloc.h>

struct look {
    struct diagnostics *list;
    const struct exercise *exercise;
    struct lexer lexer;
    void *mem;
    char *risky_macro; /* the first that could rewrite a header included behind it */
    int risky_line;
};

static void refuse(struct look *look, const struct token *token, const char *thing, const char *reason)
{
    diagnostics_error(look->list, token->line, token->column, "%s is not allowed: %s", thing, reason);
}

/* --- pragmas ------------------------------------------------------------------------------------------ */

static void check_pragma(struct look *look, struct lexer *words, const struct token *at)
{
    struct token token;
    const char *first = lexer_next_on_line(words, &token) ? token_text(look->mem, &token) : "";
    const char *second = *first && lexer_next_on_line(words, &token) ? token_text(look->mem, &token) : "";
    const char *reason = pragma_reason(first, second, look->exercise->strict_count > 0);

    if (reason)
        refuse(look, at, talloc_asprintf(look->mem, "`#pragma %s%s%s`", first, *second ? " " : "", second),
               reason);
}

/* _Pragma("..."): the text in the string is a pragma. In any other form it cannot be read here. */
static void check_pragma_operator(struct look *look, const struct token *at)
{
    struct token token;
    struct lexer words;

    if (!lexer_next(&look->lexer, &token) || !token_is(&token, "(") || !lexer_next(&look->lexer, &token) ||
        token.kind != TOKEN_STRING || token.length < 2) {
        refuse(look, at, "`_Pragma` with anything but one string behind it",
               "write `#pragma` on a line of its own");
        return;
    }
    lexer_begin(&words, look->mem, talloc_strndup(look->mem, token.text + 1, token.length - 2));
    check_pragma(look, &words, at);
}

/* --- headers ------------------------------------------------------------------------------------------ */

static void check_header(struct look *look, const struct token *at)
{
    struct token header;

    if (!lexer_next_header(&look->lexer, &header)) {
        refuse(look, at, "an include whose name is made by a macro", "write the header's name");
        return;
    }
    char *name = talloc_strndup(look->mem, header.text + 1, header.length - 2);
    const char *reason = header_reason(name);
    if (reason)
        refuse(look, at, talloc_asprintf(look->mem, "including `%s`", name), reason);
    if (look->risky_macro) {
        diagnostics_error(look->list, at->line, at->column,
                          "put this include above line %d: the macro `%s` that is defined there could change "
                          "what the header means",
                          look->risky_line, look->risky_macro);
        look->risky_macro = NULL; /* once is enough */
    }
}

static void check_has_include(struct look *look)
{
    struct token token, header;

    if (!lexer_next_on_line(&look->lexer, &token) || !token_is(&token, "("))
        return; /* "defined(__has_include)" */
    if (!lexer_next_header(&look->lexer, &header)) {
        refuse(look, &token, "`__has_include` of a name made by a macro", "write the header's name");
        return;
    }
    char *name = talloc_strndup(look->mem, header.text + 1, header.length - 2);
    if (header_reason(name))
        refuse(look, &header, talloc_asprintf(look->mem, "`__has_include(%s)`", name), header_reason(name));
}

/* --- tokens ------------------------------------------------------------------------------------------- */

static int starts(const struct token *token, const char *head)
{
    return token->length >= strlen(head) && memcmp(token->text, head, strlen(head)) == 0;
}

static int is_raw_string_prefix(const struct token *token)
{
    return token->text[token->length] == '"' &&
           (token_is(token, "R") || token_is(token, "LR") || token_is(token, "uR") || token_is(token, "UR") ||
            token_is(token, "u8R"));
}

/* What counts in code and in directives alike. */
static void check_token(struct look *look, const struct token *token)
{
    if (token->kind != TOKEN_NAME)
        return;
    if (token_is(token, "_Pragma"))
        check_pragma_operator(look, token);
    else if (starts(token, "__has_include") || starts(token, "__has_embed"))
        check_has_include(look);
    else if (is_raw_string_prefix(token))
        refuse(look, token, "a raw string", "write an ordinary one");
}

/* --- directives --------------------------------------------------------------------------------------- */

static void check_rest(struct look *look)
{
    struct token token;
    while (lexer_next_on_line(&look->lexer, &token))
        check_token(look, &token);
}

/* In a condition, "<...>" may be the name of a header, in which comments and quotes do not count. */
static void check_condition(struct look *look)
{
    struct token token;

    while (lexer_next_on_line(&look->lexer, &token)) {
        size_t rest = strcspn(token.text, ">\n");
        if (token.text[0] == '<' && token.text[rest] == '>') {
            for (size_t i = 0; i < rest; i++)
                if (strchr("\"'", token.text[i]) ||
                    (token.text[i] == '/' && strchr("/*", token.text[i + 1]))) {
                    refuse(look, &token, "a comment or string behind `<` in a condition",
                           "put it on a line of its own");
                    break;
                }
        }
        check_token(look, &token);
    }
}

static int is_feature_macro(const char *name)
{
    static const char *const names[] = {"_GNU_SOURCE",
                                        "_POSIX_C_SOURCE",
                                        "_POSIX_SOURCE",
                                        "_XOPEN_SOURCE",
                                        "_DEFAULT_SOURCE",
                                        "_BSD_SOURCE",
                                        "_SVID_SOURCE",
                                        "_ISOC11_SOURCE",
                                        "_ISOC99_SOURCE",
                                        "_REENTRANT",
                                        "_THREAD_SAFE",
                                        "_FILE_OFFSET_BITS",
                                        "_LARGEFILE_SOURCE",
                                        "_LARGEFILE64_SOURCE",
                                        "_TIME_BITS",
                                        "_ATFILE_SOURCE",
                                        NULL};

    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

/* A macro without parameters whose body holds no name cannot bring a keyword into a header. */
static void check_define(struct look *look)
{
    struct token token;

    if (!lexer_next_on_line(&look->lexer, &token) || token.kind != TOKEN_NAME)
        return;
    char *name = token_text(look->mem, &token);
    int line = token.line;
    int risky = token.text[token.length] == '(' || (name[0] == '_' && !is_feature_macro(name));
    while (lexer_next_on_line(&look->lexer, &token)) {
        risky |= token.kind == TOKEN_NAME;
        check_token(look, &token);
    }
    if (risky && !look->risky_macro) {
        look->risky_macro = name;
        look->risky_line = line;
    }
}

static void check_directive(struct look *look, const struct token *hash)
{
    static const char *const refused[] = {
        "line", "import", "include_next", "embed", "__include_macros", "__public_macro", NULL};
    struct token token;

    if (!lexer_next_on_line(&look->lexer, &token))
        return;
    if (token_is(&token, "include"))
        check_header(look, hash);
    else if (token_is(&token, "define"))
        check_define(look);
    else if (token_is(&token, "pragma"))
        check_pragma(look, &look->lexer, hash);
    else if (token_is(&token, "if") || token_is(&token, "elif"))
        check_condition(look);
    else if (token.kind == TOKEN_NUMBER)
        refuse(look, hash, "a line marker", "reports would name the wrong lines");
    for (size_t i = 0; refused[i]; i++)
        if (token_is(&token, refused[i]))
            refuse(look, hash, talloc_asprintf(look->mem, "`#%s`", refused[i]),
                   i == 0 ? "reports would name the wrong lines" : "no exercise needs it");
    check_rest(look);
}

void screen_text(struct diagnostics *list, const struct exercise *exercise)
{
    struct look look = {.list = list, .exercise = exercise, .mem = talloc_new(list->mem)};
    struct token token;

    lexer_begin(&look.lexer, look.mem, list->submission->text);
    while (lexer_next(&look.lexer, &token)) {
        if (token.opens_line && token_is(&token, "#"))
            check_directive(&look, &token);
        else
            check_token(&look, &token);
    }
    talloc_free(look.mem);
}
