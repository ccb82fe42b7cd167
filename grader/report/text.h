/* text.h - what the reports share: cleaning text that others wrote, measuring and wrapping it, accents of
 * colour.
 *
 *     char *words = text_clean(mem, run->output, style->utf8);     // nothing in it can command the terminal
 *     text_wrap(stream, words, "  ", "  ", style->width);
 *
 * Everything that a learner's program, file or compiler wrote passes through text_clean before it meets a
 * terminal. Results are talloc's, on MEM.
 */
#ifndef DEEPEND_TEXT_H
#define DEEPEND_TEXT_H

#include "report/report.h"

enum accent { ACCENT_NONE, ACCENT_BOLD, ACCENT_RED, ACCENT_GREEN, ACCENT_YELLOW, ACCENT_CYAN };

/* BYTES with control bytes, bidirectional overrides and invalid UTF-8 written out as escapes, a tab as blanks
 * to the next column of four; newlines stay. Without UTF8, what is not ASCII becomes the nearest ASCII. NULL
 * gives "". */
char *text_clean(void *mem, const char *bytes, int utf8);

/* BYTES as valid UTF-8: each wrong byte becomes U+FFFD. For formats that escape control bytes themselves. */
char *text_valid(void *mem, const char *bytes);

/* Decode the UTF-8 sequence at *BYTES and step behind it. 0 when it is not one (then *BYTES stays); the end
 * is code 0. */
size_t text_decode(const char **bytes, unsigned *code);

/* Columns that TEXT takes; accents take none. */
size_t text_width(const char *text);

/* Print TEXT, broken at blanks, with FIRST before its first line and REST before the others. A newline in it
 * breaks. A word that is longer than a line is cut. */
void text_wrap(FILE *stream, const char *text, const char *first, const char *rest, int width);

/* TEXT with the accent around it; TEXT itself without colour. */
const char *text_paint(void *mem, const struct report_style *style, enum accent accent, const char *text);

/* COUNT blanks, at most 200; static. */
const char *text_blanks(size_t count);

#endif
