/* http_test.h - a server with one counter, and a small client on plain sockets, for the tests of http.h.
 *
 * Every request says "Connection: close", so a reply ends where the connection does.
 */
#ifndef DEEPEND_HTTP_TEST_H
#define DEEPEND_HTTP_TEST_H

#include "scrape.h"

#include "http.h"
#include <arpa/inet.h>
#include <sys/socket.h>

/* --- a small client
 * ----------------------------------------------------------------------------------------- */

static inline int connect_to(const char *address, unsigned port)
{
    struct sockaddr_in six_or_four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    inet_pton(AF_INET, address, &six_or_four.sin_addr);
    int connection = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    const struct sockaddr *where = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&six_or_four;
    if (connect(connection, where, is_six ? sizeof six : sizeof six_or_four) == 0)
        return connection;
    close(connection);
    return -1;
}

/* The whole reply to REQUEST, to be freed. */
static inline char *ask(unsigned port, const char *request)
{
    int connection = connect_to("127.0.0.1", port);
    size_t length = 0, size = 1 << 20;
    char *reply = calloc(1, size);
    ssize_t got;
    assert_true(connection >= 0);
    assert_int_equal(send(connection, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    while ((got = recv(connection, reply + length, size - 1 - length, 0)) > 0)
        length += (size_t)got;
    close(connection);
    return reply;
}

#define REQUEST(method, path) method " " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

static inline void assert_status(const char *reply, int status)
{
    char line[32];
    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    if (strncmp(reply, line, strlen(line)) != 0)
        fail_msg("not %d but: %.60s", status, reply);
}

static inline const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");
    return end ? end + 4 : "";
}

static inline void assert_answer(unsigned port, const char *request, int status, const char *body)
{
    char *reply = ask(port, request);
    assert_status(reply, status);
    assert_string_equal(body_of(reply), body);
    free(reply);
}

/* --- a server --------------------------------------------------------------------------------------------
 */

struct server {
    struct pool_metrics *metrics;
    struct pool_counter *counter;
    struct pool_http *http;
    unsigned port;
};

static inline void server_begin(struct server *server)
{
    server->metrics = metrics_make(1);
    struct pool_series series = {.name = "jobs_total", .help = "Jobs."};
    assert_int_equal(pool_metrics_counter(server->metrics, &series, &server->counter), POOL_OK);
    struct pool_http_options options = {.metrics = server->metrics};
    assert_int_equal(pool_http_create(&server->http, &options), POOL_OK);
    server->port = pool_http_port(server->http);
    assert_true(server->port > 0 && server->port <= 65535);
}

static inline void server_end(struct server *server)
{
    assert_int_equal(pool_http_destroy(server->http), POOL_OK);
    pool_metrics_destroy(server->metrics);
}

#endif
