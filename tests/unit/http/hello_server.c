/* SPDX-License-Identifier: Apache-2.0 */
/* A small server on src/http, for tests and measurements only: it has a route for each thing that a handler
 * can do.
 *
 *   hello_server --listen 127.0.0.1:0 [--threads N] [--certificate F --key F] [--trusted LIST]
 * [--proxy-protocol] [--rfc7239]
 *                [--head-timeout MS] [--idle-timeout MS] [--rate-window MS] [--connections N] [--per-address
 * N] [--ping MS]
 * [--grace MS] [--record]
 *
 * Prints {"port":N} when it listens; SIGHUP reloads the certificate; SIGTERM drains and ends it. */
#include "base/buffer.h"
#include "base/memory.h"
#include "http/http.h"
#include "recorder.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 16, BODY_MAX = 1024 * 1024, LARGE = 4 * 1024 * 1024 };

static char large_body[LARGE];
static _Atomic unsigned canceled;
static _Atomic unsigned sockets_closed;
static _Atomic unsigned last_close_code;

struct worker {
    pthread_t thread;
    struct loop *loop;
    struct http_listener *listener;
    struct message drain;
};

static struct worker workers[THREADS_MAX];
static unsigned worker_count = 1;
static int64_t grace_ms = 3000;

static void answer_text(struct exchange *exchange, unsigned status, struct str text) {
    static const struct http_header headers[] = {{STR_STATIC("Content-Type"), STR_STATIC("text/plain")}};
    exchange_answer(exchange, &(struct http_response){
                                  .status = status, .headers = headers, .header_count = 1, .body = text});
}

/* ---- what the request was read as ---- */

static void answer_inspection(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    struct arena *arena = exchange_arena(exchange);
    struct str peer = http_address_text(arena, &request->peer);
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_print(
        &text, "method=%s\npath=%.*s\nquery=%.*s\nhost=%.*s\npeer=%.*s\nport=%u\nsecure=%d\nheaders=%u\n",
        http_method_name(request->method), STR_ARG(request->path), STR_ARG(request->query),
        STR_ARG(request->host), STR_ARG(peer), request->peer.port, request->is_secure, request->header_count);
    struct str name = STR_NONE;
    if (http_query_get(arena, request->query, STR("header"), &name) == OK) {
        struct str value = http_header_get(request, name);
        buffer_print(&text, "value=%.*s\n", STR_ARG(value));
    }
    answer_text(exchange, 200, buffer_text(&text));
}

/* ---- bodies ---- */

static void echo_in_fiber(struct exchange *exchange) {
    struct str body;
    enum status status = exchange_read_body_wait(exchange, BODY_MAX, &body);
    if (status == CANCELED)
        canceled++;
    if (status == OK)
        answer_text(exchange, 200, body);
}

static void echo_small(struct exchange *exchange) {
    struct str body;
    switch (exchange_body_at_once(exchange, 1000, &body)) {
    case OK:
        answer_text(exchange, 200, body);
        break;
    case UNAVAILABLE:
        exchange_start_fiber(exchange, echo_in_fiber);
        break;
    default:
        answer_text(exchange, 413, STR("too large\n"));
        break;
    }
}

/* ---- waiting and streaming ---- */

static unsigned number(struct exchange *exchange, struct str name, unsigned fallback) {
    struct str text;
    uint64_t value;
    if (http_query_get(exchange_arena(exchange), exchange_request(exchange)->query, name, &text) != OK ||
        str_to_uint64(text, &value) != OK)
        return fallback;
    return (unsigned)value;
}

static void answer_slowly(struct exchange *exchange) {
    if (fiber_sleep_wait(number(exchange, STR("ms"), 300)) != OK) {
        canceled++;
        return;
    }
    answer_text(exchange, 200, exchange_request(exchange)->target);
}

static void stream(struct exchange *exchange) {
    unsigned count = number(exchange, STR("count"), 5);
    unsigned pause = number(exchange, STR("ms"), 20);
    static const struct http_header headers[] = {
        {STR_STATIC("Content-Type"), STR_STATIC("text/event-stream")}};
    enum status status = exchange_stream_begin_wait(
        exchange, &(struct http_response){.status = 200, .headers = headers, .header_count = 1});
    for (unsigned i = 0; i < count && status == OK; i++) {
        struct str event = arena_print(exchange_arena(exchange), "data: %u\n\n", i);
        status = exchange_stream_write_wait(exchange, event);
        if (status == OK && pause > 0)
            status = fiber_sleep_wait(pause);
    }
    if (status != OK)
        canceled++;
    else if (number(exchange, STR("break"), 0) == 0)
        exchange_stream_end(exchange);
}

static void stream_large(struct exchange *exchange) {
    enum status status = exchange_stream_begin_wait(exchange, &(struct http_response){.status = 200});
    for (unsigned i = 0; i < number(exchange, STR("count"), 1) && status == OK; i++)
        status = exchange_stream_write_wait(exchange, str_of(large_body, LARGE));
    if (status == OK)
        exchange_stream_end(exchange);
    else
        canceled++;
}

static void forget_to_answer(struct exchange *exchange) {
    (void)exchange;
}

/* ---- WebSocket: says back what it hears ---- */

static void on_text(struct websocket *websocket, struct str message, void *data) {
    (void)data;
    if (str_equal(message, STR("close")))
        websocket_close(websocket, 4000, STR("as you wish"));
    else if (str_equal(message, STR("flood"))) {
        while (websocket_send_text(websocket, str_of(large_body, 60000)) == OK)
            ;
    } else {
        (void)!websocket_send_text(websocket, message);
    }
}

static void on_close(struct websocket *websocket, unsigned code, void *data) {
    (void)websocket;
    (void)data;
    last_close_code = code;
    sockets_closed++;
}

static const struct websocket_callbacks callbacks = {on_text, on_close};

static void accept_websocket(struct exchange *exchange) {
    struct websocket *websocket;
    bool offered =
        http_header_has_token(exchange_request(exchange), HTTP_SEC_WEBSOCKET_PROTOCOL, STR("echo"));
    (void)!exchange_websocket_accept(exchange, &callbacks, NULL, offered ? STR("echo") : STR_NONE,
                                     &websocket);
}

static void accept_in_fiber(struct exchange *exchange) {
    if (fiber_sleep_wait(20) == OK)
        accept_websocket(exchange);
}

/* ---- counters ---- */

static void answer_metrics(struct exchange *exchange) {
    struct http_metrics sum = {0};
    uint64_t *totals = (uint64_t *)&sum;
    for (unsigned i = 0; i < worker_count; i++) {
        struct http_metrics one;
        http_listener_metrics(workers[i].listener, &one);
        for (size_t k = 0; k < sizeof one / sizeof(uint64_t); k++)
            totals[k] += ((uint64_t *)&one)[k];
    }
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_print(&text,
                 "{\"accepted\":%lu,\"open\":%lu,\"idle\":%lu,\"websockets\":%lu,\"full\":%lu,\"address\":%"
                 "lu,\"evicted\":%lu",
                 sum.connections_accepted, sum.connections_open, sum.connections_idle, sum.websockets_open,
                 sum.refused_full, sum.refused_address, sum.evicted_idle);
    buffer_print(
        &text, ",\"requests\":%lu,\"refused\":%lu,\"timedOut\":%lu,\"handshakes\":%lu,\"in\":%lu,\"out\":%lu",
        sum.requests, sum.requests_refused, sum.timed_out, sum.tls_handshakes, sum.bytes_in, sum.bytes_out);
    buffer_print(&text, ",\"canceled\":%u,\"closed\":%u,\"lastCloseCode\":%u,\"outOfDescriptors\":%lu}",
                 canceled, sockets_closed, last_close_code, sum.accept_out_of_descriptors);
    answer_text(exchange, 200, buffer_text(&text));
}

/* ---- routes ---- */

static void split_answer(struct exchange *exchange) {
    struct http_header header = {STR("Location"), STR("/a\r\nSet-Cookie: stolen")};
    exchange_answer(exchange, &(struct http_response){.status = 302, .headers = &header, .header_count = 1});
}

static void handle(struct exchange *exchange) {
    static const struct http_response hello = {.status = 200, .body = {"hello\n", 6}};
    static const struct http_response large = {
        .status = 200, .body = {large_body, LARGE}, .body_is_static = true};
    struct str path = exchange_request(exchange)->path;
    if (str_equal(path, STR("/")))
        exchange_answer(exchange, &hello);
    else if (str_equal(path, STR("/inspect")))
        answer_inspection(exchange);
    else if (str_equal(path, STR("/echo")))
        exchange_start_fiber(exchange, echo_in_fiber);
    else if (str_equal(path, STR("/small")))
        echo_small(exchange);
    else if (str_equal(path, STR("/slow")))
        exchange_start_fiber(exchange, answer_slowly);
    else if (str_equal(path, STR("/stream")))
        exchange_start_fiber(exchange, stream);
    else if (str_equal(path, STR("/stream-large")))
        exchange_start_fiber(exchange, stream_large);
    else if (str_equal(path, STR("/large")))
        exchange_answer(exchange, &large);
    else if (str_equal(path, STR("/none")))
        exchange_answer(exchange, &(struct http_response){.status = 204});
    else if (str_equal(path, STR("/forget")))
        forget_to_answer(exchange);
    else if (str_equal(path, STR("/forget-in-fiber")))
        exchange_start_fiber(exchange, forget_to_answer);
    else if (str_equal(path, STR("/split")))
        split_answer(exchange);
    else if (str_equal(path, STR("/websocket")))
        accept_websocket(exchange);
    else if (str_equal(path, STR("/websocket-in-fiber")))
        exchange_start_fiber(exchange, accept_in_fiber);
    else if (str_equal(path, STR("/metrics")))
        answer_metrics(exchange);
    else
        answer_text(exchange, 404, STR("nothing here\n"));
}

/* ---- threads ---- */

static void on_drained(void *data) {
    struct worker *worker = data;
    loop_stop(worker->loop);
}

static void begin_drain(struct message *message) {
    struct worker *worker = (struct worker *)((char *)message - offsetof(struct worker, drain));
    http_listener_drain(worker->listener, grace_ms, on_drained, worker);
}

static void *run_worker(void *argument) {
    struct worker *worker = argument;
    loop_run(worker->loop);
    return NULL;
}

static unsigned as_number(const char *text) {
    return (unsigned)strtoul(text, NULL, 10);
}

static void usage(void) {
    fputs("see the head of hello_server.c\n", stderr);
    exit(2);
}

int main(int count, char **arguments) {
    struct http_options options = http_options_default();
    const char *certificate = NULL;
    const char *key = NULL;
    void (*handler)(struct exchange *) = handle;
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i];
        if (strcmp(name, "--proxy-protocol") == 0) {
            options.proxy_protocol = true;
            continue;
        }
        if (strcmp(name, "--rfc7239") == 0) {
            options.by_rfc7239 = true;
            continue;
        }
        if (strcmp(name, "--record") == 0) {
            handler = recorder_handle;
            continue;
        }
        if (++i >= count)
            usage();
        const char *value = arguments[i];
        if (strcmp(name, "--listen") == 0)
            options.address = str_from(value);
        else if (strcmp(name, "--threads") == 0)
            worker_count = as_number(value);
        else if (strcmp(name, "--certificate") == 0)
            certificate = value;
        else if (strcmp(name, "--key") == 0)
            key = value;
        else if (strcmp(name, "--trusted") == 0)
            options.trusted_proxies = str_from(value);
        else if (strcmp(name, "--head-timeout") == 0)
            options.head_timeout_ms = as_number(value);
        else if (strcmp(name, "--idle-timeout") == 0)
            options.idle_timeout_ms = as_number(value);
        else if (strcmp(name, "--rate-window") == 0)
            options.rate_window_ms = as_number(value);
        else if (strcmp(name, "--connections") == 0)
            options.connections_max = as_number(value);
        else if (strcmp(name, "--per-address") == 0)
            options.connections_per_address_max = as_number(value);
        else if (strcmp(name, "--ping") == 0)
            options.websocket_ping_ms = as_number(value);
        else if (strcmp(name, "--grace") == 0)
            grace_ms = as_number(value);
        else
            usage();
    }
    if (worker_count < 1 || worker_count > THREADS_MAX)
        usage();
    memset(large_body, 'x', sizeof large_body);
    mallopt(M_ARENA_MAX, 2);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    if (certificate != NULL && http_tls_new(str_from(certificate), str_from(key), &options.tls) != OK)
        return 1;
    char address[80];
    for (unsigned i = 0; i < worker_count; i++) {
        workers[i].loop = loop_new();
        workers[i].drain.deliver = begin_drain;
        if (http_listener_new(workers[i].loop, &options, handler, &workers[i], &workers[i].listener) != OK)
            return 1;
        if (i == 0 && str_find(options.address, STR("unix:")) == STR_NOT_FOUND) {
            struct str host = options.address;
            while (host.len > 0 && host.at[host.len - 1] != ':')
                host.len--;
            int len = snprintf(address, sizeof address, "%.*s%u", STR_ARG(host),
                               http_listener_port(workers[0].listener));
            options.address = str_of(address, (size_t)len);
        }
    }
    for (unsigned i = 0; i < worker_count; i++)
        pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]);
    printf("{\"port\":%u}\n", http_listener_port(workers[0].listener));
    fflush(stdout);

    int signal_number = 0;
    while (sigwait(&signals, &signal_number) == 0 && signal_number == SIGHUP) {
        if (options.tls != NULL)
            (void)!http_tls_reload(options.tls);
    }
    for (unsigned i = 0; i < worker_count; i++)
        loop_post(workers[i].loop, &workers[i].drain);
    for (unsigned i = 0; i < worker_count; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < worker_count;
         i++) { /* not before all have ended: they read each other's metrics */
        http_listener_free(workers[i].listener);
        loop_free(workers[i].loop);
    }
    http_tls_free(options.tls);
    puts("drained");
    return 0;
}
