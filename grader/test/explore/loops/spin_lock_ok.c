/* explore: class=ok
 *
 * A spin lock of two lines: the flag is set by whoever finds it clear. Nobody yields.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>

static atomic_flag taken = ATOMIC_FLAG_INIT;
static int counter; /* guarded by taken */

static void *count(void *number)
{
    for (int i = 0; i < 3; i++) {
        while (atomic_flag_test_and_set_explicit(&taken, memory_order_acquire))
            ;
        counter++;
        atomic_flag_clear_explicit(&taken, memory_order_release);
    }
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 3, count);
    crew_join(&crew);
    assert(counter == 9);
    return 0;
}
