/* symbols.h - addresses of an executable to functions, lines and variables, offline.
 *
 *     struct symbols *symbols = symbols_open(mem, "build/cache/.../tsan");
 *     size_t count = symbols_resolve(symbols, mem, 0xd0249, &frames);   // innermost inlined function first
 *     char *name = symbols_data(symbols, mem, 0x147626c);               // "table[3]"
 *
 * Addresses are those that the sanitizers print behind the module's name, `(tsan+0xd0249)`: the executable's
 * own, as in its ELF file, wherever it was loaded. Results hang on MEM. Owner thread only.
 */
#ifndef DEEPEND_BASE_SYMBOLS_H
#define DEEPEND_BASE_SYMBOLS_H

#include "base/frame.h"

#include <stddef.h>
#include <stdint.h>

struct symbols;

/* Open the executable at PATH; closed with MEM. NULL when it cannot be read as one: every function below then
 * accepts the NULL and finds nothing. */
struct symbols *symbols_open(void *mem, const char *path);

/* The functions that ADDRESS stands in, the innermost inlined one first, as *FRAMES. Code without line tables
 * gives one frame with a function and no file; an unknown address gives 0 frames. The names of a sanitizer's
 * interceptors are those of the functions they stand for ("free"). */
size_t symbols_resolve(struct symbols *symbols, void *mem, uint64_t address, struct frame **frames);

/* The static object at ADDRESS as the source would name it, "stats.done" or "table[3]", or NULL. Members that
 * belong to the insides of a library type (a mutex's own) are left out. */
char *symbols_data(struct symbols *symbols, void *mem, uint64_t address);

#endif
