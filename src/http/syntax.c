/* SPDX-License-Identifier: Apache-2.0 */
#include "http/syntax.h"

#include <endian.h>
#include <string.h>

#define T  CHAR_TOKEN
#define P  (CHAR_PATH | CHAR_QUERY)
#define Q  CHAR_QUERY
#define H  CHAR_HOST
#define U  CHAR_UNRESERVED
#define AN (T | P | H | U)

const uint8_t syntax_chars[256] = {
    ['0'] = AN,
    ['1'] = AN,
    ['2'] = AN,
    ['3'] = AN,
    ['4'] = AN,
    ['5'] = AN,
    ['6'] = AN,
    ['7'] = AN,
    ['8'] = AN,
    ['9'] = AN,
    ['A'] = AN,
    ['B'] = AN,
    ['C'] = AN,
    ['D'] = AN,
    ['E'] = AN,
    ['F'] = AN,
    ['G'] = AN,
    ['H'] = AN,
    ['I'] = AN,
    ['J'] = AN,
    ['K'] = AN,
    ['L'] = AN,
    ['M'] = AN,
    ['N'] = AN,
    ['O'] = AN,
    ['P'] = AN,
    ['Q'] = AN,
    ['R'] = AN,
    ['S'] = AN,
    ['T'] = AN,
    ['U'] = AN,
    ['V'] = AN,
    ['W'] = AN,
    ['X'] = AN,
    ['Y'] = AN,
    ['Z'] = AN,
    ['a'] = AN,
    ['b'] = AN,
    ['c'] = AN,
    ['d'] = AN,
    ['e'] = AN,
    ['f'] = AN,
    ['g'] = AN,
    ['h'] = AN,
    ['i'] = AN,
    ['j'] = AN,
    ['k'] = AN,
    ['l'] = AN,
    ['m'] = AN,
    ['n'] = AN,
    ['o'] = AN,
    ['p'] = AN,
    ['q'] = AN,
    ['r'] = AN,
    ['s'] = AN,
    ['t'] = AN,
    ['u'] = AN,
    ['v'] = AN,
    ['w'] = AN,
    ['x'] = AN,
    ['y'] = AN,
    ['z'] = AN,
    /* unreserved */
    ['-'] = AN,
    ['.'] = AN,
    ['_'] = AN,
    ['~'] = T | P | U,
    /* sub-delims, ':', '@' and '/' */
    ['!'] = T | P,
    ['$'] = T | P,
    ['&'] = T | P,
    ['\''] = T | P,
    ['('] = P,
    [')'] = P,
    ['*'] = T | P,
    ['+'] = T | P,
    [','] = P,
    [';'] = P,
    ['='] = P,
    [':'] = P,
    ['@'] = P,
    ['/'] = P,
    /* the rest of tchar */
    ['#'] = T,
    ['%'] = T | Q,
    ['^'] = T | Q,
    ['`'] = T | Q,
    ['|'] = T | Q,
    /* the rest of what may stand in a query */
    ['?'] = Q,
    ['['] = Q,
    [']'] = Q,
    ['{'] = Q,
    ['}'] = Q,
    ['\\'] = Q,
};

#undef T
#undef P
#undef Q
#undef H
#undef U
#undef AN

bool syntax_all(struct str s, unsigned class) {
    for (size_t i = 0; i < s.len; i++) {
        if (!syntax_is(s.at[i], class))
            return false;
    }
    return true;
}

bool syntax_is_token(struct str s) {
    return s.len > 0 && syntax_all(s, CHAR_TOKEN);
}

static bool is_field_char(unsigned char c) {
    return (c >= 0x20 && c != 0x7F) || c == '\t';
}

enum { LANES = 16 };
typedef uint8_t lanes __attribute__((vector_size(LANES)));

/* Which of sixteen bytes are controls: the first of them, or LANES for none. */
static size_t first_control(const char *at) {
    lanes bytes;
    memcpy(&bytes, at, LANES);
    lanes controls = (lanes)(bytes < 0x20) | (lanes)(bytes == 0x7F);
    uint64_t halves[2];
    memcpy(halves, &controls, LANES);
    if (halves[0] != 0)
        return (size_t)__builtin_ctzll(le64toh(halves[0])) / 8;
    return halves[1] != 0 ? 8 + (size_t)__builtin_ctzll(le64toh(halves[1])) / 8 : LANES;
}

/* Sixteen bytes at a time: tokens and cookies are the longest part of a head, and every byte of them is
 * looked at here. */
size_t syntax_field_value_len(struct str s) {
    size_t i = 0;
    while (i + LANES <= s.len) {
        size_t clean = first_control(s.at + i);
        i += clean;
        if (clean < LANES && s.at[i++] != '\t')
            return i - 1;
    }
    while (i < s.len && is_field_char((unsigned char)s.at[i]))
        i++;
    return i;
}

bool syntax_is_field_value(struct str s) {
    return syntax_field_value_len(s) == s.len;
}

int syntax_hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* ---- names of headers ---- */

struct name {
    struct str text;
    bool is_single;
};

/* Single: those whose second value could be read in place of the first, by us or by what stands in front of
 * us. */
#define TEXT(literal)                                                                                        \
    { literal, sizeof(literal) - 1 } /* gcc takes STR for no constant */

static const struct name names[HTTP_KNOWN_HEADERS] = {
    [HTTP_ACCEPT] = {TEXT("accept"), false},
    [HTTP_ACCEPT_ENCODING] = {TEXT("accept-encoding"), false},
    [HTTP_ACCESS_CONTROL_REQUEST_HEADERS] = {TEXT("access-control-request-headers"), false},
    [HTTP_ACCESS_CONTROL_REQUEST_METHOD] = {TEXT("access-control-request-method"), true},
    [HTTP_AUTHORIZATION] = {TEXT("authorization"), true},
    [HTTP_CONNECTION] = {TEXT("connection"), false},
    [HTTP_CONTENT_ENCODING] = {TEXT("content-encoding"), false},
    [HTTP_CONTENT_LENGTH] = {TEXT("content-length"), true},
    [HTTP_CONTENT_TYPE] = {TEXT("content-type"), true},
    [HTTP_COOKIE] = {TEXT("cookie"), false},
    [HTTP_EXPECT] = {TEXT("expect"), true},
    [HTTP_FORWARDED] = {TEXT("forwarded"), false},
    [HTTP_HOST] = {TEXT("host"), true},
    [HTTP_IF_NONE_MATCH] = {TEXT("if-none-match"), false},
    [HTTP_LAST_EVENT_ID] = {TEXT("last-event-id"), true},
    [HTTP_ORIGIN] = {TEXT("origin"), true},
    [HTTP_RANGE] = {TEXT("range"), true},
    [HTTP_REFERER] = {TEXT("referer"), true},
    [HTTP_SEC_WEBSOCKET_EXTENSIONS] = {TEXT("sec-websocket-extensions"), false},
    [HTTP_SEC_WEBSOCKET_KEY] = {TEXT("sec-websocket-key"), true},
    [HTTP_SEC_WEBSOCKET_PROTOCOL] = {TEXT("sec-websocket-protocol"), false},
    [HTTP_SEC_WEBSOCKET_VERSION] = {TEXT("sec-websocket-version"), true},
    [HTTP_TRANSFER_ENCODING] = {TEXT("transfer-encoding"), true},
    [HTTP_UPGRADE] = {TEXT("upgrade"), false},
    [HTTP_USER_AGENT] = {TEXT("user-agent"), false},
    [HTTP_X_FORWARDED_FOR] = {TEXT("x-forwarded-for"), false},
    [HTTP_X_FORWARDED_HOST] = {TEXT("x-forwarded-host"), false},
    [HTTP_X_FORWARDED_PROTO] = {TEXT("x-forwarded-proto"), false},
};

enum { LONGEST_NAME = 30, NAMES_OF_A_LENGTH = 4 };

/* By length, plus one so that 0 ends a row; a unit test checks that no name is missing. */
static const uint8_t by_length[LONGEST_NAME + 1][NAMES_OF_A_LENGTH + 1] = {
    [4] = {HTTP_HOST + 1},
    [5] = {HTTP_RANGE + 1},
    [6] = {HTTP_ACCEPT + 1, HTTP_COOKIE + 1, HTTP_ORIGIN + 1, HTTP_EXPECT + 1},
    [7] = {HTTP_UPGRADE + 1, HTTP_REFERER + 1},
    [9] = {HTTP_FORWARDED + 1},
    [10] = {HTTP_USER_AGENT + 1, HTTP_CONNECTION + 1},
    [12] = {HTTP_CONTENT_TYPE + 1},
    [13] = {HTTP_AUTHORIZATION + 1, HTTP_IF_NONE_MATCH + 1, HTTP_LAST_EVENT_ID + 1},
    [14] = {HTTP_CONTENT_LENGTH + 1},
    [15] = {HTTP_ACCEPT_ENCODING + 1, HTTP_X_FORWARDED_FOR + 1},
    [16] = {HTTP_X_FORWARDED_HOST + 1, HTTP_CONTENT_ENCODING + 1},
    [17] = {HTTP_X_FORWARDED_PROTO + 1, HTTP_SEC_WEBSOCKET_KEY + 1, HTTP_TRANSFER_ENCODING + 1},
    [21] = {HTTP_SEC_WEBSOCKET_VERSION + 1},
    [22] = {HTTP_SEC_WEBSOCKET_PROTOCOL + 1},
    [24] = {HTTP_SEC_WEBSOCKET_EXTENSIONS + 1},
    [29] = {HTTP_ACCESS_CONTROL_REQUEST_METHOD + 1},
    [30] = {HTTP_ACCESS_CONTROL_REQUEST_HEADERS + 1},
};

/* `lower` has letters and '-' only: no other tchar becomes one of them by setting that bit. */
static bool is_name(struct str lower, struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        if ((name.at[i] | 0x20) != lower.at[i])
            return false;
    }
    return true;
}

enum http_header_name header_name_find(struct str name) {
    if (name.len > LONGEST_NAME)
        return HTTP_KNOWN_HEADERS;
    for (const uint8_t *row = by_length[name.len]; *row != 0; row++) {
        enum http_header_name candidate = (enum http_header_name)(*row - 1);
        if (is_name(names[candidate].text, name))
            return candidate;
    }
    return HTTP_KNOWN_HEADERS;
}

bool header_name_is_single(enum http_header_name name) {
    return name < HTTP_KNOWN_HEADERS && names[name].is_single;
}

bool header_list_has_token(struct str list, struct str token) {
    struct str piece;
    while (str_cut(&list, ',', &piece)) {
        if (str_equal_ignore_case(str_trim(piece), token))
            return true;
    }
    return false;
}

struct str http_header_get(const struct http_request *request, struct str name) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, name))
            return request->headers[i].value;
    }
    return STR_NONE;
}

bool http_header_has_token(const struct http_request *request, enum http_header_name name, struct str token) {
    if (request->known[name] == 0)
        return false;
    for (size_t i = request->known[name] - 1U; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, names[name].text) &&
            header_list_has_token(request->headers[i].value, token))
            return true;
    }
    return false;
}

const char *http_method_name(enum http_method method) {
    static const char *const method_names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    return method_names[method];
}
