/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: the characters of RFC 9110 and RFC 3986, as one table, and the names of headers. */
#pragma once

#include "http/http.h"

enum {
    CHAR_TOKEN = 1, /* tchar, RFC 9110 section 5.6.2 */
    CHAR_PATH = 2,  /* pchar and '/', without '%', RFC 3986 section 3.3 */
    CHAR_QUERY = 4, /* CHAR_PATH, '?', '%' and what browsers leave as it is: visible ASCII but " # < > */
    CHAR_HOST = 8,  /* letters, digits, '-', '.', '_': a name or an IPv4 address */
    CHAR_UNRESERVED = 16,
};

extern const uint8_t syntax_chars[256];

static inline bool syntax_is(char c, unsigned class) {
    return (syntax_chars[(unsigned char)c] & class) != 0;
}

bool syntax_all(struct str s, unsigned class); /* true for empty text */
bool syntax_is_token(struct str s);            /* at least one character, all of them tchar */
/* Nothing below space but the tab, and no DEL: field-vchar, SP and HTAB, RFC 9110 section 5.5. */
bool syntax_is_field_value(struct str s);
size_t syntax_field_value_len(struct str s); /* how many bytes at its beginning may stand in one */
int syntax_hex_digit(char c);                /* 0 … 15, or -1 */

enum http_header_name
header_name_find(struct str name); /* of a token; HTTP_KNOWN_HEADERS where it is none of them */
bool header_name_is_single(enum http_header_name name); /* a second one makes the request ambiguous */
bool header_list_has_token(struct str list, struct str token);
