/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/connection.h"

#include <stdio.h>
#include <string.h>

enum {
    FREE_EXCHANGES_KEPT = 16,
    DISCARD_MAX = 64 * 1024, /* of a body that nobody wanted; a larger one costs its connection */
    STATIC_LEAST = 8 * 1024, /* smaller ones are cheaper copied than sent in a piece of their own */
    STREAM_PIECE = 64 * 1024,
    BODY_KEPT = 16 * 1024, /* of a body's memory, for the next exchange */
};

/* ---- the pool ---- */

static struct exchange *exchange_take(struct http_listener *listener) {
    struct exchange *exchange = listener->free_exchanges;
    if (exchange == NULL)
        return mem_alloc_zero(sizeof *exchange);
    listener->free_exchanges = exchange->next;
    listener->free_exchange_count--;
    struct buffer body = exchange->body;
    /* All but the request, which parsing sets. */
    memset(exchange, 0, offsetof(struct exchange, request));
    exchange->body = body;
    return exchange;
}

static void exchange_free(struct exchange *exchange) {
    buffer_free(&exchange->body);
    mem_free(exchange);
}

static void exchange_give(struct http_listener *listener, struct exchange *exchange) {
    arena_free(exchange->arena);
    pool_give(&listener->pool, exchange->block);
    if (listener->free_exchange_count >= FREE_EXCHANGES_KEPT) {
        exchange_free(exchange);
        return;
    }
    if (exchange->body.capacity > BODY_KEPT)
        buffer_free(&exchange->body);
    buffer_clear(&exchange->body);
    exchange->next = listener->free_exchanges;
    listener->free_exchanges = exchange;
    listener->free_exchange_count++;
}

void exchange_pool_free(struct http_listener *listener) {
    while (listener->free_exchanges != NULL) {
        struct exchange *next = listener->free_exchanges->next;
        exchange_free(listener->free_exchanges);
        listener->free_exchanges = next;
    }
}

/* ---- what handlers ask ---- */

const struct http_request *exchange_request(const struct exchange *exchange) {
    return &exchange->request;
}

struct arena *exchange_arena(struct exchange *exchange) {
    if (exchange->arena == NULL)
        exchange->arena = arena_new();
    return exchange->arena;
}

void *exchange_context(const struct exchange *exchange) {
    return exchange->connection->listener->context;
}

struct loop *exchange_loop(const struct exchange *exchange) {
    return exchange->connection->listener->loop;
}

void exchange_set_data(struct exchange *exchange, void *data) {
    exchange->data = data;
}

void *exchange_data(const struct exchange *exchange) {
    return exchange->data;
}

bool exchange_is_answered(const struct exchange *exchange) {
    return exchange->is_answered;
}

/* ---- answering ---- */

static const char *date_now(struct http_listener *listener) {
    int64_t now = clock_now_s();
    if (now != listener->date_s) {
        listener->date_s = now;
        response_write_date(listener->date, now);
    }
    return listener->date;
}

static void append(struct connection *connection, struct str bytes) {
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
        append(connection, str_of(copy, response_write_head(copy, response, framing)));
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
        append(connection, response->body);
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

/* May what is left of the body be read and dropped, so that the connection lives on? */
static bool can_discard(const struct exchange *exchange) {
    if (body_decoder_is_done(&exchange->decoder))
        return true;
    bool is_awaited = exchange->framing.expects_continue && !exchange->is_continued; /* it may come or not */
    return !is_awaited && exchange->body_status == OK &&
           (exchange->framing.is_chunked || exchange->decoder.remaining <= DISCARD_MAX);
}

static bool decide_closing(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    bool peer_closes = !exchange->framing.keeps_alive;
    bool has_unread = !can_discard(exchange);
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

static void refuse(struct exchange *exchange, unsigned status) {
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
        refuse(exchange, 500);
        return;
    }
    if (!begin_answer(exchange))
        return;
    append_response(exchange->connection, response, is_head(exchange), decide_closing(exchange));
    connection_mark_dirty(exchange->connection);
}

/* ---- an exchange's end ---- */

static void leave_connection(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    if (exchange->closes || connection->is_peer_done)
        connection->is_closing = true;
    connection->is_refreshed = true;
    connection->exchange = NULL;
    exchange_give(connection->listener, exchange);
}

/* Answered, and neither handler nor fiber is with it any more. */
static void end_exchange(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    if (connection_is_dead(connection)) {
        connection->exchange = NULL;
        exchange_give(connection->listener, exchange);
        connection->next_dirty = connection->listener->dead;
        connection->listener->dead = connection;
        return;
    }
    if (!exchange->is_answered) {
        log_event(LOG_ERROR, "not-answered", LOG_STR("path", exchange->request.path));
        refuse(exchange, 500);
    }
    if (exchange->is_stream && !exchange->is_stream_ended) {
        connection->is_broken = true; /* the peer must not take half an answer for a whole one */
    } else if (!exchange->is_upgraded && !exchange->closes && !body_decoder_is_done(&exchange->decoder)) {
        exchange->is_discarding = true;
        exchange->decoder.max = exchange->decoder.total + DISCARD_MAX;
        return;
    }
    leave_connection(exchange);
}

void exchange_on_gone(struct exchange *exchange) {
    exchange->is_gone = true;
    if (exchange->fiber != NULL) {
        fiber_cancel(exchange->fiber);
    } else if (!exchange->has_fiber) {
        exchange->connection->exchange = NULL;
        exchange_give(exchange->connection->listener, exchange);
    }
}

void exchange_on_sent(struct exchange *exchange) {
    if (exchange->is_writing &&
        exchange->connection->output.queued <= exchange->connection->listener->options.write_queue_max / 4)
        fiber_wake(exchange->fiber);
}

/* ---- handling ---- */

static void set_peer(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    exchange->request.peer = connection->peer;
    exchange->request.is_secure = connection->tls != NULL;
    if (connection->is_trusted)
        forwarded_apply(&connection->listener->trusted, connection->listener->options.by_rfc7239,
                        &exchange->request);
}

/* 414 where it is the request line that does not end (RFC 9112 section 3). */
static unsigned too_large_status(struct str bytes) {
    return str_find_byte(bytes, '\n') == STR_NOT_FOUND ? 414 : 431;
}

bool exchange_begin(struct connection *connection, struct block *block) {
    struct http_listener *listener = connection->listener;
    struct str bytes = block_text(block);
    size_t scanned = connection->scanned;
    size_t head_len = 0;
    enum head_scan scan = request_scan(bytes, &scanned, &head_len);
    size_t max = listener->options.head_max;
    if (scan == HEAD_INCOMPLETE && bytes.len < max) {
        connection->scanned = (uint32_t)scanned;
        return false;
    }
    connection->scanned = 0;
    if (scan == HEAD_BROKEN || scan == HEAD_INCOMPLETE || head_len > max) {
        connection_refuse(connection, scan == HEAD_BROKEN ? 400 : too_large_status(str_slice(bytes, 0, max)));
        return false;
    }
    struct exchange *exchange = exchange_take(listener);
    exchange->connection = connection;
    unsigned refusal = request_parse(str_slice(bytes, 0, head_len), listener->options.headers_max,
                                     &exchange->arena, &exchange->request, &exchange->framing);
    block->start += head_len;
    if (refusal != 0) {
        exchange_give(listener, exchange);
        connection_refuse(connection, refusal);
        return false;
    }
    body_decoder_begin(&exchange->decoder, exchange->framing.is_chunked, exchange->request.content_length,
                       UINT64_MAX);
    set_peer(exchange);
    connection->exchange = exchange;
    COUNT(listener, requests, 1);
    listener->handle(exchange);
    /* A fiber took the block along, and ends the exchange itself: it may have done so already. */
    if (listener->turn_block != NULL)
        end_exchange(exchange);
    return true;
}

/* ---- fibers ---- */

static void run_fiber(void *argument) {
    struct exchange *exchange = argument;
    exchange->fiber = fiber_current();
    if (exchange->is_gone)
        fiber_cancel(exchange->fiber);
    exchange->run(exchange);
    exchange->fiber = NULL;
}

static void on_fiber_finished(void *argument) {
    struct exchange *exchange = argument;
    struct connection *connection = exchange->connection;
    exchange->has_fiber = false;
    end_exchange(exchange);
    if (!connection->is_in_turn && !connection_is_dead(connection))
        connection_continue(connection);
}

void exchange_start_fiber(struct exchange *exchange, void (*run)(struct exchange *)) {
    struct connection *connection = exchange->connection;
    struct http_listener *listener = connection->listener;
    exchange->block = listener->turn_block;
    listener->turn_block = NULL;
    struct str behind = block_text(exchange->block);
    if (behind.len > 0)
        connection->rest = block_copy(behind);
    exchange->run = run;
    exchange->has_fiber = true;
    fiber_start(run_fiber, exchange, on_fiber_finished);
}

/* ---- reading the body ---- */

bool exchange_wants_input(const struct exchange *exchange) {
    return (exchange->is_reading || exchange->is_discarding) && exchange->body_status == OK &&
           !body_decoder_is_done(&exchange->decoder);
}

static void decode(struct exchange *exchange, struct str *input) {
    size_t before = input->len;
    while (exchange->body_status == OK && input->len > 0 && !body_decoder_is_done(&exchange->decoder)) {
        struct str data;
        exchange->body_status = (uint8_t)body_decode(&exchange->decoder, input, &data);
        if (!exchange->is_discarding)
            buffer_append(&exchange->body, data);
    }
    exchange->connection->window += (uint32_t)(before - input->len);
}

void exchange_feed(struct exchange *exchange, struct str *input) {
    decode(exchange, input);
    bool is_over = exchange->body_status != OK || body_decoder_is_done(&exchange->decoder);
    if (!is_over)
        return;
    if (exchange->is_reading) {
        exchange->is_reading = false;
        fiber_wake(exchange->fiber);
    } else if (exchange->is_discarding) {
        exchange->closes = exchange->closes || exchange->body_status != OK;
        exchange->connection->lingers = exchange->connection->lingers || exchange->closes;
        leave_connection(exchange);
    }
}

void exchange_stop_discarding(struct exchange *exchange) {
    exchange->closes = true;
    leave_connection(exchange);
}

void exchange_on_slow_body(struct exchange *exchange) {
    exchange->body_status = TIMED_OUT;
    exchange->is_reading = false;
    fiber_wake(exchange->fiber);
}

enum status exchange_body_at_once(struct exchange *exchange, size_t max, struct str *body) {
    struct block *block = exchange->connection->listener->turn_block;
    *body = STR_NONE;
    if (body_decoder_is_done(&exchange->decoder))
        return OK;
    if (exchange->request.content_length > max)
        return TOO_LARGE;
    if (block == NULL || exchange->framing.is_chunked ||
        block->end - block->start < exchange->request.content_length)
        return UNAVAILABLE;
    struct str input = block_text(block);
    size_t before = input.len;
    TRY(body_decode(&exchange->decoder, &input, body));
    block->start += before - input.len;
    exchange->body_at_once = *body;
    return OK;
}

static void take_what_has_come(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    if (connection->rest == NULL)
        return;
    struct str input = block_text(connection->rest);
    size_t before = input.len;
    decode(exchange, &input);
    connection->rest->start += before - input.len;
    if (input.len == 0) {
        mem_free(connection->rest);
        connection->rest = NULL;
    }
}

static FIBER enum status receive_body_wait(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    take_what_has_come(exchange);
    if (exchange->body_status == OK && !body_decoder_is_done(&exchange->decoder) &&
        exchange->framing.expects_continue && !exchange->is_continued) {
        append(connection, STR("HTTP/1.1 100 Continue\r\n\r\n"));
        exchange->is_continued = true;
    }
    while (exchange->body_status == OK && !body_decoder_is_done(&exchange->decoder)) {
        exchange->is_reading = true;
        connection_mark_dirty(connection); /* its state and what it watches change */
        enum status status = fiber_park_wait();
        exchange->is_reading = false;
        if (exchange->is_gone || status != OK)
            return CANCELED;
    }
    connection_mark_dirty(connection);
    return (enum status)exchange->body_status;
}

enum status exchange_read_body_wait(struct exchange *exchange, size_t max, struct str *body) {
    *body = STR_NONE;
    if (exchange->is_gone)
        return CANCELED;
    if (exchange->is_body_given || exchange->body_at_once.at != NULL) {
        *body = exchange->is_body_given ? buffer_text(&exchange->body) : exchange->body_at_once;
        return OK;
    }
    exchange->decoder.max = max;
    if (exchange->request.content_length > max)
        exchange->body_status = TOO_LARGE; /* before a byte of it is asked for */
    enum status status = receive_body_wait(exchange);
    switch (status) {
    case OK:
        exchange->is_body_given = true;
        *body = buffer_text(&exchange->body);
        break;
    case TOO_LARGE:
        refuse(exchange, 413);
        break;
    case TIMED_OUT:
        refuse(exchange, 408);
        break;
    case INVALID:
        refuse(exchange, 400);
        break;
    default:
        break;
    }
    return status;
}

/* ---- streams ---- */

static void append_piece(struct exchange *exchange, struct str bytes) {
    struct connection *connection = exchange->connection;
    if (bytes.len == 0 || is_head(exchange) || exchange->is_gone)
        return;
    if (exchange->is_stream_chunked) {
        char size[20];
        int len = snprintf(size, sizeof size, "%zx\r\n", bytes.len);
        append(connection, str_of(size, (size_t)len));
    }
    append(connection, bytes);
    if (exchange->is_stream_chunked)
        append(connection, STR("\r\n"));
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
        append(exchange->connection, STR("0\r\n\r\n"));
    connection_mark_dirty(exchange->connection);
}
