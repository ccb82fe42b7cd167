/* forks.c - starts a process, which the explorer does not model. */
#include <unistd.h>

int main(void)
{
    return fork() < 0;
}
