/* http.c - GET /metrics on libmicrohttpd, see http.h. The only file that includes its header. */
#include "http.h"

#include "exposition.h"
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct pool_http {
    /* Fixed after create. */
    struct pool_metrics *metrics;
    struct MHD_Daemon *daemon;
};

/* What this thread is answering for, so that a source it reads cannot wait for itself. */
static _Thread_local const struct pool_http *answering;

/* --- answering --------------------------------------------------------------------------------------------
 */

/* What is sent: a status with a text. */
struct answer {
    unsigned status;
    const char *type, *allow; /* allow: NULL, or what may be asked */
    char *text;
    size_t length;
    enum MHD_ResponseMemoryMode owner;
};

static struct answer plain_answer(unsigned status, const char *text)
{
    return (struct answer){.status = status,
                           .type = "text/plain; charset=utf-8",
                           .text = (char *)text,
                           .length = strlen(text),
                           .owner = MHD_RESPMEM_PERSISTENT};
}

static struct answer scrape(const struct pool_http *http)
{
    struct answer answer = {
        .status = MHD_HTTP_OK, .type = POOL_EXPOSITION_TYPE, .owner = MHD_RESPMEM_MUST_FREE};
    answering = http;
    enum pool_status status = pool_metrics_write(http->metrics, &answer.text, &answer.length);
    answering = NULL;
    return status == POOL_OK ? answer
                             : plain_answer(MHD_HTTP_INTERNAL_SERVER_ERROR, "the scrape ran out of memory\n");
}

static struct answer answer_to(const struct pool_http *http, const char *path, const char *method)
{
    if (strcmp(path, "/metrics") != 0)
        return plain_answer(MHD_HTTP_NOT_FOUND, "there is only /metrics here\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
        return scrape(http);
    struct answer answer = plain_answer(MHD_HTTP_METHOD_NOT_ALLOWED, "metrics can only be read\n");
    answer.allow = "GET, HEAD";
    return answer;
}

/* MHD_NO ends the connection: there is no memory even for an answer. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(answer.length, answer.text, answer.owner);
    if (!response) {
        if (answer.owner == MHD_RESPMEM_MUST_FREE)
            free(answer.text);
        return MHD_NO;
    }
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
    if (result == MHD_YES && answer.allow)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer.allow);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, answer.status, response); /* leaves out the text for a HEAD */
    MHD_destroy_response(response);
    return result;
}

/* Called once when the head of a request is there, once for each part of a body, and once at the end. A body
 * is read and forgotten, so that its sender hears the answer. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body, size_t *body_length,
                              void **request)
{
    (void)version, (void)body;
    if (!*request) {
        *request = context;
        return MHD_YES;
    }
    if (*body_length > 0) {
        *body_length = 0;
        return MHD_YES;
    }
    return send_answer(connection, answer_to(context, path, method));
}

/* --- listening --------------------------------------------------------------------------------------------
 */

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool parse_address(union address *address, const struct pool_http_options *options)
{
    const char *text = options->address ? options->address : "127.0.0.1";
    *address = (union address){.six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)options->port)}};
    if (inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1)
        return true;
    *address = (union address){.four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)}};
    return inet_pton(AF_INET, text, &address->four.sin_addr) == 1;
}

/* libmicrohttpd makes the socket itself: whether it has closed one that it was given, after a failure,
 * depends on how far it came. Why it failed only errno tells; pthread_create's answer is put there too. */
static enum pool_status start(struct pool_http *http, const union address *address)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    http->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_SOCK_ADDR, &address->any,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)POOL_HTTP_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)POOL_HTTP_PATIENCE_SECONDS, MHD_OPTION_END);
    if (http->daemon)
        return POOL_OK;
    return errno == EAGAIN ? POOL_NO_THREAD : errno == ENOMEM ? POOL_NO_MEMORY : POOL_SYSTEM;
}

enum pool_status pool_http_create(struct pool_http **http, const struct pool_http_options *options)
{
    union address address;
    int saved = errno;

    if (!http)
        return POOL_INVALID;
    *http = NULL;
    if (!options || !options->metrics || options->port > 65535 || !parse_address(&address, options))
        return POOL_INVALID;
    struct pool_http *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->metrics = options->metrics;
    enum pool_status status = start(made, &address);
    errno = saved;
    if (status == POOL_OK)
        *http = made;
    else
        free(made);
    return status;
}

unsigned pool_http_port(const struct pool_http *http)
{
    if (!http)
        return 0;
    return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

enum pool_status pool_http_destroy(struct pool_http *http)
{
    if (!http)
        return POOL_OK;
    if (answering == http)
        return POOL_WOULD_DEADLOCK;
    MHD_stop_daemon(http->daemon); /* joins, and closes the socket */
    free(http);
    return POOL_OK;
}
