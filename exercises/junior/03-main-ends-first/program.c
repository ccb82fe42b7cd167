/* program.c - a cook with two things to say, and a kitchen that does not wait for him. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* One word at a time, and straight to the system: there is no buffer that would have to be emptied later. */
static ssize_t say(const char *word)
{
    pthread_mutex_lock(&lock);
    ssize_t written = write(STDOUT_FILENO, word, strlen(word));
    pthread_mutex_unlock(&lock);
    return written;
}

static void *cook(void *arg)
{
    say("boil ");
    say("serve ");
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, cook, NULL);
    pthread_detach(thread);
    say("closed ");
    return 0;
}
