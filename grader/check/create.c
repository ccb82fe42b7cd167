/* create.c - stands before pthread_create where no schedule explorer does: a check may make a thread late or
 * refuse it, see check_start_late. Linked with --wrap=pthread_create: above the sanitizers, whose own thread
 * start is untouched.
 */
#include "explored.h"

#include <errno.h>
#include <pthread.h>

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg)
{
    return check_creates(&run, &arg) != 0 ? EAGAIN : __real_pthread_create(thread, attributes, run, arg);
}
