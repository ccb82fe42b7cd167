/* crew.h - for the programs that the explorer is tested with: start threads, join them all. Each thread gets
 * its number, counted from 0, as its argument. Not thread-safe: main starts, main joins.
 *
 *     struct crew crew = {.count = 0};
 *     crew_start(&crew, 2, writer);
 *     crew_start(&crew, 1, reader);
 *     crew_join(&crew);
 */
#ifndef DEEPEND_TEST_CREW_H
#define DEEPEND_TEST_CREW_H

#include <pthread.h>
#include <stdint.h>

struct crew {
    pthread_t thread[32];
    int count;
};

static inline void crew_start(struct crew *crew, int count, void *(*run)(void *number))
{
    for (int i = 0; i < count; i++) {
        pthread_create(&crew->thread[crew->count], NULL, run, (void *)(intptr_t)crew->count);
        crew->count++;
    }
}

static inline void crew_join(struct crew *crew)
{
    for (int i = 0; i < crew->count; i++)
        pthread_join(crew->thread[i], NULL);
}

#endif
