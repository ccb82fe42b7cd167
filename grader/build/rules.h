/* rules.h - what a submission may use, as tables: C library symbols, attributes, builtins, pragmas, headers.
 *
 * The rule behind them: a submission may compute, allocate, synchronise, sleep and print. It may not leave
 * its process, end it, look behind the checking tools or silence them. All functions are pure, and their
 * texts static.
 */
#ifndef DEEPEND_RULES_H
#define DEEPEND_RULES_H

/* --- symbols (allowed.c) ------------------------------------------------------------------------------ */

/* Whether a submission may refer to NAME of the C library; variants of the library's own making
 * (__isoc99_sscanf, __printf_chk) are as their plain forms. */
int symbol_is_allowed(const char *name);

/* Whether libc or libm defines NAME: to define it oneself would replace theirs for the checks as well. */
int symbol_is_libc(const char *name);

/* --- reasons (forbidden.c) ---------------------------------------------------------------------------- */

/* Why NAME is not for exercises and what is there instead, half a sentence. For any name. */
const char *symbol_reason(const char *name);

/* Whether NAME belongs to a checking tool: calls of it, or definitions, would tell the tool to look away. */
int symbol_is_tools(const char *name);

/* Why the attribute NAME (without its underscores) is refused, or NULL if it is allowed. */
const char *attribute_reason(const char *name);

/* Why the word NAME is refused wherever it stands, or NULL. */
const char *word_reason(const char *name);

/* Why `#pragma FIRST SECOND` is refused, or NULL. STRICT: the exercise counts some warnings as errors. Words
 * may be "". */
const char *pragma_reason(const char *first, const char *second, int strict);

/* Why the header NAME (without its brackets) is refused, or NULL. */
const char *header_reason(const char *name);

#endif
