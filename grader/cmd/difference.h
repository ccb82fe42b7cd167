/* difference.h - two short texts, line by line: what went, what came, what stayed. Private to cmd/. */
#ifndef DEEPEND_DIFFERENCE_H
#define DEEPEND_DIFFERENCE_H

#include <stddef.h>

struct difference_line {
    char sign;        /* ' ' stayed, '-' only in the old text, '+' only in the new one */
    const char *text; /* within the text it is from, without its newline */
    int length;
};

/* The lines of OLD and NEW in one list, which goes from one to the other with the fewest lines that are not ' ':
 * those outside a longest common subsequence (Wagner and Fischer, 1974). Takes time and room of the product of
 * their numbers of lines. *LINES is on MEM and points into both texts. Returns how many. */
size_t difference(void *mem, const char *old, const char *new, struct difference_line **lines);

#endif
