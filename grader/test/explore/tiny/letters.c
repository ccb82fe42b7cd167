/* letters.c - prints two letters in either order, and what it was given as arguments behind them. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *print(void *letter)
{
    pthread_mutex_lock(&lock);
    putchar(*(const char *)letter);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t one, two;

    pthread_create(&one, NULL, print, "a");
    pthread_create(&two, NULL, print, "b");
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    for (int i = 1; i < argc; i++)
        printf(" %s", argv[i]);
#ifdef EXTRA
    printf(" extra");
#endif
    return 0;
}
