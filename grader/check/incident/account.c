/* account.c - tells memory.c of every block that a live service allocates and frees.
 *
 * It stands in front of the C library's own functions, by their names, so it counts what libraries allocate as
 * well: a text that one of ours allocates and libmicrohttpd frees would otherwise stay in the account for
 * good. What the program is resident with is then what it is accounted with. In virtual time the explorer's
 * runtime tells the same, and this file is not linked. The other names are glibc's.
 */
#include "inside.h"

#include <errno.h>
#include <stdlib.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t boundary, size_t bytes);
void __libc_free(void *block);

#define HERE __builtin_return_address(0)

static void *told(void *block, const void *pc)
{
    if (block)
        check_allocated(block, pc);
    return block;
}

void *malloc(size_t bytes)
{
    return told(__libc_malloc(bytes), HERE);
}

void *calloc(size_t count, size_t bytes)
{
    return told(__libc_calloc(count, bytes), HERE);
}

void free(void *block)
{
    if (block)
        check_frees(block);
    __libc_free(block);
}

/* What could not be moved is told to be there again. */
void *realloc(void *block, size_t bytes)
{
    if (block)
        check_frees(block);
    void *moved = __libc_realloc(block, bytes);
    if (!moved && block && bytes > 0)
        told(block, HERE);
    return told(moved, HERE);
}

void *memalign(size_t boundary, size_t bytes)
{
    return told(__libc_memalign(boundary, bytes), HERE);
}

void *aligned_alloc(size_t boundary, size_t bytes)
{
    return told(__libc_memalign(boundary, bytes), HERE);
}

int posix_memalign(void **block, size_t boundary, size_t bytes)
{
    void *made = told(__libc_memalign(boundary, bytes), HERE);

    if (made)
        *block = made;
    return made ? 0 : ENOMEM;
}
