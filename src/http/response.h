/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: the head of an answer (RFC 9112 section 4). Pure. */
#pragma once

#include "http/http.h"

enum response_body { RESPONSE_LENGTH, RESPONSE_CHUNKED, RESPONSE_UNTIL_CLOSE };

enum { RESPONSE_DATE_LEN = 29 };

struct response_framing {
    enum response_body body;
    bool closes;      /* says "Connection: close" */
    const char *date; /* RESPONSE_DATE_LEN characters, see response_write_date */
};

/* INVALID: a status out of range, a name that is no token or that is ours to set, a value that could split
 * the answer. */
NODISCARD enum status response_check(const struct http_response *response);

size_t response_head_bound(const struct http_response *response); /* bytes that the head needs at most */

/* Writes the head of a response that response_check passed, with the empty line, to `at`, where there is room
 * for the bound. */
size_t response_write_head(char *at, const struct http_response *response,
                           const struct response_framing *framing);

/* IMF-fixdate (RFC 9110 section 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
void response_write_date(char at[RESPONSE_DATE_LEN], int64_t unix_seconds);

struct str
response_status_line(unsigned status); /* "HTTP/1.1 200 OK\r\n"; STR_NONE for one that has no name here */
bool response_may_have_body(unsigned status); /* not 1xx, 204, 304 */

/* A number in decimal; returns how many characters it took (20 at most). */
size_t response_write_number(char *at, uint64_t number);
