/* attack: calls the check's own main once more
 * screened: forbidden
 * unscreened: any
 */
#include "tasks.h"

int main(int argc, char **argv);

void print_all(int count)
{
    main(count * 0, 0);
}
