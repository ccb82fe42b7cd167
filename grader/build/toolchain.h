/* toolchain.h - the compiler, linker and archiver of this machine. */
#ifndef DEEPEND_TOOLCHAIN_H
#define DEEPEND_TOOLCHAIN_H

#include "base/error.h"

struct toolchain {
    char *clang;    /* absolute */
    char *archiver; /* ar, absolute */
    char *linker;   /* ld.lld, absolute, or NULL: clang's default then, which is several times slower */
    char *identity; /* changes whenever one of them, or libc, is another */
    const char **environment; /* for every tool: nothing of the user's can change what is compiled */
};

/* Look along PATH. NULL (error_grader, naming the package) when clang or ar is missing. */
struct toolchain *toolchain_find(void *mem, struct error *err);

/* The version in what `clang --version` prints: "14.0.6". */
char *toolchain_version(void *mem, const char *printed);

#endif
