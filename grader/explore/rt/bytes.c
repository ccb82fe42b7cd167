/* bytes.c - the runtime's own memcpy, memmove and memset, by the names that inside.h gives them: also those
 * calls that the compiler makes of its own accord to copy a struct. So neither our own memory callbacks nor a
 * sanitizer's interceptors see what the runtime does to its state.
 *
 * No calls in here, or they would call themselves; hence the empty assembler in the loops, which keeps the
 * compiler from recognising them.
 */
#include <stddef.h>

void *rt_memmove(void *to, const void *from, size_t size);
void *rt_memset(void *to, int byte, size_t size);

void *rt_memmove(void *to, const void *from, size_t size)
{
    char *target = to;
    const char *source = from;

    if (target <= source)
        for (size_t i = 0; i < size; i++) {
            target[i] = source[i];
            __asm__("" ::: "memory");
        }
    else
        for (size_t i = size; i-- > 0;) {
            target[i] = source[i];
            __asm__("" ::: "memory");
        }
    return to;
}

void *rt_memset(void *to, int byte, size_t size)
{
    char *target = to;

    for (size_t i = 0; i < size; i++) {
        target[i] = (char)byte;
        __asm__("" ::: "memory");
    }
    return to;
}
