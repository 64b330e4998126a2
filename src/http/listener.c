/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/connection.h"
#include "http/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPTS_A_TURN = 64,
    TICK_MS = 250,
    TICK_BUSY_MS = 5, /* until the next, where not all were looked after whose time has come */
    TICK_MOST = 128, /* of one list: after a crowd has come at once all want to be pinged at once, for ever */
    CLOSING_MS = 5 * 1000,
    LINGER_MS = 2 * 1000,
    LINGERING_REFUSED_MAX = 256,
    SILENT_EVICTED_AFTER_MS = 1000, /* when full, who has said nothing for so long makes room … */
    SLOW_EVICTED_AFTER_MS = 3000,   /* … and who has not come to the end of a head */
    DRAIN_ACCEPTS_MAX = 4096,
};

struct http_options http_options_default(void) {
    return (struct http_options){
        .head_max = 16 * 1024,
        .headers_max = HTTP_MAX_HEADERS,
        .head_timeout_ms = 10 * 1000,
        .idle_timeout_ms = 75 * 1000,
        .lowest_rate = 240,
        .rate_window_ms = 10 * 1000,
        .connections_max = 10 * 1000,
        .connections_per_address_max = 512,
        .write_queue_max = 256 * 1024,
        .websocket_message_max = 64 * 1024,
        .websocket_ping_ms = 30 * 1000,
    };
}

static bool options_are_valid(const struct http_options *options) {
    return options->head_max >= 256 && options->head_max <= 65536 && options->headers_max >= 1 &&
           options->headers_max <= HTTP_MAX_HEADERS && options->head_timeout_ms > 0 &&
           options->idle_timeout_ms > 0 && options->rate_window_ms > 0 && options->connections_max > 0 &&
           options->connections_per_address_max > 0 && options->write_queue_max > 0 &&
           options->websocket_message_max > 0 && options->websocket_message_max <= 16 * 1024 * 1024 &&
           options->websocket_ping_ms > 0;
}

/* ---- accepting ---- */

static struct str full_answer(void) {
    return STR(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 2\r\n"
        "Content-Length: 65\r\nConnection: close\r\n\r\n"
        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}");
}

/* Those who were refused because we are full linger, too, but take up no place. */
static struct connection *first_lingering(struct http_listener *listener) {
    struct connection *connection = listener->lists[STATE_LINGER].first;
    while (connection != NULL && !connection->is_counted_open)
        connection = connection->next;
    return connection;
}

static struct connection *first_since(const struct http_listener *listener, enum connection_state state,
                                      uint32_t least_ms) {
    struct connection *connection = listener->lists[state].first;
    return connection != NULL && listener->now_ms - connection->since >= least_ms ? connection : NULL;
}

/* Closes whoever is missed least: one that has not said a word, or no whole one; one that has its last answer
 * already; the one idle longest. That one last: who has been served and means to come back would notice. */
static bool make_room(struct http_listener *listener) {
    struct connection *leaves = first_since(listener, STATE_NEW, SILENT_EVICTED_AFTER_MS);
    if (leaves == NULL)
        leaves = first_since(listener, STATE_HEAD, SLOW_EVICTED_AFTER_MS);
    if (leaves == NULL)
        leaves = first_lingering(listener);
    if (leaves == NULL)
        leaves = listener->lists[STATE_IDLE].first;
    if (leaves == NULL)
        return false;
    COUNT(listener, evicted_idle, 1);
    connection_break(leaves);
    return true;
}

static void refuse_full(struct http_listener *listener, int fd, const struct http_address *peer) {
    COUNT(listener, refused_full, 1);
    bool can_be_told =
        listener->options.tls == NULL && listener->lists[STATE_LINGER].count < LINGERING_REFUSED_MAX;
    if (!can_be_told) {
        close(fd);
        return;
    }
    connection_start_refused(connection_new(listener, fd, peer), full_answer());
}

static void admit(struct http_listener *listener, int fd, const struct sockaddr_storage *from) {
    struct http_address peer;
    address_from_socket(from, &peer);
    COUNT(listener, connections_accepted, 1);
    if (listener->counted >= listener->options.connections_max && !make_room(listener)) {
        refuse_full(listener, fd, &peer);
        return;
    }
    connection_start(connection_new(listener, fd, &peer));
}

static int open_spare(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left. A connection that stays in the queue would wake us for ever, so one that is idle
 * makes room; or the one in the queue is taken with the spare descriptor and closed; or we rest until the
 * next tick. */
static bool on_out_of_descriptors(struct http_listener *listener) {
    COUNT(listener, accept_out_of_descriptors, 1);
    if (make_room(listener))
        return true;
    if (listener->spare_fd >= 0) {
        close(listener->spare_fd);
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        listener->spare_fd = open_spare();
        COUNT(listener, refused_full, 1);
        if (fd >= 0)
            return true;
    }
    ev_io_stop(listener->ev, &listener->accept);
    listener->is_accept_paused = true;
    return false;
}

/* True where there may be more in the queue. */
static bool accept_one(struct http_listener *listener) {
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    int fd = accept4(listener->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        admit(listener, fd, &from);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return on_out_of_descriptors(listener);
    return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
}

static void on_accept(struct ev_loop *ev, struct ev_io *watcher, int events) {
    (void)ev;
    (void)events;
    struct http_listener *listener = watcher->data;
    connection_end_turns(listener); /* so that nobody makes room whose answer has not left */
    for (int i = 0; i < ACCEPTS_A_TURN && accept_one(listener); i++)
        ;
}

/* ---- time ---- */

static void publish_gauges(struct http_listener *listener) {
    size_t open = offsetof(struct http_metrics, connections_open) / sizeof(uint64_t);
    size_t idle = offsetof(struct http_metrics, connections_idle) / sizeof(uint64_t);
    atomic_store_explicit(&listener->metrics[open], listener->connections, memory_order_relaxed);
    atomic_store_explicit(&listener->metrics[idle], listener->lists[STATE_IDLE].count, memory_order_relaxed);
}

/* True where there are more whose time has come. */
static bool check_times(struct http_listener *listener, struct connection_list *list) {
    size_t most = list->count < TICK_MOST ? list->count : TICK_MOST;
    for (size_t i = 0; i < most && list->first != NULL; i++) {
        if (listener->now_ms - list->first->since < list->time_ms)
            return false;
        connection_on_time(list->first);
    }
    return most == TICK_MOST;
}

static void on_tick(struct ev_loop *ev, struct ev_timer *watcher, int events) {
    (void)events;
    struct http_listener *listener = watcher->data;
    bool has_more = false;
    connection_end_turns(listener); /* who was answered is not as old as its list says */
    for (size_t i = 0; i < STATES; i++) {
        if (listener->lists[i].time_ms > 0)
            has_more = check_times(listener, &listener->lists[i]) || has_more;
    }
    watcher->repeat = (has_more ? TICK_BUSY_MS : TICK_MS) / 1000.0;
    ev_timer_again(ev, watcher);
    publish_gauges(listener);
    if (listener->is_accept_paused && listener->fd >= 0) {
        listener->is_accept_paused = false;
        ev_io_start(listener->ev, &listener->accept);
    }
}

/* After the loop has slept: the time of this turn. */
static void on_check(struct ev_loop *ev, struct ev_check *watcher, int events) {
    (void)ev;
    (void)events;
    struct http_listener *listener = watcher->data;
    listener->now_ms = (uint32_t)(clock_monotonic_us() / 1000);
}

static void free_dead(struct http_listener *listener) {
    while (listener->dead != NULL) {
        struct connection *next = listener->dead->next_dirty;
        connection_free(listener->dead);
        listener->dead = next;
    }
}

/* Before the loop sleeps: what handlers, fibers and others have written in this turn leaves, and what has
 * ended is freed. */
static void on_prepare(struct ev_loop *ev, struct ev_prepare *watcher, int events) {
    (void)ev;
    (void)events;
    struct http_listener *listener = watcher->data;
    connection_end_turns(listener);
    free_dead(listener);
    if (listener->is_draining && !listener->is_drained && listener->unfinished == 0) {
        listener->is_drained = true;
        ev_timer_stop(listener->ev, &listener->grace);
        publish_gauges(listener);
        listener->drained(listener->drained_data); /* may free the listener */
    }
}

/* ---- draining ---- */

static void break_all(struct http_listener *listener) {
    for (size_t i = 0; i < STATES; i++) {
        while (listener->lists[i].first != NULL)
            connection_break(listener->lists[i].first);
    }
}

static void on_grace_over(struct ev_loop *ev, struct ev_timer *watcher, int events) {
    (void)ev;
    (void)events;
    break_all(watcher->data);
}

/* A request may be on its way to us already: such a connection is served once more. One whose answer is yet
 * to leave ends with it. */
static void close_idle(struct http_listener *listener) {
    struct connection *next = NULL;
    for (struct connection *connection = listener->lists[STATE_IDLE].first; connection != NULL;
         connection = next) {
        next = connection->next;
        char byte;
        if (connection->output.queued > 0)
            connection->is_closing = true;
        else if (recv(connection->io.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
            connection_break(connection);
    }
}

static void close_websockets(struct http_listener *listener) {
    for (struct connection *connection = listener->lists[STATE_WEBSOCKET].first; connection != NULL;
         connection = connection->next)
        websocket_close(connection->websocket, WEBSOCKET_GOING_AWAY, STR("the server is restarting"));
}

static void close_socket(struct http_listener *listener) {
    if (listener->fd < 0)
        return;
    ev_io_stop(listener->ev, &listener->accept);
    close(listener->fd);
    listener->fd = -1;
    if (listener->socket_path != NULL)
        unlink(listener->socket_path);
}

void http_listener_drain(struct http_listener *listener, int64_t grace_ms, void (*drained)(void *),
                         void *data) {
    if (listener->is_draining)
        return;
    connection_end_turns(listener); /* so that each is in the state that is looked at below */
    listener->drained = drained;
    listener->drained_data = data;
    /* Whoever the kernel has accepted for us would be reset with the socket. */
    for (int i = 0; listener->fd >= 0 && i < DRAIN_ACCEPTS_MAX && accept_one(listener); i++)
        ;
    close_socket(listener);
    listener->is_draining = true;
    close_idle(listener);
    close_websockets(listener);
    ev_timer_set(&listener->grace, (double)grace_ms / 1000.0, 0.);
    ev_timer_start(listener->ev, &listener->grace);
}

/* ---- life ---- */

static void set_times(struct http_listener *listener) {
    const struct http_options *options = &listener->options;
    listener->lists[STATE_NEW].time_ms = options->head_timeout_ms;
    listener->lists[STATE_HEAD].time_ms = options->head_timeout_ms;
    listener->lists[STATE_IDLE].time_ms = options->idle_timeout_ms;
    listener->lists[STATE_BODY].time_ms = options->rate_window_ms;
    listener->lists[STATE_SENDING].time_ms = options->rate_window_ms;
    listener->lists[STATE_WEBSOCKET].time_ms = options->websocket_ping_ms;
    listener->lists[STATE_CLOSING].time_ms = CLOSING_MS;
    listener->lists[STATE_LINGER].time_ms = LINGER_MS;
}

static void start_watching(struct http_listener *listener) {
    ev_io_init(&listener->accept, on_accept, listener->fd, EV_READ);
    ev_timer_init(&listener->tick, on_tick, TICK_MS / 1000.0, TICK_MS / 1000.0);
    ev_timer_init(&listener->grace, on_grace_over, 0., 0.);
    ev_prepare_init(&listener->prepare, on_prepare);
    ev_check_init(&listener->check, on_check);
    listener->accept.data = listener->tick.data = listener->grace.data = listener;
    listener->prepare.data = listener->check.data = listener;
    ev_set_priority(&listener->check,
                    EV_MAXPRI); /* before the events of the turn that it gives its time to */
    ev_io_start(listener->ev, &listener->accept);
    ev_timer_start(listener->ev, &listener->tick);
    ev_prepare_start(listener->ev, &listener->prepare);
    ev_check_start(listener->ev, &listener->check);
}

enum status http_listener_new(struct loop *loop, const struct http_options *options,
                              void (*handle)(struct exchange *), void *context, struct http_listener **out) {
    *out = NULL;
    struct networks trusted;
    if (!options_are_valid(options) || networks_parse(options->trusted_proxies, &trusted) != OK) {
        log_event(LOG_ERROR, "listen-failed", LOG_STR("reason", STR("the options are out of range")));
        return INVALID;
    }
    int fd = -1;
    enum status status = OK;
    if (options->beside != NULL)
        fd = fcntl(options->beside->fd, F_DUPFD_CLOEXEC, 0);
    else
        status = socket_listen(options->address, &fd);
    if (status == OK && fd < 0)
        status = FAILED;
    if (status != OK) {
        networks_free(&trusted);
        return status;
    }
    if (options->tls != NULL)
        signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    struct http_listener *listener = mem_alloc_zero(sizeof *listener);
    listener->loop = loop;
    listener->ev = loop_ev(loop);
    listener->options = *options;
    listener->options.address = STR_NONE; /* the caller's memory */
    listener->options.trusted_proxies = STR_NONE;
    listener->options.beside = NULL; /* may end before this one */
    listener->handle = handle;
    listener->context = context;
    listener->trusted = trusted;
    listener->fd = fd;
    listener->spare_fd = open_spare();
    listener->port = socket_port(fd);
    listener->socket_path = options->beside == NULL ? socket_path(options->address) : NULL;
    listener->now_ms = (uint32_t)(clock_monotonic_us() / 1000);
    peers_init(&listener->peers);
    pool_init(&listener->pool, options->head_max);
    set_times(listener);
    start_watching(listener);
    *out = listener;
    return OK;
}

unsigned http_listener_port(const struct http_listener *listener) {
    return listener->port;
}

void http_listener_free(struct http_listener *listener) {
    if (listener == NULL)
        return;
    close_socket(listener);
    break_all(listener);
    free_dead(listener);
    ev_timer_stop(listener->ev, &listener->tick);
    ev_timer_stop(listener->ev, &listener->grace);
    ev_prepare_stop(listener->ev, &listener->prepare);
    ev_check_stop(listener->ev, &listener->check);
    if (listener->spare_fd >= 0)
        close(listener->spare_fd);
    networks_free(&listener->trusted);
    peers_free(&listener->peers);
    pool_free(&listener->pool);
    exchange_pool_free(listener);
    mem_free(listener->socket_path);
    mem_free(listener);
}

void http_listener_metrics(const struct http_listener *listener, struct http_metrics *metrics) {
    uint64_t values[METRICS] = {0};
    for (size_t i = 0; i < METRICS; i++)
        values[i] = atomic_load_explicit(&listener->metrics[i], memory_order_relaxed);
    memcpy(metrics, values, sizeof values);
}
