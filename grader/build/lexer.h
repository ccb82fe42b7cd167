/* lexer.h - C text as a stream of preprocessing tokens, seen as the compiler sees it.
 *
 *     struct lexer lexer;
 *     struct token token;
 *     lexer_begin(&lexer, mem, text);
 *     while (lexer_next(&lexer, &token))
 *         if (token.kind == TOKEN_NAME && token_is(&token, "asm")) ...
 *
 * For screening, not for compiling: comments are skipped, line splices taken out before, so that a keyword
 * that is split by a backslash is one token. Where in doubt it sees more than the compiler does (bytes
 * outside ASCII count as space, so that nothing hides behind an exotic space). Trigraphs stay as they are:
 * gnu11 does not have them.
 */
#ifndef DEEPEND_LEXER_H
#define DEEPEND_LEXER_H

#include <stddef.h>

enum token_kind { TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_CHARACTER, TOKEN_PUNCTUATOR };

struct token {
    enum token_kind kind;
    const char *text; /* in the lexer's text, not terminated; digraphs are as written */
    size_t length;
    int line;       /* from 1 */
    int column;     /* from 1, exact on lines without splices */
    int opens_line; /* 1: nothing but space stands before it on its line */
};

/* Plain data; the text hangs on MEM. */
struct lexer {
    const char *text; /* splices removed; line ends added after them, so that lines keep their numbers */
    size_t at;
    size_t line_start;
    int line;
    int line_open; /* 1: no token yet on this line */
};

void lexer_begin(struct lexer *lexer, void *mem, const char *text);

/* The next token; 0 at the end. */
int lexer_next(struct lexer *lexer, struct token *token);

/* The next token if it is on the same line as the last one; else 0, and nothing is taken. */
int lexer_next_on_line(struct lexer *lexer, struct token *token);

/* Behind #include: the header's name with its brackets or quotes, as a string. 0 if something else stands
 * there. */
int lexer_next_header(struct lexer *lexer, struct token *token);

/* Whether TOKEN is exactly TEXT. A '#' and a '[' may also be written as digraphs. */
int token_is(const struct token *token, const char *text);

/* TOKEN's text, on MEM. */
char *token_text(void *mem, const struct token *token);

#endif
