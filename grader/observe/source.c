/* source.c - names from a line of C, see source.h.
 *
 * The line is cut into tokens, comments and literals dropped. An object is a postfix chain
 * (`q->items[q->head].done`), possibly with stars or a cast in front. It is changed by an assignment, an
 * increment or being declared with a value; anything else that names it reads it. No preprocessor, no types:
 * see `usable()` for what is not attempted.
 */
#include "observe/source.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { TOKENS = 160 };

struct token {
    const char *at;
    int length;
    int word; /* 1: an identifier or a keyword */
};

struct tokens {
    struct token list[TOKENS];
    int count;
    int overflow;
};

/* --- cutting ----------------------------------------------------------------------------------------- */

static const char *const operators[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==",
                                        "!=",  "&&",  "||",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};

static int operator_length(const char *at)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strncmp(at, operators[i], strlen(operators[i])) == 0)
            return (int)strlen(operators[i]);
    return 1;
}

/* Behind the literal that begins at AT. */
static const char *skip_literal(const char *at)
{
    char quote = *at++;

    while (*at && *at != quote)
        at += at[0] == '\\' && at[1] ? 2 : 1;
    return *at ? at + 1 : at;
}

static const char *skip_word(const char *at)
{
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return at;
}

/* Behind a comment that begins at AT, or AT. */
static const char *skip_comment(const char *at)
{
    if (strncmp(at, "//", 2) == 0)
        return at + strlen(at);
    if (strncmp(at, "/*", 2) == 0) {
        const char *end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    return at;
}

static void cut(const char *line, struct tokens *tokens)
{
    tokens->count = 0;
    tokens->overflow = 0;
    while (*line) {
        const char *next = skip_comment(line);
        if (next != line || isspace((unsigned char)*line)) {
            line = next != line ? next : line + 1;
            continue;
        }
        struct token token = {line, 0, isalpha((unsigned char)*line) || *line == '_'};
        if (*line == '"' || *line == '\'')
            next = skip_literal(line);
        else if (isalnum((unsigned char)*line) || *line == '_')
            next = skip_word(line);
        else
            next = line + operator_length(line);
        token.length = (int)(next - line);
        line = next;
        if (tokens->count == TOKENS) {
            tokens->overflow = 1;
            return;
        }
        tokens->list[tokens->count++] = token;
    }
}

static int is(const struct tokens *tokens, int index, const char *text)
{
    if (index < 0 || index >= tokens->count)
        return 0;
    const struct token *token = &tokens->list[index];
    return (int)strlen(text) == token->length && strncmp(token->at, text, (size_t)token->length) == 0;
}

static int is_any(const struct tokens *tokens, int index, const char *const *texts)
{
    for (; *texts; texts++)
        if (is(tokens, index, *texts))
            return 1;
    return 0;
}

static int is_word(const struct tokens *tokens, int index)
{
    return index >= 0 && index < tokens->count && tokens->list[index].word;
}

/* Words that name no object. */
static const char *const keywords[] = {
    "auto",     "break",    "case",     "char",     "const", "continue", "default", "do",      "double",
    "else",     "enum",     "extern",   "float",    "for",   "goto",     "if",      "inline",  "int",
    "long",     "register", "restrict", "return",   "short", "signed",   "sizeof",  "static",  "struct",
    "switch",   "typedef",  "union",    "unsigned", "void",  "volatile", "while",   "_Atomic", "_Bool",
    "_Alignof", "bool",     "NULL",     "true",     "false", NULL};

/* Keywords behind which an expression begins, so that what follows is no declaration. */
static const char *const openers[] = {"return", "else", "do", "case", "sizeof", "goto", NULL};

/* --- chains ------------------------------------------------------------------------------------------ */

/* The index of the bracket that CLOSE (at INDEX, going left) or opens (going right), or -1. */
static int matching(const struct tokens *tokens, int index, int step)
{
    int depth = 0;

    for (int i = index; i >= 0 && i < tokens->count; i += step) {
        if (is(tokens, i, "(") || is(tokens, i, "["))
            depth += step;
        else if (is(tokens, i, ")") || is(tokens, i, "]"))
            depth -= step;
        if (depth == 0)
            return i;
    }
    return -1;
}

/* The last token of the postfix chain that begins with the word at INDEX. */
static int chain_end(const struct tokens *tokens, int index)
{
    for (;;) {
        if ((is(tokens, index + 1, ".") || is(tokens, index + 1, "->")) && is_word(tokens, index + 2)) {
            index += 2;
        } else if (is(tokens, index + 1, "[")) {
            int close = matching(tokens, index + 1, 1);
            if (close < 0)
                return index;
            index = close;
        } else {
            return index;
        }
    }
}

/* The word that the postfix chain ending at INDEX begins with, or -1 when it is not a plain chain. */
static int chain_start(const struct tokens *tokens, int index)
{
    for (;;) {
        while (is(tokens, index, "]"))
            if ((index = matching(tokens, index, -1) - 1) < 0)
                return -1;
        if (!is_word(tokens, index))
            return -1;
        if (!is(tokens, index - 1, ".") && !is(tokens, index - 1, "->"))
            return index;
        index -= 2;
    }
}

/* Is the token before INDEX one behind which an expression begins? Else a `*` there is a product or part of a
 * declaration. */
static int begins_expression(const struct tokens *tokens, int index)
{
    if (index <= 0)
        return 1;
    if (is_any(tokens, index - 1, openers))
        return 1;
    return !is_word(tokens, index - 1) && !isdigit((unsigned char)*tokens->list[index - 1].at) &&
           !is(tokens, index - 1, "]");
}

/* With the stars in front of START that dereference it. */
static int with_stars(const struct tokens *tokens, int start)
{
    int stars = start;

    while (is(tokens, stars - 1, "*"))
        stars--;
    return stars < start && begins_expression(tokens, stars) ? stars : start;
}

/* `*(int *)arg`: with the cast in front of START and the stars before it, or START when there is no such
 * thing. */
static int with_cast(const struct tokens *tokens, int start)
{
    if (!is(tokens, start - 1, ")"))
        return start;
    int open = matching(tokens, start - 1, -1);
    if (open < 1 || !is(tokens, start - 2, "*") || !is(tokens, open - 1, "*"))
        return start;
    return with_stars(tokens, open);
}

/* Is the word at INDEX declared here, `int i` or, at the beginning of a statement, `char *p = ...`? */
static int is_declared(const struct tokens *tokens, int index)
{
    int before = index - 1;

    while (is(tokens, before, "*"))
        before--;
    if (!is_word(tokens, before) || is_any(tokens, before, openers))
        return 0;
    if (before == index - 1)
        return 1;
    while (is_word(tokens, before) && !is_any(tokens, before, openers))
        before--;
    return (before < 0 || is(tokens, before, "(") || is(tokens, before, ";") || is(tokens, before, "{")) &&
           (is(tokens, index + 1, "=") || is(tokens, index + 1, ";"));
}

/* --- the names of a line ----------------------------------------------------------------------------- */

struct names {
    void *mem;
    char **list;
    size_t count;
    int spoilt;
};

static void add_name(struct names *names, const struct tokens *tokens, int start, int end)
{
    const struct token *first = &tokens->list[start], *last = &tokens->list[end];
    char *name = talloc_strndup(names->mem, first->at, (size_t)(last->at + last->length - first->at));

    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0)
            return;
    if (names->count == SOURCE_NAMES)
        names->spoilt = 1;
    else
        names->list[names->count++] = name;
}

static int all_capitals(const struct tokens *tokens, int index)
{
    const struct token *token = &tokens->list[index];
    int letters = 0;

    for (int i = 0; i < token->length; i++) {
        if (islower((unsigned char)token->at[i]))
            return 0;
        letters += isupper((unsigned char)token->at[i]) != 0;
    }
    return letters > 1;
}

/* A macro with arguments may do anything with them. */
static int usable(const struct tokens *tokens)
{
    for (int i = 0; i < tokens->count; i++)
        if (is_word(tokens, i) && is(tokens, i + 1, "(") && all_capitals(tokens, i))
            return 0;
    return !tokens->overflow;
}

static const char *const assignments[] = {
    "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", NULL};

static void add_changed(struct names *names, const struct tokens *tokens)
{
    for (int i = 0; i < tokens->count; i++) {
        int step = is(tokens, i, "++") || is(tokens, i, "--");
        if (!step && !is_any(tokens, i, assignments))
            continue;
        int start = chain_start(tokens, i - 1), end = i - 1;
        if (start >= 0) {
            start = with_cast(tokens, with_stars(tokens, start));
        } else if (step && is_word(tokens, i + 1)) {
            start = i + 1;
            end = chain_end(tokens, start);
        } else {
            names->spoilt = 1; /* `(*p).x = 1`, `++*p`: it changes something, and we cannot say what */
            return;
        }
        add_name(names, tokens, start, end);
    }
}

static void add_read(struct names *names, const struct tokens *tokens)
{
    for (int i = 0; i < tokens->count; i++) {
        if (!is_word(tokens, i) || is_any(tokens, i, keywords) || all_capitals(tokens, i))
            continue;
        if (is(tokens, i - 1, ".") || is(tokens, i - 1, "->") || is(tokens, i + 1, "("))
            continue; /* part of a chain that was seen, or a function */
        if (is_word(tokens, i + 1) || is_declared(tokens, i) || is(tokens, i - 1, "struct"))
            continue; /* a type, or what is declared with it */
        int end = chain_end(tokens, i), start = with_cast(tokens, with_stars(tokens, i));
        if (is(tokens, end + 1, "=") || is(tokens, end + 1, "("))
            continue; /* only written to, or called */
        if (is(tokens, start - 1, "&") && begins_expression(tokens, start - 1))
            continue; /* its address is taken */
        if (is(tokens, i + 1, "*") && is(tokens, i + 2, ")"))
            continue; /* a cast to pointer */
        if (is(tokens, i - 1, "(") && is(tokens, i + 1, ")") && is_word(tokens, i + 2))
            continue; /* a cast */
        add_name(names, tokens, start, end);
    }
}

size_t source_names(void *mem, const char *line, enum source_access access, char *list[SOURCE_NAMES])
{
    struct tokens tokens;
    struct names names = {.mem = mem, .list = list};

    if (!line)
        return 0;
    cut(line, &tokens);
    if (!usable(&tokens))
        return 0;
    (access == SOURCE_CHANGES ? add_changed : add_read)(&names, &tokens);
    return names.spoilt ? 0 : names.count;
}

/* --- single questions -------------------------------------------------------------------------------- */

char *source_argument(void *mem, const char *line, const char *function)
{
    struct tokens tokens;
    int call = -1;

    if (!line)
        return NULL;
    cut(line, &tokens);
    for (int i = 0; i < tokens.count; i++) {
        if (!is(&tokens, i, function) || !is(&tokens, i + 1, "("))
            continue;
        if (call >= 0)
            return NULL;
        call = i;
    }
    int close = call < 0 ? -1 : matching(&tokens, call + 1, 1);
    int start = call + 2, end = start, depth = 0;
    if (is(&tokens, start, "&"))
        end = ++start;
    for (; end < close && (depth > 0 || !is(&tokens, end, ",")); end++)
        depth += is(&tokens, end, "(") || is(&tokens, end, "[")   ? 1
                 : is(&tokens, end, ")") || is(&tokens, end, "]") ? -1
                                                                  : 0;
    if (close < 0 || end <= start)
        return NULL;
    const struct token *first = &tokens.list[start], *last = &tokens.list[end - 1];
    return talloc_strndup(mem, first->at, (size_t)(last->at + last->length - first->at));
}

static const char *last_member(const char *name)
{
    const char *last = name;

    for (const char *at = name; *at; at++)
        if (*at == '.' || (*at == '>' && at > name && at[-1] == '-'))
            last = at + 1;
    return last;
}

int source_same_member(const char *a, const char *b)
{
    return strcmp(last_member(a), last_member(b)) == 0;
}

char *source_line(void *mem, const struct submission *submission, int number)
{
    const char *at = submission ? submission->text : NULL;

    for (int line = 1; at && line < number; line++)
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    if (!at || number < 1)
        return NULL;
    size_t length = strcspn(at, "\n");
    while (length > 0 && isspace((unsigned char)*at)) {
        at++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)at[length - 1]))
        length--;
    return length ? talloc_strndup(mem, at, length) : NULL;
}
