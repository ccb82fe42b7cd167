/* three_switches.c - fails only if the reader sees every value, which takes three preemptions: it is stopped
 * behind its first read, the writer behind its first write, the reader again behind its second read. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_int value;

static void *write_both(void *arg)
{
    atomic_store(&value, 1);
    atomic_store(&value, 2);
    return arg;
}

static void *read_thrice(void *arg)
{
    int first = atomic_load(&value);
    int second = atomic_load(&value);
    int third = atomic_load(&value);

    assert(!(first == 0 && second == 1 && third == 2));
    return arg;
}

int main(void)
{
    pthread_t reader, writer;

    pthread_create(&reader, NULL, read_thrice, NULL);
    pthread_create(&writer, NULL, write_both, NULL);
    pthread_join(reader, NULL);
    pthread_join(writer, NULL);
    return 0;
}
