/* explore: outputs=6
 *
 * Two threads that print twice each, every time by another call and with nothing between them: each call is one
 * step. The orders that keep each thread's own: 4!/(2! 2!) = 6.
 */
#include "../crew.h"

#include <stdio.h>

static void *capitals(void *unused)
{
    printf("%c", 'A');
    fputs("B", stdout);
    return unused;
}

static void *digits(void *unused)
{
    fwrite("1", 1, 1, stdout);
    fprintf(stdout, "%d", 2);
    return unused;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, capitals);
    crew_start(&crew, 1, digits);
    crew_join(&crew);
    return 0;
}
