/* SPDX-License-Identifier: Apache-2.0 */
/* A request's body: read, or dropped where nobody wants it. */
#include "base/memory.h"
#include "http/exchange.h"

enum { DISCARD_MAX = 64 * 1024 }; /* of a body that nobody wanted; a larger one costs its connection */

/* ---- reading it ---- */

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
        exchange_leave(exchange);
    }
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
        block_free(connection->rest);
        connection->rest = NULL;
    }
}

static FIBER enum status receive_body_wait(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    take_what_has_come(exchange);
    if (exchange->body_status == OK && !body_decoder_is_done(&exchange->decoder) &&
        exchange->framing.expects_continue && !exchange->is_continued) {
        exchange_append(connection, STR("HTTP/1.1 100 Continue\r\n\r\n"));
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
        exchange_refuse(exchange, 413);
        break;
    case TIMED_OUT:
        exchange_refuse(exchange, 408);
        break;
    case INVALID:
        exchange_refuse(exchange, 400);
        break;
    default:
        break;
    }
    return status;
}

/* ---- dropping it ---- */

bool exchange_can_discard(const struct exchange *exchange) {
    if (exchange->body_status != OK)
        return false;
    if (body_decoder_is_done(&exchange->decoder))
        return true;
    bool is_awaited = exchange->framing.expects_continue && !exchange->is_continued; /* it may come or not */
    return !is_awaited && (exchange->framing.is_chunked || exchange->decoder.remaining <= DISCARD_MAX);
}

void exchange_discard(struct exchange *exchange) {
    exchange->is_discarding = true;
    exchange->decoder.max = exchange->decoder.total + DISCARD_MAX;
}

void exchange_stop_discarding(struct exchange *exchange) {
    exchange->closes = true;
    exchange_leave(exchange);
}
