/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: a request's head, from bytes to slices. Refuses what is malformed or could be read in two
 * ways (RFC 9112); nothing is forgiven. Pure. */
#pragma once

#include "http/http.h"

/* How the request ends and what becomes of the connection. */
struct request_framing {
    bool is_chunked;
    bool keeps_alive;
    bool expects_continue;
};

enum head_scan { HEAD_INCOMPLETE, HEAD_COMPLETE, HEAD_BROKEN };

/* Looks for the empty line that ends a head. `*scanned` says how far earlier calls got (0 at first), so that
 * a head that comes byte by byte is not read again and again. COMPLETE: `*head_len` bytes, the empty line
 * included. BROKEN: it can never become a request: no method's letter at its start, or a line that ends in a
 * bare LF. */
enum head_scan request_scan(struct str bytes, size_t *scanned, size_t *head_len);

/* Reads a head that request_scan found whole. Returns 0, or the status to refuse it with: 400, 405, 417, 431,
 * 501, 505. The slices point into `head`, a path with percent encoding into `*arena`, which is made where
 * needed. `peer` and `is_secure` are left alone. */
unsigned request_parse(struct str head, unsigned headers_max, struct arena **arena,
                       struct http_request *request, struct request_framing *framing);

/* ---- target.c ---- */

/* Reads method, target (already set) and Host (in the headers) into path, query and host. 0, 400. */
unsigned target_parse(struct arena **arena, struct http_request *request);
bool target_host_is_valid(
    struct str host); /* uri-host [ ":" port ], RFC 9110 section 7.2, without percent encoding */
