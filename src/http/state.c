/* SPDX-License-Identifier: Apache-2.0 */
/* Which state a connection is in, since when, and what the loop watches for it. */
#include "http/connection.h"

enum { STREAM_AHEAD_MAX = BLOCK_SIZE_LEAST }; /* kept of what a peer sends before its answer is complete */

/* ---- lists by state ---- */

void list_remove(struct connection_list *list, struct connection *connection) {
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        list->first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    else
        list->last = connection->previous;
    list->count--;
}

void list_append(struct connection_list *list, struct connection *connection) {
    connection->next = NULL;
    connection->previous = list->last;
    if (list->last != NULL)
        list->last->next = connection;
    else
        list->first = connection;
    list->last = connection;
    list->count++;
}

void connection_enter(struct connection *connection, enum connection_state state) {
    struct http_listener *listener = connection->listener;
    list_remove(&listener->lists[connection->state], connection);
    connection->state = (uint8_t)state;
    connection->since = listener->now_ms;
    if (state == STATE_SENDING)
        connection->window = (uint32_t)(connection->output.queued + transport_in_kernel(connection));
    else
        connection->window = 0;
    list_append(&listener->lists[state], connection);
}

enum connection_state connection_find_state(const struct connection *connection) {
    if (connection->state == STATE_LINGER)
        return STATE_LINGER;
    if (connection->phase != PHASE_OPEN)
        return STATE_NEW;
    const struct exchange *exchange = connection->exchange;
    if (exchange != NULL && (exchange->is_reading || exchange->is_discarding))
        return STATE_BODY;
    if (connection->websocket != NULL && exchange == NULL)
        return connection->websocket->is_close_sent ? STATE_CLOSING : STATE_WEBSOCKET;
    if (connection->output.queued > 0)
        return STATE_SENDING;
    if (exchange != NULL)
        return STATE_BUSY;
    if (connection->rest != NULL)
        return STATE_HEAD;
    return connection->has_served ? STATE_IDLE : STATE_NEW;
}

/* ---- what the loop watches ---- */

bool connection_wants_input(const struct connection *connection) {
    if (connection->is_peer_done)
        return false;
    if (connection->state == STATE_LINGER || connection->phase != PHASE_OPEN)
        return true;
    if (connection->is_closing)
        return false;
    if (connection->exchange != NULL)
        return exchange_wants_input(connection->exchange) || connection->rest == NULL ||
               connection->rest->end < STREAM_AHEAD_MAX;
    if (connection->websocket != NULL)
        return true;
    return connection->output.queued <= connection->listener->options.write_queue_max;
}

void connection_watch(struct connection *connection) {
    int events = connection_wants_input(connection) ? EV_READ : 0;
    /* Who is held goes on in another turn, after others, as soon as there is room. */
    if (connection->output.queued > 0 || connection->tls_wants_write || connection->is_held)
        events |= EV_WRITE;
    if ((connection->io.events & (EV_READ | EV_WRITE)) == events &&
        ev_is_active(&connection->io) == (events != 0))
        return;
    ev_io_stop(connection->listener->ev, &connection->io);
    ev_io_set(&connection->io, connection->io.fd, events);
    if (events != 0)
        ev_io_start(connection->listener->ev, &connection->io);
}
