/* No line of the learner's is on the stack of the access: the exercise's own line has to do, and the
 * learner's free.
 *
 * - tsan: invalid-memory: Line {box:break} of box.c writes to memory that line {free} has already freed.
 * - memory: invalid-memory: Line {box:break} of box.c writes to memory that line {free} has already freed.
 * - memcheck: invalid-memory: Line {box:break} of box.c writes to memory that line {free} has already freed.
 */
#include "support/box.h"
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *number = malloc(sizeof *number);

    free(number); /* {free} */
    box_run(box_break, number);
    puts("done");
    return 0;
}
