/* named.c - prints the name and the address of objects and places, for test_observe_names.c to find again.
 * Linked where it stands in memory as in its file.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

struct inner {
    char letter;
    int numbers[3];
};

struct outer {
    const char *label;
    struct inner inner[2];
    pthread_mutex_t lock;
    union {
        int whole;
        float part;
    } either;
};

typedef volatile struct outer named;

static int plain;
int grid[3][4];
static named one, many[2];
static sem_t semaphore;

#define NAME(object) printf("%s %p\n", #object, (void *)&(object))

__attribute__((noinline)) static void here(const char *what)
{
    printf("@%s %p\n", what, (char *)__builtin_return_address(0) - 1);
}

__attribute__((always_inline)) static inline void inlined(void)
{
    here("inlined"); /* {inlined} */
}

__attribute__((noinline)) static void function(void)
{
    static int kept;

    NAME(kept);
    inlined();        /* {caller} */
    here("function"); /* {function} */
}

int main(void)
{
    NAME(plain);
    NAME(grid[0][0]);
    NAME(grid[2][3]);
    NAME(one.label);
    NAME(one.inner[1].numbers[2]);
    NAME(many[1].inner[0].letter);
    NAME(one.lock);
    NAME(one.either);
    NAME(semaphore);
    function();
    return 0;
}
