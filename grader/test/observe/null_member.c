/* A member of something that is not there.
 *
 * - tsan: invalid-memory: Line {read} reads memory close to address 0: a member or element of something
 * behind a null pointer.
 * - memory: invalid-memory: Line {read}: member access within null pointer of type 'struct node'.
 * - memcheck: invalid-memory: Line {read} reads memory close to address 0
 */
#include <stdio.h>
#include <stdlib.h>

struct node {
    struct node *next;
    int value;
};

int main(void)
{
    struct node *volatile list = NULL;

    printf("%d\n", list->value); /* {read} */
    puts("done");
    return 0;
}
