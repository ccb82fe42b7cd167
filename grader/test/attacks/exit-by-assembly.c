/* attack: ends the process by an instruction, so that no symbol gives it away
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

void print_all(int count)
{
    __asm__("syscall" : : "a"(231), "D"(count * 0));
    __builtin_unreachable();
}
