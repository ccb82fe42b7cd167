/* The program ends itself before the check does. What it has not freed and not joined by then says nothing.
 *
 * - native: tampered: The program ended before the check did, with status 0.
 * - tsan: tampered: The program ended before the check did, with status 0.
 * - memory: tampered: The program ended before the check did.
 * - memcheck: tampered: The program ended before the check did, with status 0.
 */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static void forget(void)
{
    void *volatile block = malloc(24);

    block = NULL;
    (void)block;
}

int main(void)
{
    forget();
    exit(0);
}
