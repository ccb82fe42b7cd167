/* attack: calls exit under another name
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

void leave(int) __asm__("exit");

void print_all(int count)
{
    leave(count * 0);
}
