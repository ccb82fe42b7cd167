/* explore: class=wrong-result level=1
 *
 * reorder with 5 threads: 4 setters write a, then b, and one checker must never see a without b. It does when
 * it runs between the two writes of the setter that comes first; every further setter makes that rarer.
 */
#include "../crew.h"
#include <assert.h>

enum { SETTERS = 4 };

static int a, b;

static void *setter(void *number)
{
    (void)number;
    a = 1;
    b = -1;
    return NULL;
}

static void *checker(void *number)
{
    (void)number;
    if (a == 1)
        assert(b == -1);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, SETTERS, setter);
    crew_start(&crew, 1, checker);
    crew_join(&crew);
    return 0;
}
