/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP server on 127.0.0.1 for tests: a thread a connection, one request each, and a handler that may
 * behave as badly as a test wants. With TLS it has a fresh certificate for "localhost" and 127.0.0.1 of its
 * own making. */
#pragma once

#include "base/str.h"

struct peer;
struct peer_exchange;

struct peer *peer_start(void (*handle)(struct peer_exchange *exchange, void *user), void *user,
                        bool with_tls);
void peer_stop(struct peer *peer); /* closes every connection and waits for their threads */
unsigned peer_port(const struct peer *peer);
const char *peer_certificate_file(const struct peer *peer); /* PEM, on disk until peer_stop */

/* ---- for the handler ---- */
struct str peer_path(const struct peer_exchange *exchange);        /* with the query */
struct str peer_request(const struct peer_exchange *exchange);     /* head and body, as they came */
bool peer_write(struct peer_exchange *exchange, struct str bytes); /* false when the other side has gone */
bool peer_answer(struct peer_exchange *exchange, const char *status, const char *headers, struct str body);
bool peer_pause(struct peer_exchange *exchange,
                int ms); /* false when the peer is stopped or the client has gone */
