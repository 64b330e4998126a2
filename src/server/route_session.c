/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/session: a chat session on a WebSocket. */
#include "base/clock.h"
#include "base/memory.h"
#include "server/answer.h"
#include "server/client.h"
#include "server/limits.h"
#include "server/routes.h"

/* Ties a socket to its session; freed when the socket closes. */
struct socket_session {
    struct websocket *socket;
    struct chat_session *session;
    struct front *front;
    unsigned refused; /* frames in a row that were one too many */
};

static void send_frame(void *to, struct str type, struct str frame) {
    (void)type;
    const struct socket_session *tied = to;
    /* Where the socket is closing, or its reader too slow, on_close follows: nothing is lost that a resume
     * would not bring back. */
    enum status status = websocket_send_text(tied->socket, frame);
    (void)status;
}

/* Who is told again and again to wait, and does not, is let go (RFC 6455 section 7.4.1: 1013, try again
 * later). */
static void refuse(struct socket_session *tied, struct str message, const struct limit_refusal *refusal) {
    enum { REFUSED_MAX = 100, TRY_AGAIN_LATER = 1013 };
    if (++tied->refused < REFUSED_MAX)
        chat_session_refuse(tied->session, message, refusal->retry_after_s);
    else
        websocket_close(tied->socket, TRY_AGAIN_LATER, STR("too many frames"));
}

static void on_text(struct websocket *socket, struct str message, void *data) {
    struct socket_session *tied = data;
    struct limit_source source = limits_source_of(tied->front, websocket_peer(socket));
    struct limit_refusal refusal;
    if (limit_request(tied->front->process->limiter, source, 1, clock_monotonic_us(), &refusal)) {
        tied->refused = 0;
        chat_session_receive(tied->session, message);
    } else {
        refuse(tied, message, &refusal);
    }
}

static void on_close(struct websocket *socket, unsigned code, void *data) {
    (void)socket;
    (void)code;
    struct socket_session *tied = data;
    chat_session_leave(tied->session);
    mem_free(tied);
}

static const struct websocket_callbacks callbacks = {.on_text = on_text, .on_close = on_close};

static void accept(struct exchange *exchange, const struct client *client) {
    struct socket_session *tied = mem_alloc_zero(sizeof *tied);
    if (exchange_websocket_accept(exchange, &callbacks, tied, STR_NONE, &tied->socket) != OK) {
        mem_free(tied); /* the handshake was not one; that has been answered */
        return;
    }
    const struct chat_output output = {.send = send_frame, .to = tied};
    tied->front = front_of(exchange);
    tied->session = chat_session_new(tied->front->chat, client->key, &output);
    chat_session_set_source(tied->session, limits_source_of(tied->front, &exchange_request(exchange)->peer));
    chat_session_set_client(tied->session, http_header(exchange_request(exchange), HTTP_USER_AGENT));
    chat_session_start(tied->session);
}

static void run(struct exchange *exchange) {
    struct client client;
    if (client_wait(exchange, &client) != OK)
        return;
    accept(exchange, &client);
    environment_unref(client.environment);
}

void route_session(struct exchange *exchange) {
    struct client client;
    enum status status = client_try(exchange, &client);
    if (status == OK)
        accept(exchange, &client);
    else if (status == UNAVAILABLE)
        route_start_fiber(exchange, run);
}
