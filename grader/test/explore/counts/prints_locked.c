/* explore: outputs=2
 *
 * One thread prints twice within a critical section, another once: nothing comes between the two, so the one is
 * before or behind them: 2! = 2 orders of the sections.
 */
#include "../crew.h"

#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *print(void *number)
{
    pthread_mutex_lock(&lock);
    putchar('a' + (int)(intptr_t)number);
    if (number)
        putc('b', stdout);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, print);
    print((void *)1);
    crew_join(&crew);
    return 0;
}
