/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    FREE_EXCHANGES_KEPT = 16,
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
    struct arena *arena = exchange->arena;
    /* All but the request, which parsing sets. */
    memset(exchange, 0, offsetof(struct exchange, request));
    exchange->body = body;
    exchange->arena = arena;
    return exchange;
}

static void exchange_free(struct exchange *exchange) {
    arena_free(exchange->arena);
    buffer_wipe(&exchange->body);
    mem_free(exchange);
}

static void exchange_give(struct http_listener *listener, struct exchange *exchange) {
    pool_give(&listener->pool, exchange->block);
    if (listener->free_exchange_count >= FREE_EXCHANGES_KEPT) {
        exchange_free(exchange);
        return;
    }
    if (exchange->body.capacity > BODY_KEPT)
        buffer_wipe(&exchange->body);
    else
        mem_wipe(exchange->body.at, exchange->body.len);
    buffer_clear(&exchange->body);
    if (exchange->arena != NULL)
        arena_reset(exchange->arena);
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
    if (exchange->arena != NULL)
        return exchange->arena;
    exchange->arena = arena_new();
    arena_wipe_on_free(exchange->arena); /* tokens are read out of bodies, identities written into answers */
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

/* ---- an exchange's end ---- */

void exchange_leave(struct exchange *exchange) {
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
        exchange_refuse(exchange, 500);
    }
    if (exchange->is_stream && !exchange->is_stream_ended) {
        connection->is_broken = true; /* the peer must not take half an answer for a whole one */
    } else if (!exchange->is_upgraded && !exchange->closes && !body_decoder_is_done(&exchange->decoder)) {
        exchange_discard(exchange);
        return;
    }
    exchange_leave(exchange);
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
    exchange->request.is_by_trusted_proxy = connection->is_trusted;
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
    if (listener->turn_block == NULL || exchange->is_answered)
        abort(); /* a fault of the program: only a handler starts a fiber, one, and before it answers */
    exchange->block = listener->turn_block;
    listener->turn_block = NULL;
    struct str behind = block_text(exchange->block);
    if (behind.len > 0)
        connection->rest = block_copy(behind);
    exchange->run = run;
    exchange->has_fiber = true;
    fiber_start(run_fiber, exchange, on_fiber_finished);
}
