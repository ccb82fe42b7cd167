/* Shows: when two threads note an end of one task, one is believed, the other is told, and the check names the
 * task; a task with one end stays right beside it.
 *
 *     deepend explore reference/observability/test/explore/ledger.c reference/observability/ledger.c
 *         --cflags "-Ireference/core -Ireference/observability"
 *
 *     broken reference/observability/ledger.c wrong-result: s/while (!atomic_compare_exchange_weak(\(.*\), &line, \(.*\)));/while (atomic_store(\1, \2), 0);/
 */
#include "ledger.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

static struct pool_book *book;
static atomic_int believed;

static void *end(void *entry)
{
    if (pool_book_note(book, 0, (enum pool_entry)(uintptr_t)entry) == POOL_OK)
        atomic_fetch_add(&believed, 1);
    return NULL;
}

int main(void)
{
    struct pool_finding finding;
    pthread_t threads[2];
    size_t count;

    if (pool_book_create(&book, 2) != POOL_OK)
        return 2;
    for (size_t task = 0; task < 2; task++)
        if (pool_book_note(book, task, POOL_ENTRY_SUBMITTED) != POOL_OK ||
            pool_book_note(book, task, POOL_ENTRY_RUNNING) != POOL_OK)
            return 2;
    pthread_create(&threads[0], NULL, end, (void *)(uintptr_t)POOL_ENTRY_COMPLETED);
    pthread_create(&threads[1], NULL, end, (void *)(uintptr_t)POOL_ENTRY_FAILED);
    if (pool_book_note(book, 1, POOL_ENTRY_COMPLETED) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    enum pool_status status = pool_book_check(book, NULL, &finding, 1, &count);
    assert(believed == 1 && status == POOL_FAILED && count == 1);
    assert(finding.fault == POOL_FAULT_TWICE && finding.task == 0);
    struct pool_ledger now = pool_book_ledger(book);
    assert(now.submitted == 2 && now.completed + now.failed == 2 && now.running == 0);
    pool_book_destroy(book);
    return 0;
}
