/* SPDX-License-Identifier: Apache-2.0 */
/* The wire: strict HTTP/1.1 (RFC 9110, RFC 9112), WebSocket (RFC 6455) and TLS behind handlers. No word of
 * the domain.
 *
 * A listener belongs to one loop and its thread; several of them share an address by SO_REUSEPORT. For each
 * request it calls `handle(exchange)` on the loop's own stack. The handler does one of three things before it
 * returns:
 *   - exchange_answer(): the whole answer at once. No fiber, no allocation.
 *   - exchange_start_fiber(): the rest runs as a fiber, which may read the body, stream an answer, wait for
 * others.
 *   - exchange_websocket_accept(): the connection becomes a WebSocket, driven by callbacks.
 * A handler that does none of them, or a fiber that ends without an answer, is answered 500 and logged.
 *
 * What is malformed or ambiguous never reaches a handler: it is answered 400, 405, 413, 414, 417, 431, 501 or
 * 505 and the connection is closed. Everything here is used on the listener's thread only, unless it says
 * otherwise. */
#pragma once

#include "base/arena.h"
#include "base/fiber.h"
#include "base/loop.h"
#include "base/str.h"

struct exchange;
struct websocket;
struct http_listener;
struct http_tls;

/* ---- addresses ---- */

/* IPv6, or IPv4 as its IPv4-mapped form (::ffff:a.b.c.d); all zero for a unix socket. */
struct http_address {
    uint8_t ip[16];
    uint16_t port;
};

struct str
http_address_text(struct arena *arena,
                  const struct http_address *address); /* the IP alone: "203.0.113.7", "2001:db8::1" */
bool http_address_is_loopback(const struct http_address *address); /* also a unix socket */

/* ---- requests ---- */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS };

const char *http_method_name(enum http_method method);

/* Names that are looked up in (nearly) every request: found while parsing, so that asking for them costs
 * nothing. */
enum http_header_name {
    HTTP_ACCEPT,
    HTTP_ACCEPT_ENCODING,
    HTTP_ACCESS_CONTROL_REQUEST_HEADERS,
    HTTP_ACCESS_CONTROL_REQUEST_METHOD,
    HTTP_AUTHORIZATION,
    HTTP_CONNECTION,
    HTTP_CONTENT_ENCODING,
    HTTP_CONTENT_LENGTH,
    HTTP_CONTENT_TYPE,
    HTTP_COOKIE,
    HTTP_EXPECT,
    HTTP_FORWARDED,
    HTTP_HOST,
    HTTP_IF_NONE_MATCH,
    HTTP_LAST_EVENT_ID,
    HTTP_ORIGIN,
    HTTP_RANGE,
    HTTP_REFERER,
    HTTP_SEC_WEBSOCKET_EXTENSIONS,
    HTTP_SEC_WEBSOCKET_KEY,
    HTTP_SEC_WEBSOCKET_PROTOCOL,
    HTTP_SEC_WEBSOCKET_VERSION,
    HTTP_TRANSFER_ENCODING,
    HTTP_UPGRADE,
    HTTP_USER_AGENT,
    HTTP_X_FORWARDED_FOR,
    HTTP_X_FORWARDED_HOST,
    HTTP_X_FORWARDED_PROTO,
    HTTP_KNOWN_HEADERS, /* how many there are; also: a name that is none of them */
};

struct http_header {
    struct str name;
    struct str value;
};

enum { HTTP_MAX_HEADERS = 100 };

/* All slices live as long as the exchange does, in fibers too. */
struct http_request {
    enum http_method method;
    uint8_t minor_version;    /* of HTTP/1.x: 0 or 1 */
    bool is_secure;           /* https: our own TLS, or what a trusted proxy says */
    bool has_body;            /* a chunked body, or a length above 0 */
    bool is_by_trusted_proxy; /* the other end of the socket is one: `peer` is whom it names */
    bool wants_websocket;     /* Upgrade names websocket and Connection names upgrade */
    struct str target;        /* as it was sent, e.g. "/a%20b?c=d" */
    /* Decoded once: "/a b"; begins with '/', has no dot segment, no encoded slash, no control character and
     * is UTF-8; "*" for OPTIONS *. */
    struct str path;
    struct str query; /* behind the '?', raw; STR_NONE where there is no '?' */
    struct str host;  /* the Host header: valid, with its port if it has one, in the case it was sent in */
    struct http_address peer; /* the client, looked at through trusted proxies */
    uint64_t content_length;  /* 0 for chunked */
    uint16_t header_count;
    uint8_t known[HTTP_KNOWN_HEADERS];            /* index + 1 of the first header of that name, 0 for none */
    struct http_header headers[HTTP_MAX_HEADERS]; /* as sent; values without surrounding white space */
};

/* The first value of a header, STR_NONE where it is absent. Authorization, Content-Type, Host, Origin and the
 * like come at most once: a request that repeats one of them is refused before. */
static inline struct str http_header(const struct http_request *request, enum http_header_name name) {
    return request->known[name] == 0 ? STR_NONE : request->headers[request->known[name] - 1].value;
}
struct str http_header_get(const struct http_request *request, struct str name); /* any name, in any case */
bool http_header_has_token(const struct http_request *request, enum http_header_name name,
                           struct str token); /* in any of its comma-separated lists, in any case */

/* Looks `name` up in a query or an application/x-www-form-urlencoded body: percent-decoded, '+' is a space.
 * NOT_FOUND; INVALID for broken percent encoding, NUL, invalid UTF-8, or a name that stands twice. */
NODISCARD enum status http_query_get(struct arena *arena, struct str query, struct str name,
                                     struct str *value);
/* Percent-decodes; INVALID as above. `plus_is_space` for forms. */
NODISCARD enum status http_percent_decode(struct arena *arena, struct str text, bool plus_is_space,
                                          struct str *decoded);

/* ---- exchanges ---- */

const struct http_request *exchange_request(const struct exchange *exchange);
struct arena *exchange_arena(struct exchange *exchange); /* made at the first call, freed with the exchange */
void *exchange_context(const struct exchange *exchange); /* what http_listener_new was given */
struct loop *exchange_loop(const struct exchange *exchange);
void exchange_set_data(struct exchange *exchange, void *data); /* the handler's own word for its fiber */
void *exchange_data(const struct exchange *exchange);

/* Content-Length, Date, Connection and Transfer-Encoding are set here and must not be among the headers. A
 * name or value with a character that could split the answer (CR, LF, NUL …) is a fault of the program:
 * logged, and 500 is sent instead. */
struct http_response {
    unsigned status;                   /* 200 … 599 */
    const struct http_header *headers; /* read during the call only */
    size_t header_count;
    struct str body;     /* left out for HEAD (its length is still told), 204 and 304 */
    bool body_is_static; /* it outlives the process's last answer: large ones are then not copied */
};

/* The whole answer, once; from a handler or a fiber. Never waits: what the socket does not take is queued.
 * Nothing happens where the peer has gone. A body of the request that nobody read is dropped. */
void exchange_answer(struct exchange *exchange, const struct http_response *response);

/* The request's body where it came whole along with the head, in place: for handlers that answer small
 * requests without a fiber. OK (empty where there is none); TOO_LARGE (answer 413; nothing is answered yet);
 * INVALID (answered 400 already); UNAVAILABLE: not all here yet, so start a fiber and use
 * exchange_read_body_wait. */
NODISCARD enum status exchange_body_at_once(struct exchange *exchange, size_t max, struct str *body);

/* Runs `run` as a fiber, at once until its first wait. When it returns the exchange is over, and with it the
 * pointer. Canceled when the peer goes (also when it half-closes) or when a drain ends. */
void exchange_start_fiber(struct exchange *exchange, void (*run)(struct exchange *exchange));

/* The whole body, chunks joined, "100 Continue" sent where it is awaited. Lives as long as the exchange.
 * TOO_LARGE: 413 has been answered; INVALID: 400 has been answered; TIMED_OUT: too slow, 408 has been
 * answered; CANCELED. */
FIBER NODISCARD enum status exchange_read_body_wait(struct exchange *exchange, size_t max, struct str *body);

/* A streamed answer: chunked, or until close for HTTP/1.0. `response->body` may hold the first piece. All but
 * `end` return CANCELED once the peer has gone. `write` waits while the peer is slow (queue over half its
 * limit). Writes made before the fiber waits next leave in one packet. */
FIBER NODISCARD enum status exchange_stream_begin_wait(struct exchange *exchange,
                                                       const struct http_response *response);
FIBER NODISCARD enum status exchange_stream_write_wait(struct exchange *exchange, struct str bytes);
void exchange_stream_end(struct exchange *exchange); /* without it, a fiber's end breaks the connection off,
                                                        so that the peer sees it */

/* ---- WebSocket ---- */

struct websocket_callbacks {
    /* A whole text message, valid UTF-8, at most `websocket_message_max` bytes; good during the call only.
     * Never before the handler or fiber that accepted the WebSocket has returned. */
    void (*on_text)(struct websocket *websocket, struct str message, void *data);
    /* Exactly once, from the loop (never from within a call of yours); the WebSocket is gone when it returns.
     * `code`: the peer's, 1005 where it gave none, ours where we closed (1001 drain, 1002 protocol error,
     * 1003 binary, 1007 not UTF-8, 1008 flood, 1009 too large …), 1006 where the connection broke or the peer
     * did not read or answer pings. */
    void (*on_close)(struct websocket *websocket, unsigned code, void *data);
};

/* Answers 101 and turns the connection into a WebSocket (RFC 6455 section 4.2); `subprotocol` (may be empty)
 * is told to the client, which must have offered it. Checking Origin first is the caller's task. INVALID: not
 * a proper handshake, 400, 405 or 426 has been answered. CANCELED: the peer has gone. `callbacks` are static.
 * The WebSocket outlives the exchange. */
NODISCARD enum status exchange_websocket_accept(struct exchange *exchange,
                                                const struct websocket_callbacks *callbacks, void *data,
                                                struct str subprotocol, struct websocket **websocket);

/* Queues a message; those sent in one turn of the loop leave in one packet. CANCELED: closing or closed,
 * nothing is sent. TOO_LARGE: the peer reads too slowly, the queue is full: the connection is being dropped
 * (on_close follows, 1006). */
NODISCARD enum status websocket_send_text(struct websocket *websocket, struct str message);
/* Begins the closing handshake: no on_text after it, on_close when it ends. `reason` of at most 123 bytes of
 * UTF-8. A second call does nothing. */
void websocket_close(struct websocket *websocket, unsigned code, struct str reason);
bool websocket_is_open(const struct websocket *websocket); /* neither side has begun to close */
const struct http_address *websocket_peer(const struct websocket *websocket);

/* ---- listeners ---- */

struct http_options {
    struct str
        address; /* "127.0.0.1:8080", "[::1]:8080", "[::]:0", "unix:/run/x.sock"; port 0 takes a free one */
    const struct http_listener *beside; /* NULL, or who listens at the same unix socket already: TCP ports are
                                         * shared by the kernel, sockets with a name are not */
    struct http_tls *tls;               /* NULL: plain; shared by listeners, must outlive them */
    struct str trusted_proxies; /* "10.0.0.0/8, 2001:db8::1, unix": who may say on whose behalf they speak */
    bool by_rfc7239; /* trusted proxies name the client in Forwarded (RFC 7239); otherwise in X-Forwarded-For
                      * and -Proto. Only one of them is read: the other may be the client's own words */
    bool proxy_protocol; /* connections from trusted proxies begin with a PROXY header (v1 or v2), and must */
    size_t head_max;     /* request line and headers together; 256 … 65,536 */
    unsigned headers_max;     /* at most HTTP_MAX_HEADERS */
    unsigned head_timeout_ms; /* from a head's first byte (or the connection's start) to its end; TLS
                                 handshake, too */
    unsigned idle_timeout_ms; /* between requests */
    unsigned lowest_rate;     /* bytes a second that a body, or an answer's reader, must reach … */
    unsigned rate_window_ms;  /* … over this time */
    unsigned connections_max; /* of this listener */
    unsigned connections_per_address_max; /* of this listener; IPv6 by /64; trusted proxies are not counted */
    size_t write_queue_max; /* bytes a connection's peer may be behind with streams and messages */
    size_t websocket_message_max;
    unsigned
        websocket_ping_ms; /* silence after which we ping; as long again without a sign, and it is closed */
};

/* 16 KiB, 100 headers, 10 s, 75 s, 240 bytes a second over 10 s, 10,000 connections, 512 an address, 256 KiB,
 * 64 KiB, 30 s. */
struct http_options http_options_default(void);

/* Binds and listens; requests come once the loop runs. To be called on the loop's thread, or before it runs.
 * INVALID: address, proxies or limits cannot be understood; CONFLICT: the address is in use; DENIED: not
 * permitted; FAILED. Logged. */
NODISCARD enum status http_listener_new(struct loop *loop, const struct http_options *options,
                                        void (*handle)(struct exchange *), void *context,
                                        struct http_listener **listener);
unsigned http_listener_port(const struct http_listener *listener); /* the real one; 0 for unix sockets */

/* Stops accepting, closes idle connections, lets exchanges finish (their answers say "Connection: close"),
 * closes WebSockets with 1001; after `grace_ms` all that is left is broken off and its fibers are canceled.
 * Then `drained(data)`, once. */
void http_listener_drain(struct http_listener *listener, int64_t grace_ms, void (*drained)(void *data),
                         void *data);
void http_listener_free(struct http_listener *listener); /* drained, or never run; NULL is fine */

/* ---- TLS ---- */

/* Certificate chain and key as PEM files; more pairs for other names (SNI) by http_tls_add. TLS 1.2 and 1.3,
 * ALPN http/1.1, session tickets with keys that rotate. INVALID: a file does not hold what it should, or key
 * and certificate do not match; NOT_FOUND: it cannot be read. Logged. */
NODISCARD enum status http_tls_new(struct str certificate_file, struct str key_file, struct http_tls **tls);
NODISCARD enum status http_tls_add(struct http_tls *tls, struct str certificate_file,
                                   struct str key_file); /* before any listener */
NODISCARD enum status
http_tls_reload(struct http_tls *tls);    /* any thread; where it fails the old ones stay in use */
void http_tls_free(struct http_tls *tls); /* NULL is fine */

/* ---- metrics: counters since the listener's start, and a few gauges ---- */

struct http_metrics {
    uint64_t connections_accepted;
    uint64_t connections_open; /* now */
    uint64_t connections_idle; /* now: HTTP, between requests */
    uint64_t websockets_open;  /* now */
    uint64_t refused_full;     /* 503, or closed where not even that was possible */
    uint64_t refused_address;  /* too many from one address */
    uint64_t evicted_idle;     /* idle ones closed to make room */
    uint64_t accept_out_of_descriptors;
    uint64_t requests;         /* that reached a handler */
    uint64_t requests_refused; /* malformed, ambiguous, too large */
    uint64_t answers[6];       /* by class: [2] is 2xx …; [0] is not used */
    uint64_t websocket_messages_in;
    uint64_t websocket_messages_out;
    uint64_t websocket_refused; /* closed by us for breaking the protocol or a limit */
    uint64_t timed_out;         /* heads, bodies, readers, pings */
    uint64_t tls_handshakes;
    uint64_t tls_failed;
    uint64_t bytes_in;
    uint64_t bytes_out;
};
void http_listener_metrics(const struct http_listener *listener,
                           struct http_metrics *metrics); /* any thread */
