/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: addresses, networks, and who speaks on whose behalf. Pure. */
#pragma once

#include "http/http.h"

#include <sys/socket.h>

bool address_parse_ip4(struct str text, struct http_address *address); /* dotted decimal only; port 0 */
bool address_parse_ip6(struct str text, struct http_address *address); /* no brackets, no zone; port 0 */
bool address_parse_ip(struct str text, struct http_address *address);  /* either */
bool address_is_ip4(const struct http_address *address);
bool address_is_unspecified(
    const struct http_address *address); /* all zero: a unix socket, and nobody's address */
void address_from_socket(const struct sockaddr_storage *socket_address, struct http_address *address);
/* What limits count by: an IPv4 address, an IPv6 network of 64 bits (a customer's smallest share). */
void address_client_network(const struct http_address *address, uint8_t key[16]);

/* ---- networks ---- */
struct networks {
    struct network {
        uint8_t ip[16];
        uint8_t bits; /* of 128 */
    } * at;
    size_t count;
    bool has_unix;
};

/* "10.0.0.0/8, ::1, unix"; empty for none. INVALID, also where bits behind the prefix are set. */
NODISCARD enum status networks_parse(struct str text, struct networks *networks);
bool networks_contain(const struct networks *networks, const struct http_address *address);
void networks_free(struct networks *networks);

/* ---- forwarded.c: Forwarded (RFC 7239), X-Forwarded-For and -Proto ---- */

/* `request->peer` is the trusted proxy at the other end of the socket: replaces it by the last address in the
 * list that is not a trusted proxy's, and `is_secure` by what that proxy says. Whatever can't be read ends
 * the search where it stands. */
void forwarded_apply(const struct networks *trusted, bool by_rfc7239, struct http_request *request);

/* ---- proxy_header.c: the PROXY protocol, versions 1 and 2 ---- */

enum { PROXY_HEADER_MAX = 16 + 1024 };

/* Reads the header at the start of `bytes`. OK: `*len` bytes of it; `*address` is replaced unless the proxy
 * speaks for itself (LOCAL, UNKNOWN). UNAVAILABLE: more bytes are needed. INVALID, or TOO_LARGE: over
 * PROXY_HEADER_MAX. */
NODISCARD enum status proxy_header_parse(struct str bytes, size_t *len, struct http_address *address);
