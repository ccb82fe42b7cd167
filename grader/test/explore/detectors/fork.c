/* explore: unsupported=fork
 *
 * Processes are not modelled.
 */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    return 0;
}
