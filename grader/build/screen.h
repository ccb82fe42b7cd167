/* screen.h - what a submission may not do, refused before any of it runs.
 *
 * Three looks, each at what the one before it has made safe to produce:
 *   1. screen_text: the file as written, before any tool has read it. Directives that could mislead the
 * second look (#line and line markers, computed includes, macros that rewrite headers) or the compiler
 * (pragmas, files that are no headers).
 *   2. screen_tokens: the preprocessed file, in which nothing hides in a macro. Assembly, attributes,
 * pragmas, builtins. Every object is compiled from this very text, so nothing can look different under
 * another tool.
 *   3. screen_symbols: the object file. Whatever the source looked like, a function of the C library can be
 * reached only by its symbol. What a program computes at run time (an address, say) no screen can see: that
 * is the sandbox's part.
 */
#ifndef DEEPEND_SCREEN_H
#define DEEPEND_SCREEN_H

#include "build/diagnostics.h"
#include "build/project.h"
#include "build/object.h"

/* Each adds an error for every fault to LIST; none means that it passed. */
void screen_text(struct diagnostics *list, const struct exercise *exercise);
void screen_tokens(struct diagnostics *list, const struct project *project, const char *preprocessed);

/* What is linked with a submission. */
struct linkage {
    const struct project *project;
    struct object_symbols checks;    /* the exercise's check.c and support files */
    struct object_symbols reference; /* the library */
    struct object_symbols runtime;   /* grader/check */
};

/* BUILD_REFUSED: it uses or defines what it may not. BUILD_FAILED: something is missing or defined twice. */
enum build_status screen_symbols(struct diagnostics *list, const struct linkage *linkage,
                                 const struct object_symbols *submission);

/* The same for an optimised or instrumented object of a submission that has passed: has it come to need more?
 */
enum build_status screen_variant(struct diagnostics *list, const struct linkage *linkage,
                                 const struct object_symbols *object);

#endif
