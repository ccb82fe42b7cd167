/* explore: unsupported=poll
 *
 * Waiting for files is not modelled.
 */
#include <poll.h>
#include <stddef.h>

int main(void)
{
    return poll(NULL, 0, 1);
}
