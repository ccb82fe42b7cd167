/* test_http.c - the endpoint over real sockets: what it answers, where it listens, how it ends. */
/* link: -lmicrohttpd */
#include "http_test.h"

#include "parse.h"
#include <errno.h>

static const char page[] = "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 7\n";

static void get_answers_the_page(void **state)
{
    (void)state;
    struct server server;
    static struct page parsed;
    server_begin(&server);
    pool_counter_add(server.counter, 0, 7);
    char *reply = ask(server.port, REQUEST("GET", "/metrics") "\r\n");
    assert_status(reply, 200);
    assert_non_null(strstr(reply, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert_string_equal(body_of(reply), page);
    assert_null(page_parse(&parsed, body_of(reply)));
    free(reply);
    assert_answer(server.port, REQUEST("GET", "/metrics?debug=1") "\r\n", 200, page);
    pool_counter_add(server.counter, 0, -7);
    reply = ask(server.port, REQUEST("GET", "/metrics") "\r\n");
    assert_non_null(strstr(reply, "\njobs_total 0\n")); /* each request is a scrape */
    free(reply);
    server_end(&server);
}

static void head_answers_without_the_page(void **state)
{
    (void)state;
    struct server server;
    char length[48];
    server_begin(&server);
    pool_counter_add(server.counter, 0, 7);
    char *reply = ask(server.port, REQUEST("HEAD", "/metrics") "\r\n");
    assert_status(reply, 200);
    snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", sizeof page - 1);
    assert_non_null(strstr(reply, length));
    assert_string_equal(body_of(reply), "");
    free(reply);
    server_end(&server);
}

static void everything_else_is_told_apart(void **state)
{
    (void)state;
    struct server server;
    server_begin(&server);
    static const char *const elsewhere[] = {
        REQUEST("GET", "/") "\r\n",         REQUEST("GET", "/metrics/") "\r\n",
        REQUEST("GET", "/metric") "\r\n",   REQUEST("GET", "/METRICS") "\r\n",
        REQUEST("HEAD", "/x") "\r\n",       REQUEST("DELETE", "/x") "\r\n",
        REQUEST("GET", "//metrics") "\r\n", REQUEST("GET", "/metrics/../metrics") "\r\n",
    };
    for (size_t i = 0; i < COUNT(elsewhere); i++) {
        char *reply = ask(server.port, elsewhere[i]);
        assert_status(reply, 404);
        free(reply);
    }
    static const char *const methods[] = {
        REQUEST("PUT", "/metrics") "Content-Length: 5\r\n\r\nhello",
        REQUEST("POST", "/metrics") "Content-Length: 5\r\n\r\nhello",
        REQUEST("DELETE", "/metrics") "\r\n",
        REQUEST("OPTIONS", "/metrics") "\r\n",
        REQUEST("get", "/metrics") "\r\n",
    };
    for (size_t i = 0; i < COUNT(methods); i++) {
        char *reply = ask(server.port, methods[i]);
        assert_status(reply, 405);
        assert_non_null(strstr(reply, "\r\nAllow: GET, HEAD\r\n"));
        assert_string_equal(body_of(reply), "metrics can only be read\n");
        free(reply);
    }
    char *reply = ask(server.port, "nonsense\r\n\r\n"); /* no HTTP: it must only survive it */
    free(reply);
    assert_answer(server.port, REQUEST("GET", "/x") "\r\n", 404, "there is only /metrics here\n");
    server_end(&server);
}

/* A second request on the same connection: the state of the first does not stick to it. */
static void a_connection_may_ask_again(void **state)
{
    (void)state;
    struct server server;
    server_begin(&server);
    char *reply =
        ask(server.port, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n" REQUEST("GET", "/metrics") "\r\n");
    assert_status(reply, 404);
    assert_non_null(strstr(reply, "HTTP/1.1 200 "));
    assert_non_null(strstr(reply, "\njobs_total 0\n"));
    free(reply);
    server_end(&server);
}

/* --- where it listens
 * ---------------------------------------------------------------------------------------- */

static void it_listens_on_loopback_unless_told(void **state)
{
    (void)state;
    static const struct {
        const char *address, *reach, *not_reach;
    } table[] = {{NULL, "127.0.0.1", "127.0.0.2"},
                 {"127.0.0.2", "127.0.0.2", "127.0.0.1"},
                 {"0.0.0.0", "127.0.0.2", NULL},
                 {"::1", "::1", "127.0.0.1"}};
    struct pool_metrics *metrics = metrics_make(1);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct pool_http *http;
        struct pool_http_options options = {.metrics = metrics, .address = table[i].address};
        enum pool_status status = pool_http_create(&http, &options);
        if (status == POOL_SYSTEM && i == 3)
            continue; /* a machine without IPv6 */
        assert_int_equal(status, POOL_OK);
        int connection = connect_to(table[i].reach, pool_http_port(http));
        assert_true(connection >= 0);
        close(connection);
        if (table[i].not_reach)
            assert_int_equal(connect_to(table[i].not_reach, pool_http_port(http)), -1);
        assert_int_equal(pool_http_destroy(http), POOL_OK);
    }
    pool_metrics_destroy(metrics);
}

static void a_taken_port_is_told_and_a_left_one_is_free(void **state)
{
    (void)state;
    struct server server;
    struct pool_http *second = (struct pool_http *)&server;
    server_begin(&server);
    struct pool_http_options options = {.metrics = server.metrics, .port = server.port};
    errno = 66;
    assert_int_equal(pool_http_create(&second, &options), POOL_SYSTEM);
    assert_int_equal(errno, 66);
    assert_null(second);
    free(ask(server.port, REQUEST("GET", "/metrics") "\r\n")); /* one closed connection lingers */
    assert_int_equal(pool_http_destroy(server.http), POOL_OK);
    assert_int_equal(connect_to("127.0.0.1", server.port), -1);
    assert_int_equal(pool_http_create(&second, &options), POOL_OK);
    assert_int_equal(pool_http_port(second), server.port);
    pool_http_destroy(second);
    pool_metrics_destroy(server.metrics);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    const struct pool_http_options bad[] = {
        {.metrics = NULL},
        {.metrics = metrics, .port = 65536},
        {.metrics = metrics, .address = ""},
        {.metrics = metrics, .address = "localhost"},
        {.metrics = metrics, .address = "1.2.3"},
    };
    struct pool_http *http = (struct pool_http *)metrics;
    assert_int_equal(pool_http_create(NULL, &bad[0]), POOL_INVALID);
    assert_int_equal(pool_http_create(&http, NULL), POOL_INVALID);
    assert_null(http);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_http_create(&http, &bad[i]), POOL_INVALID);
    assert_int_equal(pool_http_port(NULL), 0);
    assert_int_equal(pool_http_destroy(NULL), POOL_OK);
    pool_metrics_destroy(metrics);
}

/* --- the end
 * ------------------------------------------------------------------------------------------------- */

static void read_and_destroy(void *context, double *values)
{
    struct server *server = context;
    values[0] = pool_http_destroy(server->http) == POOL_WOULD_DEADLOCK;
}

static void a_source_cannot_end_the_server_that_asks_it(void **state)
{
    (void)state;
    struct server server;
    struct pool_polled polled = {POOL_POLLED_GAUGE, {.name = "refused"}};
    struct pool_metrics_source *source;
    server_begin(&server);
    assert_int_equal(pool_metrics_poll(server.metrics, &polled, 1, read_and_destroy, &server, &source),
                     POOL_OK);
    char *reply = ask(server.port, REQUEST("GET", "/metrics") "\r\n");
    assert_non_null(strstr(reply, "\nrefused 1\n"));
    free(reply);
    server_end(&server);
}

/* Somebody is connected and says nothing: the end does not wait for them. */
static void silent_guests_are_shown_out(void **state)
{
    (void)state;
    struct server server;
    char byte;
    server_begin(&server);
    int silent = connect_to("127.0.0.1", server.port), half = connect_to("127.0.0.1", server.port);
    assert_true(silent >= 0 && half >= 0);
    assert_int_equal(send(half, "GET /met", 8, MSG_NOSIGNAL), 8);
    assert_answer(server.port, REQUEST("GET", "/x") "\r\n", 404, "there is only /metrics here\n");
    server_end(&server);
    assert_true(recv(silent, &byte, 1, 0) <= 0);
    close(silent);
    close(half);
}

static void read_gate(void *context, double *values)
{
    gate_pass(context);
    values[0] = 1;
}

static void *ask_main(void *arg)
{
    return ask(((struct server *)arg)->port, REQUEST("GET", "/metrics") "\r\n");
}

static void *open_gate(void *arg)
{
    sem_post(&((struct gate *)arg)->open);
    return NULL;
}

/* The server is ended while it answers: the answer is still sent or the connection closed, and nothing is
 * touched afterwards (the sanitizers look). */
static void a_request_under_way_is_finished(void **state)
{
    (void)state;
    struct server server;
    struct gate gate;
    struct pool_polled polled = {POOL_POLLED_GAUGE, {.name = "slow"}};
    struct pool_metrics_source *source;
    pthread_t asker, opener;
    void *reply;
    gate_init(&gate);
    server_begin(&server);
    assert_int_equal(pool_metrics_poll(server.metrics, &polled, 1, read_gate, &gate, &source), POOL_OK);
    assert_int_equal(pthread_create(&asker, NULL, ask_main, &server), 0);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pthread_create(&opener, NULL, open_gate, &gate), 0);
    assert_int_equal(pool_http_destroy(server.http), POOL_OK);
    pthread_join(opener, NULL);
    pthread_join(asker, &reply);
    free(reply);
    pool_metrics_destroy(server.metrics);
    gate_release(&gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(get_answers_the_page),
        CASE(head_answers_without_the_page),
        CASE(everything_else_is_told_apart),
        CASE(a_connection_may_ask_again),
        CASE(it_listens_on_loopback_unless_told),
        CASE(a_taken_port_is_told_and_a_left_one_is_free),
        CASE(what_makes_no_sense_is_refused),
        CASE(a_source_cannot_end_the_server_that_asks_it),
        CASE(silent_guests_are_shown_out),
        CASE(a_request_under_way_is_finished),
    };
    return cmocka_run_group_tests_name("observability: http", cases, NULL, NULL);
}
