/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: at once, in a stream, and those that refuse. */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/exchange.h"

#include <stdio.h>

enum {
    STATIC_LEAST = 8 * 1024, /* smaller ones are cheaper copied than sent in a piece of their own */
    STREAM_PIECE = 64 * 1024,
};

/* ---- at once ---- */

static const char *date_now(struct http_listener *listener) {
    int64_t now = clock_now_s();
    if (now != listener->date_s) {
        listener->date_s = now;
        response_write_date(listener->date, now);
    }
    return listener->date;
}

void exchange_append(struct connection *connection, struct str bytes) {
    output_append(&connection->output, &connection->listener->pool, bytes);
    if (connection->state == STATE_SENDING)
        connection->window += (uint32_t)bytes.len;
}

static void append_head(struct connection *connection, const struct http_response *response,
                        struct response_framing *framing) {
    struct http_listener *listener = connection->listener;
    framing->date = date_now(listener);
    size_t bound = response_head_bound(response);
    char *room = output_reserve(&connection->output, &listener->pool, bound);
    if (room != NULL) {
        output_commit(&connection->output, response_write_head(room, response, framing));
    } else { /* longer than a block; it is the program's own, so it is no attack */
        char *copy = mem_alloc(bound);
        exchange_append(connection, str_of(copy, response_write_head(copy, response, framing)));
        mem_free(copy);
    }
    metrics_add(listener, offsetof(struct http_metrics, answers) / sizeof(uint64_t) + response->status / 100,
                1);
}

static void append_response(struct connection *connection, const struct http_response *response, bool is_head,
                            bool closes) {
    struct response_framing framing = {.body = RESPONSE_LENGTH, .closes = closes};
    append_head(connection, response, &framing);
    if (is_head || !response_may_have_body(response->status))
        return;
    if (response->body_is_static && response->body.len >= STATIC_LEAST)
        output_append_static(&connection->output, response->body);
    else
        exchange_append(connection, response->body);
}

/* "HTTP/1.1 400 Bad Request\r\n" → "Bad Request" */
static struct str reason_of(unsigned status) {
    struct str line = response_status_line(status);
    return str_slice(line, 13, line.len - 2);
}

static void append_refusal(struct connection *connection, unsigned status, bool is_head, bool closes) {
    struct http_header headers[4] = {{STR("Content-Type"), STR("application/problem+json")},
                                     {STR("Cache-Control"), STR("no-store")}};
    size_t count = 2;
    if (status == 405)
        headers[count++] =
            (struct http_header){STR("Allow"), STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")};
    if (status == 426) {
        headers[count++] = (struct http_header){STR("Upgrade"), STR("websocket")};
        headers[count++] = (struct http_header){STR("Sec-WebSocket-Version"), STR("13")};
    }
    AUTO_BUFFER body = BUFFER_EMPTY;
    buffer_print(&body, "{\"type\":\"about:blank\",\"title\":\"%.*s\",\"status\":%u}",
                 STR_ARG(reason_of(status)), status);
    struct http_response response = {
        .status = status, .headers = headers, .header_count = count, .body = buffer_text(&body)};
    append_response(connection, &response, is_head, closes);
}

void exchange_write_refusal(struct connection *connection, unsigned status) {
    append_refusal(connection, status, false, true);
}

static bool decide_closing(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    bool peer_closes = !exchange->framing.keeps_alive;
    bool has_unread = !exchange_can_discard(exchange);
    exchange->closes = exchange->closes || peer_closes || has_unread || connection->listener->is_draining;
    connection->lingers = !peer_closes || has_unread;
    return exchange->closes;
}

static bool is_head(const struct exchange *exchange) {
    return exchange->request.method == HTTP_HEAD;
}

/* False where there is nobody to answer or an answer was given. */
static bool begin_answer(struct exchange *exchange) {
    if (exchange->is_answered)
        log_event(LOG_ERROR, "answered-twice", LOG_STR("path", exchange->request.path));
    if (exchange->is_answered || exchange->is_gone)
        return false;
    exchange->is_answered = true;
    exchange->connection->has_served = true;
    return true;
}

void exchange_refuse(struct exchange *exchange, unsigned status) {
    if (!begin_answer(exchange))
        return;
    bool closes = decide_closing(exchange);
    append_refusal(exchange->connection, status, is_head(exchange), closes);
    connection_mark_dirty(exchange->connection);
}

void exchange_answer(struct exchange *exchange, const struct http_response *response) {
    if (response_check(response) != OK) {
        log_event(LOG_ERROR, "response-invalid", LOG_STR("path", exchange->request.path),
                  LOG_INT("status", response->status));
        exchange_refuse(exchange, 500);
        return;
    }
    if (!begin_answer(exchange))
        return;
    append_response(exchange->connection, response, is_head(exchange), decide_closing(exchange));
    connection_mark_dirty(exchange->connection);
}

/* ---- streams ---- */

static void append_piece(struct exchange *exchange, struct str bytes) {
    struct connection *connection = exchange->connection;
    if (bytes.len == 0 || is_head(exchange) || exchange->is_gone)
        return;
    if (exchange->is_stream_chunked) {
        char size[20];
        int len = snprintf(size, sizeof size, "%zx\r\n", bytes.len);
        exchange_append(connection, str_of(size, (size_t)len));
    }
    exchange_append(connection, bytes);
    if (exchange->is_stream_chunked)
        exchange_append(connection, STR("\r\n"));
    connection_mark_dirty(connection);
}

static FIBER enum status wait_for_room(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    size_t max = connection->listener->options.write_queue_max;
    while (!exchange->is_gone && connection->output.queued > max / 2) {
        exchange->is_writing = true;
        enum status status = fiber_park_wait();
        exchange->is_writing = false;
        if (status != OK)
            return CANCELED;
    }
    return exchange->is_gone || fiber_is_canceled() ? CANCELED : OK;
}

enum status exchange_stream_begin_wait(struct exchange *exchange, const struct http_response *response) {
    if (response_check(response) != OK) {
        exchange_answer(exchange, response); /* says so and answers 500 */
        return CANCELED;
    }
    if (!begin_answer(exchange))
        return CANCELED;
    exchange->is_stream = true;
    exchange->is_stream_chunked = exchange->request.minor_version == 1;
    exchange->closes = exchange->closes || !exchange->is_stream_chunked;
    struct response_framing framing = {.body = exchange->is_stream_chunked ? RESPONSE_CHUNKED
                                                                           : RESPONSE_UNTIL_CLOSE,
                                       .closes = decide_closing(exchange)};
    append_head(exchange->connection, response, &framing);
    connection_mark_dirty(exchange->connection);
    return exchange_stream_write_wait(exchange, response->body);
}

enum status exchange_stream_write_wait(struct exchange *exchange, struct str bytes) {
    if (!exchange->is_stream || exchange->is_stream_ended)
        return CANCELED;
    do {
        TRY(wait_for_room(exchange));
        struct str piece = str_slice(bytes, 0, STREAM_PIECE);
        append_piece(exchange, piece);
        bytes = str_from_index(bytes, piece.len);
    } while (bytes.len > 0);
    return OK;
}

void exchange_stream_end(struct exchange *exchange) {
    if (!exchange->is_stream || exchange->is_stream_ended || exchange->is_gone)
        return;
    exchange->is_stream_ended = true;
    if (exchange->is_stream_chunked && !is_head(exchange))
        exchange_append(exchange->connection, STR("0\r\n\r\n"));
    connection_mark_dirty(exchange->connection);
}
