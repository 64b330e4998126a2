/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include "base/memory.h"

#include <string.h>

enum {
    LINGER_BYTES_MAX = 32 * 1024 * 1024, /* dropped while lingering, then enough is enough */
    LINGER_ROUNDS_MAX = 5,               /* each as long as the state's time, and with something sent in it */
};

/* ---- the end ---- */

void connection_free(struct connection *connection) {
    connection->listener->unfinished--;
    mem_free(connection);
}

static void bury(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    connection->next_dirty = listener->dead;
    listener->dead = connection;
}

static void forget_address(struct connection *connection) {
    if (!connection->is_counted)
        return;
    uint8_t key[16];
    address_client_network(&connection->peer, key);
    peers_remove(&connection->listener->peers, key);
    connection->is_counted = false;
}

static void leave_dirty(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    for (struct connection **at = &listener->dirty; connection->is_dirty && *at != NULL;
         at = &(*at)->next_dirty) {
        if (*at != connection)
            continue;
        *at = connection->next_dirty;
        break;
    }
    connection->is_dirty = false;
}

void connection_break(struct connection *connection) {
    if (connection_is_dead(connection))
        return;
    struct http_listener *listener = connection->listener;
    leave_dirty(connection);
    list_remove(&listener->lists[connection->state], connection);
    connection->state = STATE_DEAD;
    ev_io_stop(listener->ev, &connection->io);
    transport_close(connection);
    forget_address(connection);
    output_clear(&connection->output, &listener->pool);
    block_free(connection->rest);
    connection->rest = NULL;
    listener->connections--;
    if (connection->is_counted_open)
        listener->counted--;
    if (connection->websocket != NULL)
        websocket_on_gone(connection->websocket);
    if (connection->exchange != NULL)
        exchange_on_gone(connection->exchange);
    if (connection->exchange == NULL)
        bury(connection);
}

/* All is sent and the connection ends. Where the peer may still be sending, closing at once would answer it
 * with a reset, and a reset can overtake our answer on its way (RFC 9112 section 9.6). */
static void finish_closing(struct connection *connection) {
    if (connection->is_peer_done || !connection->lingers) {
        connection_break(connection);
        return;
    }
    if (connection->state == STATE_LINGER)
        return;
    transport_shut(connection);
    block_free(connection->rest);
    connection->rest = NULL;
    connection->scanned = 0;
    connection_enter(connection, STATE_LINGER);
}

static void read_lingering(struct connection *connection) {
    ssize_t got = transport_drop(connection);
    if (got > 0) {
        connection->window += (uint32_t)got;
        connection->scanned += (uint32_t)got; /* in all rounds */
    }
    if (got == TRANSPORT_END || got == TRANSPORT_BROKEN || connection->scanned > LINGER_BYTES_MAX)
        connection_break(connection);
}

/* Who is still sending what it began to send before it could hear us is given time to come to its end. */
static void linger_on(struct connection *connection) {
    bool is_over = connection->window == 0 || ++connection->linger_rounds >= LINGER_ROUNDS_MAX;
    if (is_over || connection->listener->is_draining)
        connection_break(connection);
    else
        connection_enter(connection, STATE_LINGER);
}

/* ---- sending ---- */

void connection_mark_dirty(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    if (connection->is_dirty || connection->is_in_turn || connection_is_dead(connection))
        return;
    connection->is_dirty = true;
    connection->next_dirty = listener->dirty;
    listener->dirty = connection;
}

static void flush(struct connection *connection) {
    while (connection->output.queued > 0) {
        ssize_t sent = transport_write(connection);
        if (sent == TRANSPORT_BROKEN) {
            connection->is_broken = true;
            return;
        }
        if (sent < 0) {
            output_settle(&connection->output, &connection->listener->pool);
            return;
        }
    }
}

void connection_end_turn(struct connection *connection) {
    if (connection_is_dead(connection))
        return;
    if (!connection->is_broken && connection->phase == PHASE_OPEN && connection->output.queued > 0) {
        flush(connection);
        if (!connection->is_broken && connection->exchange != NULL)
            exchange_on_sent(connection->exchange);
    }
    if (connection->is_broken) {
        connection_break(connection);
        return;
    }
    if (connection->is_closing && connection->output.queued == 0 && connection->exchange == NULL) {
        finish_closing(connection);
        if (connection_is_dead(connection))
            return;
    }
    enum connection_state state = connection_find_state(connection);
    if (state != connection->state || connection->is_refreshed)
        connection_enter(connection, state);
    connection->is_refreshed = false;
    connection_watch(connection);
}

void connection_refuse(struct connection *connection, unsigned status) {
    exchange_write_refusal(connection, status);
    COUNT(connection->listener, requests_refused, 1);
    connection->is_closing = true;
    connection->lingers = true;
}

/* ---- reading ---- */

/* Works on bytes that have come until more are needed or somebody else is to go on. The block may be handed
 * over to an exchange: then listener->turn_block is NULL and what stood behind the head is the connection's
 * rest. */
static void process(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    while (listener->turn_block != NULL && !connection_is_dead(connection)) {
        struct block *block = listener->turn_block;
        struct str input = block_text(block);
        size_t before = input.len;
        if (connection->is_closing) {
            block->start = block->end;
            return;
        }
        if (connection->exchange != NULL) {
            if (input.len == 0 || !exchange_wants_input(connection->exchange))
                return;
            exchange_feed(connection->exchange, &input);
            block->start += before - input.len;
        } else if (connection->websocket != NULL) {
            websocket_feed(connection->websocket, &input);
            block->start += before - input.len;
            return;
        } else {
            connection->is_held =
                input.len > 0 && connection->output.queued > listener->options.write_queue_max;
            if (input.len == 0 || connection->is_held)
                return;
            if (!exchange_begin(connection, block))
                return;
        }
    }
}

static void save_rest(struct connection *connection, struct block *block) {
    struct str text = block_text(block);
    if (text.len > 0 && !connection_is_dead(connection))
        connection->rest = block_copy(text);
    else
        connection->scanned = 0;
}

static void load_rest(struct connection *connection, struct block *block) {
    if (connection->rest == NULL)
        return;
    struct str text = block_text(connection->rest);
    memcpy(block->bytes, text.at, text.len);
    block->end = text.len;
    block_free(connection->rest);
    connection->rest = NULL;
}

static void on_end_of_input(struct connection *connection) {
    connection->is_peer_done = true;
    if (connection->exchange != NULL && connection->exchange->is_discarding)
        exchange_stop_discarding(connection->exchange);
    if (connection->exchange != NULL || connection->websocket != NULL || connection->output.queued == 0)
        connection->is_broken = true; /* nobody is there to be answered */
    else
        connection->is_closing = true;
}

/* Reads once into a borrowed block, behind what was left from before, and works on it. True: the head went
 * with its block to a fiber. */
static bool read_input(struct connection *connection, bool may_read) {
    struct http_listener *listener = connection->listener;
    struct block *block = pool_take(&listener->pool);
    load_rest(connection, block);
    if (may_read && block->end < block->capacity) {
        ssize_t got = transport_read(connection, block->bytes + block->end, block->capacity - block->end);
        if (got > 0)
            block->end += (size_t)got;
        if (got > 0 && connection->websocket != NULL)
            websocket_on_heard(connection->websocket);
        if (got == TRANSPORT_BROKEN)
            connection->is_broken = true;
        if (got == TRANSPORT_END)
            on_end_of_input(connection);
    }
    if (!connection->is_broken) {
        listener->turn_block = block;
        process(connection);
        block = listener->turn_block;
        listener->turn_block = NULL;
    }
    if (block == NULL)
        return true;
    save_rest(connection, block);
    pool_give(&listener->pool, block);
    return false;
}

/* The fiber that took the block has ended, or wants more already: what stood behind its head is due. */
static bool has_rest_to_work_on(const struct connection *connection) {
    return connection->rest != NULL && !connection->is_broken &&
           (connection->exchange == NULL || exchange_wants_input(connection->exchange));
}

static void work(struct connection *connection, bool may_read) {
    connection->is_in_turn = true;
    bool again;
    do {
        bool was_handed_over = read_input(connection, may_read);
        again = was_handed_over && has_rest_to_work_on(connection);
        may_read = false;
        if (!again && transport_has_pending(connection) && !connection->is_broken &&
            connection_wants_input(connection)) {
            again = true;
            may_read = true;
        }
    } while (again);
    connection->is_in_turn = false;
}

void connection_continue(struct connection *connection) {
    if (connection_is_dead(connection) || connection->is_in_turn)
        return;
    if (connection->rest != NULL || transport_has_pending(connection))
        work(connection, connection->tls != NULL && connection->rest == NULL);
    connection_end_turn(connection);
}

void connection_end_turns(struct http_listener *listener) {
    listener->turns_together = 0;
    while (listener->dirty != NULL) {
        struct connection *connection = listener->dirty;
        listener->dirty = connection->next_dirty;
        connection->is_dirty = false;
        connection_continue(connection);
    }
}

/* An answer that leaves alone wakes whoever waits for it, and where a signature was verified for each, they
 * sleep again by the next: waking them costs half as much as verifying RS256. So answers leave by fours, or
 * when the loop has nothing else to do; none waits for more than three others, or for a handshake. */
static void end_turn_together(struct connection *connection) {
    enum { TURNS_TOGETHER = 4 };
    struct http_listener *listener = connection->listener;
    if (connection->output.queued > 0 && connection->rest == NULL && !connection->is_broken)
        connection_mark_dirty(connection);
    else
        connection_end_turn(connection);
    if (listener->dirty != NULL && ++listener->turns_together >= TURNS_TOGETHER)
        connection_end_turns(listener);
}

/* ---- the beginning ---- */

/* Once it is known who the client is: by the PROXY header, or by the socket where there is none. */
static bool admit(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    uint8_t key[16];
    if (address_is_unspecified(&connection->peer))
        return true;
    address_client_network(&connection->peer, key);
    if (peers_count(&listener->peers, key) >= listener->options.connections_per_address_max) {
        COUNT(listener, refused_address, 1);
        return false;
    }
    peers_add(&listener->peers, key);
    connection->is_counted = true;
    return true;
}

static enum connection_phase phase_behind_proxy_header(const struct connection *connection) {
    return connection->listener->options.tls != NULL ? PHASE_HANDSHAKE : PHASE_OPEN;
}

/* One step of what comes before HTTP. True: HTTP may begin. */
static bool open_step(struct connection *connection) {
    int result = 1;
    if (connection->phase == PHASE_PROXY_HEADER) {
        result = transport_read_proxy_header(connection);
        if (result == 1) {
            /* What it forwards is the client's own word now: the proxy has told us who that is. */
            connection->is_trusted = false;
            connection->phase = (uint8_t)phase_behind_proxy_header(connection);
            if (!admit(connection))
                result = TRANSPORT_BROKEN;
        }
    }
    if (result == 1 && connection->phase == PHASE_HANDSHAKE) {
        connection_end_turns(connection->listener); /* nobody's answer waits for what is so dear */
        if (connection->tls == NULL)
            connection->tls = tls_accept(connection->listener->options.tls, connection->io.fd);
        result = connection->tls == NULL ? TRANSPORT_BROKEN : transport_handshake(connection);
        if (result == 1)
            connection->phase = PHASE_OPEN;
    }
    if (result == TRANSPORT_BROKEN)
        connection->is_broken = true;
    return connection->phase == PHASE_OPEN && !connection->is_broken;
}

static void on_io(struct ev_loop *ev, struct ev_io *watcher, int events) {
    (void)ev;
    struct connection *connection = watcher->data;
    if (connection->state == STATE_LINGER) {
        read_lingering(connection);
        return;
    }
    if (connection->phase != PHASE_OPEN && !open_step(connection)) {
        connection_end_turn(connection);
        return;
    }
    bool was_full = connection->output.queued > 0 || connection->is_held;
    if ((events & EV_WRITE) != 0 && connection->output.queued > 0) {
        connection_end_turn(connection);
        if (connection_is_dead(connection) || connection->state == STATE_LINGER)
            return;
    }
    bool reads = (events & EV_READ) != 0 || connection->tls_wants_write || transport_has_pending(connection);
    if (reads && connection_wants_input(connection)) {
        work(connection, true);
        end_turn_together(connection);
    } else if (was_full && connection->exchange == NULL) {
        connection_continue(connection); /* requests that waited for room in the queue */
    } else {
        connection_end_turn(connection);
    }
}

struct connection *connection_new(struct http_listener *listener, int fd, const struct http_address *peer) {
    struct connection *connection = mem_alloc_zero(sizeof *connection);
    connection->listener = listener;
    connection->peer = *peer;
    connection->state = STATE_NEW;
    connection->since = listener->now_ms;
    ev_io_init(&connection->io, on_io, fd, EV_READ);
    connection->io.data = connection;
    list_append(&listener->lists[STATE_NEW], connection);
    listener->connections++;
    listener->unfinished++;
    return connection;
}

void connection_start(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    connection->is_trusted = networks_contain(&listener->trusted, &connection->peer);
    connection->is_counted_open = true;
    listener->counted++;
    if (connection->is_trusted && listener->options.proxy_protocol)
        connection->phase = PHASE_PROXY_HEADER;
    else
        connection->phase = (uint8_t)phase_behind_proxy_header(connection);
    if (!connection->is_trusted && !admit(connection)) {
        connection_break(connection);
        return;
    }
    ev_io_start(listener->ev, &connection->io);
}

void connection_start_refused(struct connection *connection, struct str answer) {
    connection->phase = PHASE_OPEN;
    connection->is_closing = true;
    connection->lingers = true;
    output_append(&connection->output, &connection->listener->pool, answer);
    connection_end_turn(connection);
}

/* ---- time ---- */

/* A body, or a reader, must move at least so many bytes in each window. */
static void check_rate(struct connection *connection) {
    struct http_listener *listener = connection->listener;
    uint32_t moved = connection->window;
    size_t pending = 0;
    if (connection->state == STATE_SENDING) {
        pending = connection->output.queued + transport_in_kernel(connection);
        moved = connection->window > pending ? connection->window - (uint32_t)pending : 0;
    }
    uint64_t least =
        (uint64_t)listener->options.lowest_rate * listener->lists[connection->state].time_ms / 1000;
    if (moved >= least || (connection->state == STATE_SENDING && pending == 0)) {
        connection_enter(connection, connection->state);
        return;
    }
    COUNT(listener, timed_out, 1);
    if (connection->state == STATE_BODY && connection->exchange->is_reading) {
        exchange_on_slow_body(connection->exchange);
        connection_end_turn(connection);
    } else {
        connection->is_broken = true;
        connection_break(connection);
    }
}

void connection_on_time(struct connection *connection) {
    switch ((enum connection_state)connection->state) {
    case STATE_HEAD:
        COUNT(connection->listener, timed_out, 1);
        connection_refuse(connection, 408);
        connection_end_turn(connection);
        break;
    case STATE_BODY:
    case STATE_SENDING:
        check_rate(connection);
        break;
    case STATE_WEBSOCKET:
        websocket_on_time(connection->websocket);
        connection_end_turn(connection);
        break;
    case STATE_NEW:
        COUNT(connection->listener, timed_out, 1);
        connection_break(connection);
        break;
    case STATE_LINGER:
        linger_on(connection);
        break;
    default:
        connection_break(connection);
        break;
    }
}
