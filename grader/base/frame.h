/* frame.h - one function on a stack. */
#ifndef DEEPEND_FRAME_H
#define DEEPEND_FRAME_H

struct frame {
    char *function; /* or NULL */
    char *file;     /* as compiled, or NULL */
    int line;
};

#endif
