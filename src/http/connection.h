/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: a connection, its exchange or WebSocket, and the listener that it belongs to.
 *
 * Who may do what: calls of handlers and fibers (exchange.c, websocket.c) only put bytes into the output
 * queue and set flags. Only the loop's own turns (connection.c, listener.c) send, close and free. So nothing
 * disappears under a caller. */
#pragma once

#include "http/address.h"
#include "http/body.h"
#include "http/frame.h"
#include "http/http.h"
#include "http/output.h"
#include "http/peers.h"
#include "http/request.h"
#include "http/response.h"

#include <ev.h>
#include <openssl/types.h>
#include <stdatomic.h>

/* Each state has a list, oldest first, and one time that a connection may stay in it. */
enum connection_state {
    STATE_NEW,       /* nothing of a request has come yet: PROXY header, TLS handshake, the first byte */
    STATE_HEAD,      /* a part of a head */
    STATE_IDLE,      /* between requests */
    STATE_BODY,      /* a body is awaited; looked at every window for its rate */
    STATE_BUSY,      /* a fiber is at work: no limit here */
    STATE_SENDING,   /* bytes wait for a slow peer; looked at every window for its rate */
    STATE_WEBSOCKET, /* open; after the time we ping */
    STATE_CLOSING,   /* a WebSocket, we have sent a close frame */
    STATE_LINGER, /* all is sent; what still comes is dropped, so that our last words are not lost to a reset
                   */
    STATES,
    STATE_DEAD = STATES, /* closed; freed once its exchange is over and the loop's turn has ended */
};

enum connection_phase { PHASE_PROXY_HEADER, PHASE_HANDSHAKE, PHASE_OPEN };

struct connection {
    struct ev_io io; /* `data` is the connection */
    struct http_listener *listener;
    struct connection *previous; /* in the list of its state */
    struct connection *next;
    struct connection
        *next_dirty; /* in the list of those to be flushed before the loop sleeps, or of the dead */
    struct exchange *exchange;
    struct websocket *websocket;
    SSL *tls;
    struct block *rest; /* what came and can't be used yet, in memory of its size */
    struct output output;
    struct http_address peer;
    uint8_t state; /* enum connection_state */
    uint8_t phase; /* enum connection_phase */
    uint8_t linger_rounds;
    uint32_t since;      /* ms: entered its state */
    uint32_t scanned;    /* how much of `rest` was searched for a head's end; of a lingering one: dropped */
    uint32_t window;     /* bytes that count for the lowest rate */
    bool is_trusted : 1; /* the peer is a trusted proxy */
    bool is_counted : 1; /* among its address's connections */
    bool is_counted_open : 1; /* against the listener's limit */
    bool is_in_turn : 1; /* its input is being worked on: whoever finishes something need not go on by itself
                          */
    bool is_dirty : 1;
    bool is_held : 1;      /* requests wait for room in the output queue */
    bool is_closing : 1;   /* when all is sent, it is closed */
    bool is_broken : 1;    /* to be broken off at the end of the turn */
    bool lingers : 1;      /* the peer may still be sending */
    bool is_peer_done : 1; /* it will send nothing more */
    bool has_served : 1;   /* an answer was sent, so that waiting is idling */
    bool is_refreshed : 1; /* its time in its state begins anew with this turn's end */
    bool tls_wants_write : 1;
};

struct exchange {
    struct exchange *next; /* in the pool */
    struct connection *connection;
    struct arena *arena;
    void *data;
    void (*run)(struct exchange *);
    struct fiber *fiber; /* once it has begun */
    struct block *block; /* holds the head, once there is a fiber */
    struct buffer body;
    struct str body_at_once; /* in the block, when it came along with the head */
    struct body_decoder decoder;
    struct request_framing framing;
    uint8_t body_status; /* enum status: OK while nothing is wrong */
    bool has_fiber;
    bool is_body_given; /* by exchange_read_body_wait or _at_once */
    bool is_continued;  /* "100 Continue" was sent */
    bool is_reading;    /* its fiber waits for the body */
    bool is_writing;    /* its fiber waits for the peer to read */
    bool is_discarding; /* over, but for a body that nobody wanted */
    bool is_answered;
    bool is_stream;
    bool is_stream_chunked;
    bool is_stream_ended;
    bool is_upgraded;
    bool closes;  /* the connection ends with it */
    bool is_gone; /* the peer is */
    struct http_request request;
};

struct websocket {
    struct connection *connection;
    const struct websocket_callbacks *callbacks;
    void *data;
    struct frame_decoder decoder;
    struct http_address peer;
    uint32_t control_since; /* ms: window for counting control frames */
    uint16_t control_count;
    uint16_t code; /* for on_close; 0: not known yet */
    bool is_close_sent;
    bool is_close_received;
    bool is_pinged; /* and nothing has been heard since */
    bool is_gone;   /* on_close is being called */
};

struct connection_list {
    struct connection *first;
    struct connection *last;
    size_t count;
    uint32_t time_ms; /* 0: for ever */
};

enum { METRICS = sizeof(struct http_metrics) / sizeof(uint64_t) };

struct http_listener {
    struct loop *loop;
    struct ev_loop *ev;
    struct http_options options;
    void (*handle)(struct exchange *);
    void *context;
    struct ev_io accept;
    struct ev_timer tick;
    struct ev_prepare prepare;
    struct ev_check check;
    int fd;       /* -1 once it is closed */
    int spare_fd; /* given up to accept and close when there is no other descriptor */
    unsigned port;
    char *socket_path; /* to be removed */
    struct networks trusted;
    struct peers peers;
    struct pool pool;
    struct exchange *free_exchanges;
    unsigned free_exchange_count;
    struct connection_list lists[STATES];
    struct connection *dirty;
    unsigned turns_together; /* ended since the first of them was put there */
    struct connection *dead;
    struct block *turn_block; /* holds the head that is being handled */
    uint32_t now_ms;
    int64_t date_s;
    char date[RESPONSE_DATE_LEN];
    unsigned connections; /* not dead */
    unsigned unfinished;  /* dead or alive, not freed */
    unsigned counted;     /* against connections_max */
    bool is_accept_paused;
    bool is_draining;
    bool is_drained;
    struct ev_timer grace;
    void (*drained)(void *data);
    void *drained_data;
    _Atomic uint64_t metrics[METRICS];
};

/* Counters are written by the listener's thread alone and read by any: no locked instruction is needed. */
static inline void metrics_add(struct http_listener *listener, size_t index, uint64_t count) {
    uint64_t now = atomic_load_explicit(&listener->metrics[index], memory_order_relaxed);
    atomic_store_explicit(&listener->metrics[index], now + count, memory_order_relaxed);
}
#define COUNT(listener, field, count)                                                                        \
    metrics_add((listener), offsetof(struct http_metrics, field) / sizeof(uint64_t), (uint64_t)(count))

/* ---- connection.c ---- */
struct connection *connection_new(struct http_listener *listener, int fd, const struct http_address *peer);
void connection_start(struct connection *connection);
/* Reads nothing, sends what a full server says, and closes. */
void connection_start_refused(struct connection *connection, struct str answer);
void connection_continue(
    struct connection *connection); /* works on what has come already; not from within a turn */
void connection_mark_dirty(struct connection *connection); /* to be flushed before the loop sleeps */
void connection_end_turns(struct http_listener *listener); /* of all that are dirty; not from within a turn */
void connection_end_turn(struct connection *connection);   /* flushes, closes where due, finds its state */
void connection_break(
    struct connection *connection); /* closes at once; its fiber is canceled, its WebSocket told */
void connection_on_time(struct connection *connection); /* has been in its state for its list's time */
void connection_free(struct connection *connection);
/* Answers without an exchange, and closes. */
void connection_refuse(struct connection *connection, unsigned status);
static inline bool connection_is_dead(const struct connection *connection) {
    return connection->state == STATE_DEAD;
}

/* ---- state.c ---- */
enum connection_state connection_find_state(const struct connection *connection); /* by what it is doing */
void connection_enter(struct connection *connection,
                      enum connection_state state); /* from now on, also the one that it is in */
bool connection_wants_input(const struct connection *connection);
void connection_watch(struct connection *connection); /* tells the loop what it waits for */
void list_remove(struct connection_list *list, struct connection *connection);
void list_append(struct connection_list *list, struct connection *connection);

/* ---- transport.c: sockets and TLS ---- */
enum { TRANSPORT_END = 0, TRANSPORT_AGAIN = -1, TRANSPORT_BROKEN = -2 };
ssize_t transport_read(struct connection *connection, char *at, size_t len);
ssize_t transport_drop(struct connection *connection); /* what has come is not even decrypted */
ssize_t
transport_write(struct connection *connection); /* of the output's beginning; what was sent is dropped */
bool transport_has_pending(const struct connection *connection);
int transport_handshake(struct connection *connection);         /* 1: done */
int transport_read_proxy_header(struct connection *connection); /* 1: done; the peer is set */
void transport_shut(struct connection *connection);             /* says that nothing more will come */
void transport_close(struct connection *connection);
size_t
transport_in_kernel(const struct connection *connection); /* bytes that the peer has not acknowledged */

/* ---- exchange.c ---- */
/* Takes the request at the start of the block. False: more bytes are needed, or it was refused. */
bool exchange_begin(struct connection *connection, struct block *block);
/* Gives the exchange what has come, if it wants any; takes it off the front. */
void exchange_feed(struct exchange *exchange, struct str *input);
bool exchange_wants_input(const struct exchange *exchange);
void exchange_on_gone(struct exchange *exchange); /* the connection is dead */
void exchange_on_sent(struct exchange *exchange); /* some output has left */
void exchange_on_slow_body(struct exchange *exchange);
void exchange_stop_discarding(struct exchange *exchange); /* the rest of the body will not come */
void exchange_pool_free(struct http_listener *listener);
/* The answer to a refused request: a problem document (RFC 9457). */
void exchange_write_refusal(struct connection *connection, unsigned status);

/* ---- websocket.c ---- */
void websocket_feed(struct websocket *websocket, struct str *input);
void websocket_on_gone(
    struct websocket *websocket); /* the connection is dead, or closed properly: on_close, and freed */
void websocket_on_time(struct websocket *websocket);  /* silence */
void websocket_on_heard(struct websocket *websocket); /* bytes have come */

/* ---- tls.c ---- */
SSL *tls_accept(struct http_tls *tls, int fd); /* NULL where OpenSSL fails */
