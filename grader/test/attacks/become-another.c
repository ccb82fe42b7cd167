/* attack: becomes another program that ends with 0
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <unistd.h>

void print_all(int count)
{
    (void)count;
    execl("/bin/true", "true", (char *)0);
}
