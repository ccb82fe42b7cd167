/* test_http_system.c - the endpoint when the system says no: no socket, no thread, no memory. */
/* link: -Wl,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=MHD_start_daemon */
/* link: -Wl,--wrap=MHD_create_response_from_buffer -lmicrohttpd */
#include "http_test.h"

#include "faults.h"
#include <microhttpd.h>

/* The wrappers have no argument for these, so they have to be global. */
static int start_fails; /* with this errno */
static atomic_bool no_response;

struct MHD_Daemon *__real_MHD_start_daemon(unsigned flags, uint16_t port, void *policy, void *policy_context,
                                           void *handler, void *context, int option, void *address,
                                           int limit_option, unsigned limit, int time_option,
                                           unsigned seconds, int end);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port, void *policy, void *policy_context,
                                           void *handler, void *context, int option, void *address,
                                           int limit_option, unsigned limit, int time_option,
                                           unsigned seconds, int end)
{
    errno = start_fails;
    return start_fails
               ? NULL
               : __real_MHD_start_daemon(flags, port, policy, policy_context, handler, context, option,
                                         address, limit_option, limit, time_option, seconds, end);
}

struct MHD_Response *__real_MHD_create_response_from_buffer(size_t size, void *buffer, int mode);
struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size, void *buffer, int mode)
{
    return no_response ? NULL : __real_MHD_create_response_from_buffer(size, buffer, mode);
}

/* --- the system says no
 * ------------------------------------------------------------------------------------- */

static void what_runs_out_at_the_start_is_told(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum pool_status status;
    } table[] = {
        {EAGAIN, POOL_NO_THREAD}, {ENOMEM, POOL_NO_MEMORY}, {EMFILE, POOL_SYSTEM}, {EACCES, POOL_SYSTEM}};
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_http_options options = {.metrics = metrics};
    struct pool_http *http = NULL;
    long before = faults.blocks;
    for (size_t i = 0; i < COUNT(table); i++) {
        start_fails = table[i].error;
        assert_int_equal(pool_http_create(&http, &options), table[i].status);
        assert_null(http);
        start_fails = 0;
    }
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_http_create(&http, &options);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
    }
    pool_http_destroy(http);
    assert_int_equal(faults.blocks, before);
    pool_metrics_destroy(metrics);
}

static void no_memory_for_an_answer_closes_the_connection(void **state)
{
    (void)state;
    struct server server;
    server_begin(&server);
    no_response = true;
    static const char *const requests[] = {REQUEST("GET", "/metrics") "\r\n", REQUEST("GET", "/x") "\r\n"};
    for (size_t i = 0; i < COUNT(requests); i++) {
        char *reply = ask(server.port, requests[i]);
        assert_string_equal(reply, "");
        free(reply);
    }
    no_response = false;
    assert_answer(server.port, requests[1], 404, "there is only /metrics here\n");
    server_end(&server);
}

/* The scrape itself runs out of memory: told as 500. A source that scrapes is the simplest way to make one
 * fail. */
static void read_and_fail_the_scrape(void *context, double *values)
{
    (void)context;
    values[0] = 0;
    atomic_store(&faults.left, 0);
    atomic_store(&faults.armed, true);
}

static void no_memory_in_the_scrape_is_500(void **state)
{
    (void)state;
    struct server server;
    struct pool_polled polled = {POOL_POLLED_GAUGE, {.name = "x"}};
    struct pool_metrics_source *source;
    server_begin(&server);
    assert_int_equal(pool_metrics_poll(server.metrics, &polled, 1, read_and_fail_the_scrape, NULL, &source),
                     POOL_OK);
    char *reply = ask(server.port, REQUEST("GET", "/metrics") "\r\n");
    assert_status(reply, 500);
    free(reply);
    atomic_store(&faults.armed, false);
    server_end(&server);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(what_runs_out_at_the_start_is_told),
        CASE(no_memory_for_an_answer_closes_the_connection),
        CASE(no_memory_in_the_scrape_is_500),
    };
    return cmocka_run_group_tests_name("observability: http, system", cases, NULL, NULL);
}
