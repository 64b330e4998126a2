/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "http/connection.h"
#include "http/syntax.h"

#include <string.h>

enum {
    CONTROL_WINDOW_MS = 10 * 1000,
    CONTROL_MAX = 100, /* pings and pongs of a peer within a window */
    PONG_QUEUE_MAX =
        16 *
        1024, /* a peer that pings and does not read gets no more pongs (RFC 6455 section 5.5.3 allows it) */
};

/* ---- the handshake ---- */

static void append_text(struct connection *connection, struct str text) {
    output_append(&connection->output, &connection->listener->pool, text);
}

static void append_switch(struct connection *connection, const char accept[28], struct str subprotocol) {
    append_text(connection, response_status_line(101));
    append_text(connection, STR("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "));
    append_text(connection, str_of(accept, 28));
    if (subprotocol.len > 0) {
        append_text(connection, STR("\r\nSec-WebSocket-Protocol: "));
        append_text(connection, subprotocol);
    }
    append_text(connection, STR("\r\n\r\n"));
}

static enum status refuse_handshake(struct exchange *exchange, unsigned status) {
    struct http_header headers[] = {{STR("Upgrade"), STR("websocket")},
                                    {STR("Sec-WebSocket-Version"), STR("13")}};
    struct http_header allow = {STR("Allow"), STR("GET")};
    struct http_response response = {
        .status = status, .headers = headers, .header_count = status == 426 ? 2 : 0};
    if (status == 405)
        response = (struct http_response){.status = status, .headers = &allow, .header_count = 1};
    exchange_answer(exchange, &response);
    return INVALID;
}

enum status exchange_websocket_accept(struct exchange *exchange, const struct websocket_callbacks *callbacks,
                                      void *data, struct str subprotocol, struct websocket **websocket) {
    struct connection *connection = exchange->connection;
    *websocket = NULL;
    if (exchange->is_gone)
        return CANCELED;
    char accept[28];
    unsigned refusal = frame_check_handshake(&exchange->request, accept);
    if (refusal != 0)
        return refuse_handshake(exchange, refusal);
    bool is_offered = subprotocol.len == 0 ||
                      (syntax_is_token(subprotocol) &&
                       http_header_has_token(&exchange->request, HTTP_SEC_WEBSOCKET_PROTOCOL, subprotocol));
    if (!is_offered)
        return refuse_handshake(exchange, 400);
    if (connection->listener->is_draining)
        return refuse_handshake(exchange, 503);
    struct websocket *created = mem_alloc_zero(sizeof *created);
    created->connection = connection;
    created->callbacks = callbacks;
    created->data = data;
    created->peer = exchange->request.peer;
    connection->websocket = created;
    connection->has_served = true;
    exchange->is_answered = true;
    exchange->is_upgraded = true;
    append_switch(connection, accept, subprotocol);
    connection_mark_dirty(connection);
    COUNT(connection->listener, websockets_open, 1);
    metrics_add(connection->listener, offsetof(struct http_metrics, answers) / sizeof(uint64_t) + 1, 1);
    *websocket = created;
    return OK;
}

/* ---- sending ---- */

static void append_frame(struct websocket *websocket, enum frame_opcode opcode, struct str payload) {
    struct connection *connection = websocket->connection;
    char head[FRAME_HEAD_MAX];
    append_text(connection, str_of(head, frame_write_head(head, opcode, payload.len)));
    append_text(connection, payload);
    connection_mark_dirty(connection);
}

bool websocket_is_open(const struct websocket *websocket) {
    return !websocket->is_gone && !websocket->connection->is_broken && !websocket->is_close_sent &&
           !websocket->is_close_received;
}

enum status websocket_send_text(struct websocket *websocket, struct str message) {
    if (!websocket_is_open(websocket))
        return CANCELED;
    struct connection *connection = websocket->connection;
    if (connection->output.queued > connection->listener->options.write_queue_max) {
        COUNT(connection->listener, timed_out, 1);
        connection->is_broken = true;
        connection_mark_dirty(connection);
        return TOO_LARGE;
    }
    append_frame(websocket, FRAME_TEXT, message);
    COUNT(connection->listener, websocket_messages_out, 1);
    return OK;
}

static void send_close(struct websocket *websocket, unsigned code, struct str reason) {
    char payload[FRAME_CONTROL_MAX];
    size_t len = 0;
    if (code != WEBSOCKET_NO_STATUS) {
        payload[0] = (char)(code >> 8);
        payload[1] = (char)code;
        reason = str_slice(reason, 0, FRAME_CONTROL_MAX - 2);
        if (reason.len > 0 && str_is_utf8(reason))
            memcpy(payload + 2, reason.at, reason.len);
        else
            reason.len = 0;
        len = 2 + reason.len;
    }
    websocket->is_close_sent = true;
    append_frame(websocket, FRAME_CLOSE, str_of(payload, len));
}

void websocket_close(struct websocket *websocket, unsigned code, struct str reason) {
    if (!websocket_is_open(websocket))
        return;
    unsigned sent = frame_close_code_is_valid(code) ? code : WEBSOCKET_NORMAL;
    websocket->code = (uint16_t)sent;
    send_close(websocket, sent, reason);
}

const struct http_address *websocket_peer(const struct websocket *websocket) {
    return &websocket->peer;
}

/* ---- receiving ---- */

/* Both sides have closed, or the protocol is broken: what is queued is sent, then the connection ends. The
 * application hears at once. */
static void end_websocket(struct websocket *websocket) {
    struct connection *connection = websocket->connection;
    connection->is_closing = true;
    connection->lingers = true;
    websocket_on_gone(websocket);
}

static void on_broken(struct websocket *websocket, unsigned code) {
    COUNT(websocket->connection->listener, websocket_refused, 1);
    if (!websocket->is_close_sent)
        send_close(websocket, code, STR_NONE);
    if (websocket->code == 0)
        websocket->code = (uint16_t)code;
    end_websocket(websocket);
}

static void on_close_frame(struct websocket *websocket, unsigned code) {
    websocket->is_close_received = true;
    if (websocket->code == 0)
        websocket->code = (uint16_t)code;
    if (!websocket->is_close_sent)
        send_close(websocket, code, STR_NONE); /* section 5.5.1: its own code comes back */
    end_websocket(websocket);
}

static bool is_control_flood(struct websocket *websocket) {
    uint32_t now = websocket->connection->listener->now_ms;
    if (now - websocket->control_since >= CONTROL_WINDOW_MS) {
        websocket->control_since = now;
        websocket->control_count = 0;
    }
    return ++websocket->control_count > CONTROL_MAX;
}

static void on_message(struct websocket *websocket, struct str message) {
    struct connection *connection = websocket->connection;
    COUNT(connection->listener, websocket_messages_in, 1);
    if (websocket_is_open(websocket))
        websocket->callbacks->on_text(websocket, message, websocket->data);
    frame_decoder_release(&websocket->decoder);
}

void websocket_feed(struct websocket *websocket, struct str *input) {
    struct connection *connection = websocket->connection;
    while (input->len > 0 && !connection->is_broken) {
        struct frame_event event =
            frame_decode(&websocket->decoder, connection->listener->options.websocket_message_max, input);
        switch (event.kind) {
        case FRAME_EVENT_MORE:
            return;
        case FRAME_EVENT_TEXT:
            on_message(websocket, event.payload);
            break;
        case FRAME_EVENT_PING:
        case FRAME_EVENT_PONG:
            if (is_control_flood(websocket)) {
                on_broken(websocket, WEBSOCKET_POLICY);
                return;
            }
            if (event.kind == FRAME_EVENT_PING && !websocket->is_close_sent &&
                connection->output.queued <= PONG_QUEUE_MAX)
                append_frame(websocket, FRAME_PONG, event.payload);
            break;
        case FRAME_EVENT_CLOSE:
            on_close_frame(websocket, event.code);
            return;
        case FRAME_EVENT_BROKEN:
            on_broken(websocket, event.code);
            return;
        }
    }
}

void websocket_on_heard(struct websocket *websocket) {
    websocket->is_pinged = false;
    /* While we wait for the peer's close frame its other frames buy it no time. */
    if (!websocket->is_close_sent)
        websocket->connection->is_refreshed = true;
}

void websocket_on_time(struct websocket *websocket) {
    struct connection *connection = websocket->connection;
    if (websocket->is_pinged) {
        COUNT(connection->listener, timed_out, 1);
        connection->is_broken = true;
        return;
    }
    websocket->is_pinged = true;
    connection->is_refreshed = true;
    append_frame(websocket, FRAME_PING, STR_NONE);
}

void websocket_on_gone(struct websocket *websocket) {
    struct connection *connection = websocket->connection;
    COUNT(connection->listener, websockets_open, -1);
    connection->websocket = NULL;
    websocket->is_gone = true;
    unsigned code = websocket->code != 0 ? websocket->code : WEBSOCKET_ABNORMAL;
    websocket->callbacks->on_close(websocket, code, websocket->data);
    frame_decoder_release(&websocket->decoder);
    mem_free(websocket);
}
