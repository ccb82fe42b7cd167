/* A list whose head is forgotten: one block is lost, the other was only reachable through it.
 *
 * - memory: memory-leak: Line {head} allocates 16 bytes that nobody ever frees.
 * - memory also: memory-leak: Line {next} allocates 16 bytes that nobody ever frees.
 * - memcheck: memory-leak: Line {head} allocates 16 bytes that nobody ever frees.
 * - memcheck also: memory-leak: Line {next} allocates 16 bytes that nobody ever frees.
 */
#include <stdio.h>
#include <stdlib.h>

struct node {
    struct node *next;
    long value;
};

__attribute__((noinline)) static void make(void)
{
    struct node *volatile head = malloc(sizeof *head); /* {head} */

    head->next = malloc(sizeof *head); /* {next} */
    head->next->next = NULL;
    head->value = head->next->value = 3;
}

/* What registers and the dead part of the stack still hold must not count as a pointer. */
__attribute__((noinline)) static long wipe(void)
{
    volatile long room[512];

    for (int i = 0; i < 512; i++)
        room[i] = i;
    return room[17];
}

int main(void)
{
    make();
    printf("%ld\n", wipe());
    puts("done");
    return 0;
}
