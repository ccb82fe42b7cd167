/* plain_steps.c - main and a thread, each with two steps on plain variables, without a lock; which, is drawn
 * from the number given as the argument. Main prints what is left.
 */
#include "../crew.h"
#include <stdio.h>
#include <stdlib.h>

static int x = 1, y = 2, z = 3;

static void steps(unsigned plan)
{
    for (int i = 0; i < 2; i++, plan /= 6)
        switch (plan % 6) {
        case 0:
            x = y;
            break;
        case 1:
            y = z + 1;
            break;
        case 2:
            z++;
            break;
        case 3:
            x = 7;
            break;
        case 4:
            y += x;
            break;
        default:
            z = x;
        }
}

static void *run(void *plan)
{
    steps((unsigned)(uintptr_t)plan);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    unsigned plan = argc > 1 ? (unsigned)atoi(argv[1]) : 0;

    pthread_create(&other, NULL, run, (void *)(uintptr_t)(plan % 36));
    steps(plan / 36);
    pthread_join(other, NULL);
    printf("%d %d %d\n", x, y, z);
    return 0;
}
