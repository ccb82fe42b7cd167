/* lexer.c - preprocessing tokens, see lexer.h. Phases 2 and 3 of C11 5.1.1.2; nothing is expanded. */
#include "build/lexer.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

/* --- splices ------------------------------------------------------------------------------------------ */

/* The length of a splice at TEXT: a backslash, spaces perhaps (the compiler is as lenient), a line end. 0 for
 * none. */
static size_t splice_length(const char *text)
{
    if (text[0] != '\\')
        return 0;
    size_t length = 1 + strspn(text + 1, " \t\v\f\r");
    return text[length] == '\n' ? length + 1 : 0;
}

/* TEXT without splices. The line ends that they held come back after the next real one. */
static char *unspliced(void *mem, const char *text)
{
    char *result = talloc_array(mem, char, strlen(text) + 1), *out = result;
    size_t owed = 0;

    while (*text) {
        size_t skip = splice_length(text);
        if (skip) {
            text += skip;
            owed++;
            continue;
        }
        char now = *text++;
        *out++ = now;
        for (; now == '\n' && owed > 0; owed--)
            *out++ = '\n';
    }
    *out = '\0';
    return result;
}

void lexer_begin(struct lexer *lexer, void *mem, const char *text)
{
    *lexer = (struct lexer){.text = unspliced(mem, text), .line = 1, .line_open = 1};
}

/* --- space -------------------------------------------------------------------------------------------- */

static void take_line_end(struct lexer *lexer)
{
    lexer->at++;
    lexer->line++;
    lexer->line_start = lexer->at;
    lexer->line_open = 1;
}

static void skip_block_comment(struct lexer *lexer)
{
    lexer->at += 2;
    while (lexer->text[lexer->at]) {
        if (strncmp(lexer->text + lexer->at, "*/", 2) == 0) {
            lexer->at += 2;
            return;
        }
        if (lexer->text[lexer->at] == '\n') {
            /* a comment is one space, so what follows it stands on the line that it began on */
            int open = lexer->line_open;
            take_line_end(lexer);
            lexer->line_open = open;
        } else {
            lexer->at++;
        }
    }
}

static int is_space(char c)
{
    return strchr(" \t\v\f\r", c) != NULL || !isascii(c);
}

/* Skip space and comments; line ends only if ACROSS_LINES. */
static void skip_space(struct lexer *lexer, int across_lines)
{
    for (;;) {
        const char *here = lexer->text + lexer->at;
        if (*here == '\0')
            return;
        if (*here == '\n' && across_lines)
            take_line_end(lexer);
        else if (strncmp(here, "/*", 2) == 0)
            skip_block_comment(lexer);
        else if (strncmp(here, "//", 2) == 0)
            lexer->at += strcspn(here, "\n");
        else if (is_space(*here))
            lexer->at++;
        else
            return;
    }
}

/* --- tokens ------------------------------------------------------------------------------------------- */

static int is_name(char c)
{
    return isascii(c) && (isalnum((unsigned char)c) || c == '_' || c == '$');
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (is_name(text[length]))
        length++;
    return length;
}

/* A preprocessing number: digits, letters, dots, and signs behind an exponent. */
static size_t number_length(const char *text)
{
    size_t length = 1;
    while (is_name(text[length]) || text[length] == '.' ||
           (text[length] && strchr("+-", text[length]) && strchr("eEpP", text[length - 1])))
        length++;
    return length;
}

/* Up to the closing quote, or to the end of the line when there is none. */
static size_t quoted_length(const char *text)
{
    size_t length = 1;
    while (text[length] && text[length] != '\n' && text[length] != text[0])
        length += text[length] == '\\' && text[length + 1] && text[length + 1] != '\n' ? 2 : 1;
    return length + (text[length] == text[0]);
}

static size_t punctuator_length(const char *text)
{
    static const char *const longer[] = {"%:%:", "%:", "<:", ":>", "<%", "%>", "##", NULL};

    for (size_t i = 0; longer[i]; i++)
        if (strncmp(text, longer[i], strlen(longer[i])) == 0)
            return strlen(longer[i]);
    return 1;
}

static size_t classify(const char *text, enum token_kind *kind)
{
    if (isdigit((unsigned char)text[0]) || (text[0] == '.' && isdigit((unsigned char)text[1]))) {
        *kind = TOKEN_NUMBER;
        return number_length(text);
    }
    if (is_name(text[0])) {
        *kind = TOKEN_NAME;
        return name_length(text);
    }
    if (text[0] == '"' || text[0] == '\'') {
        *kind = text[0] == '"' ? TOKEN_STRING : TOKEN_CHARACTER;
        return quoted_length(text);
    }
    *kind = TOKEN_PUNCTUATOR;
    return punctuator_length(text);
}

static void take(struct lexer *lexer, struct token *token, size_t length)
{
    token->text = lexer->text + lexer->at;
    token->length = length;
    token->line = lexer->line;
    token->column = (int)(lexer->at - lexer->line_start) + 1;
    token->opens_line = lexer->line_open;
    lexer->at += length;
    lexer->line_open = 0;
}

static int next(struct lexer *lexer, struct token *token, int across_lines)
{
    skip_space(lexer, across_lines);
    char here = lexer->text[lexer->at];
    if (here == '\0' || here == '\n')
        return 0;
    take(lexer, token, classify(lexer->text + lexer->at, &token->kind));
    return 1;
}

int lexer_next(struct lexer *lexer, struct token *token)
{
    return next(lexer, token, 1);
}

int lexer_next_on_line(struct lexer *lexer, struct token *token)
{
    return next(lexer, token, 0);
}

int lexer_next_header(struct lexer *lexer, struct token *token)
{
    skip_space(lexer, 0);
    const char *here = lexer->text + lexer->at;
    char close = *here == '<' ? '>' : *here == '"' ? '"' : '\0';
    const char *end = close ? strchr(here + 1, close) : NULL;

    if (!end || memchr(here, '\n', (size_t)(end - here)))
        return 0;
    token->kind = TOKEN_STRING;
    take(lexer, token, (size_t)(end - here) + 1);
    return 1;
}

/* --- comparing ---------------------------------------------------------------------------------------- */

int token_is(const struct token *token, const char *text)
{
    static const struct {
        const char *digraph, *meaning;
    } digraphs[] = {{"%:", "#"}, {"<:", "["}, {":>", "]"}, {"%:%:", "##"}};

    if (strlen(text) == token->length && memcmp(token->text, text, token->length) == 0)
        return 1;
    for (size_t i = 0; i < sizeof digraphs / sizeof digraphs[0]; i++)
        if (strcmp(digraphs[i].meaning, text) == 0 && strlen(digraphs[i].digraph) == token->length &&
            memcmp(token->text, digraphs[i].digraph, token->length) == 0)
            return 1;
    return 0;
}

char *token_text(void *mem, const struct token *token)
{
    return talloc_strndup(mem, token->text, token->length);
}
