/* test_roster.c - who is on the roster, however a thread leaves, and when the system says no. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=pthread_create */
#include "watch_test.h"

#include "faults.h"
#include "roster.h"

struct guest {
    struct gate gate;
    atomic_int tid;
    enum { LEAVE_BY_RETURN, LEAVE_BY_EXIT, LEAVE_BY_CANCEL } way;
};

static void *guest_main(void *arg)
{
    struct guest *guest = arg;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL); /* only where the case wants it, see below */
    atomic_store(&guest->tid, gettid());
    gate_pass(&guest->gate);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    if (guest->way == LEAVE_BY_EXIT)
        pthread_exit(guest);
    while (guest->way == LEAVE_BY_CANCEL)
        pthread_testcancel(); /* in sem_wait the sanitizer would lose track of the thread */
    return guest;
}

static struct pool_roster *roster_make(void)
{
    struct pool_roster *roster;
    assert_int_equal(pool_roster_create(&roster), POOL_OK);
    return roster;
}

static void a_thread_is_on_it_while_it_runs(void **state)
{
    (void)state;
    struct pool_roster *roster = roster_make();
    for (int way = LEAVE_BY_RETURN; way <= LEAVE_BY_CANCEL; way++) {
        struct guest guest = {.way = way};
        struct pool_birth birth;
        pthread_t thread;
        void *result;
        gate_init(&guest.gate);
        int line = __LINE__ + 1;
        enum pool_status started = pool_roster_start(roster, &thread, NULL, guest_main, &guest, "guest");
        assert_int_equal(started, POOL_OK);
        semaphore_wait(&guest.gate.arrived);
        assert_int_equal(pool_roster_count(roster), 1);
        assert_int_equal(pool_roster_find(roster, guest.tid, &birth), POOL_OK);
        assert_string_equal(birth.label, "guest");
        assert_string_equal(birth.file, __FILE__);
        assert_int_equal(birth.line, line);
        assert_int_equal(pool_roster_find(roster, gettid(), &birth), POOL_EMPTY);
        assert_null(birth.file);
        assert_int_equal(pool_roster_find(roster, 0, &birth), POOL_EMPTY);
        sem_post(&guest.gate.open);
        if (way == LEAVE_BY_CANCEL)
            pthread_cancel(thread);
        pthread_join(thread, &result);
        assert_ptr_equal(result, way == LEAVE_BY_CANCEL ? PTHREAD_CANCELED : &guest);
        assert_int_equal(pool_roster_count(roster), 0);
        assert_int_equal(pool_roster_find(roster, guest.tid, &birth), POOL_EMPTY);
        gate_release(&guest.gate);
    }
    pool_roster_destroy(roster);
}

static void several_leave_in_any_order(void **state)
{
    (void)state;
    enum { GUESTS = 3 };
    static const int order[GUESTS] = {1, 0, 2};
    struct pool_roster *roster = roster_make();
    struct guest guests[GUESTS] = {{.way = LEAVE_BY_RETURN}};
    pthread_t threads[GUESTS];
    struct pool_birth birth;
    for (int i = 0; i < GUESTS; i++) {
        gate_init(&guests[i].gate);
        char label[] = {(char)('a' + i), '\0'};
        enum pool_status started =
            pool_roster_start(roster, &threads[i], NULL, guest_main, &guests[i], label);
        assert_int_equal(started, POOL_OK);
        semaphore_wait(&guests[i].gate.arrived);
    }
    for (int i = 0; i < GUESTS; i++) {
        struct guest *guest = &guests[order[i]];
        assert_int_equal(pool_roster_count(roster), GUESTS - i);
        assert_int_equal(pool_roster_find(roster, guest->tid, &birth), POOL_OK);
        assert_int_equal(birth.label[0], 'a' + order[i]);
        sem_post(&guest->gate.open);
        pthread_join(threads[order[i]], NULL);
        gate_release(&guest->gate);
    }
    assert_int_equal(pool_roster_count(roster), 0);
    pool_roster_destroy(roster);
}

static void labels_are_copied_and_cut(void **state)
{
    (void)state;
    struct pool_roster *roster = roster_make();
    char text[100];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const char *const labels[] = {text, NULL};
    for (size_t i = 0; i < COUNT(labels); i++) {
        struct guest guest = {.way = LEAVE_BY_RETURN};
        struct pool_birth birth;
        pthread_t thread;
        gate_init(&guest.gate);
        assert_int_equal(pool_roster_start(roster, &thread, NULL, guest_main, &guest, labels[i]), POOL_OK);
        semaphore_wait(&guest.gate.arrived);
        text[0] = 'y';
        assert_int_equal(pool_roster_find(roster, guest.tid, &birth), POOL_OK);
        assert_int_equal(strlen(birth.label), labels[i] ? POOL_LABEL_SIZE - 1 : 0);
        assert_true(birth.label[0] != 'y');
        sem_post(&guest.gate.open);
        pthread_join(thread, NULL);
        gate_release(&guest.gate);
    }
    pool_roster_destroy(roster);
}

/* The owner gives up the roster under a leaked thread; the thread's end frees it. */
static void a_leaked_thread_outlives_its_roster(void **state)
{
    (void)state;
    long before = faults.blocks;
    struct pool_roster *roster = roster_make();
    struct guest guest = {.way = LEAVE_BY_RETURN};
    pthread_t thread;
    gate_init(&guest.gate);
    assert_int_equal(pool_roster_start(roster, &thread, NULL, guest_main, &guest, "leaked"), POOL_OK);
    semaphore_wait(&guest.gate.arrived);
    pool_roster_destroy(roster);
    assert_int_equal(faults.blocks, before + 2);
    sem_post(&guest.gate.open);
    pthread_join(thread, NULL);
    assert_int_equal(faults.blocks, before);
    gate_release(&guest.gate);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct pool_roster *roster = roster_make();
    struct pool_birth birth;
    pthread_t thread;
    assert_int_equal(pool_roster_create(NULL), POOL_INVALID);
    assert_int_equal(pool_roster_start(NULL, &thread, NULL, guest_main, NULL, ""), POOL_INVALID);
    assert_int_equal(pool_roster_start(roster, NULL, NULL, guest_main, NULL, ""), POOL_INVALID);
    assert_int_equal(pool_roster_start(roster, &thread, NULL, NULL, NULL, ""), POOL_INVALID);
    assert_int_equal(pool_roster_find(NULL, 1, &birth), POOL_INVALID);
    assert_int_equal(pool_roster_find(roster, 1, NULL), POOL_INVALID);
    assert_int_equal(pool_roster_count(NULL), 0);
    assert_int_equal(pool_roster_count(roster), 0);
    pool_roster_destroy(NULL);
    pool_roster_destroy(roster);
}

static void *no_op(void *arg)
{
    return arg;
}

static void memory_and_threads_run_out(void **state)
{
    (void)state;
    long before = faults.blocks;
    struct pool_roster *roster = NULL;
    pthread_t thread;
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_roster_create(&roster);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(roster == NULL, faults_fired());
    }
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_roster_start(roster, &thread, NULL, no_op, NULL, "");
        enum pool_status expected = faults.next == 1 ? POOL_NO_MEMORY : POOL_NO_THREAD;
        assert_int_equal(status, faults_fired() ? expected : POOL_OK);
        if (status == POOL_OK)
            pthread_join(thread, NULL);
        assert_int_equal(pool_roster_count(roster), 0);
    }
    assert_int_equal(faults.next, 3);
    pool_roster_destroy(roster);
    assert_int_equal(faults.blocks, before);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_thread_is_on_it_while_it_runs), CASE(several_leave_in_any_order),
        CASE(labels_are_copied_and_cut),       CASE(a_leaked_thread_outlives_its_roster),
        CASE(what_makes_no_sense_is_refused),  CASE(memory_and_threads_run_out),
    };
    return cmocka_run_group_tests_name("observability: roster", cases, NULL, NULL);
}
