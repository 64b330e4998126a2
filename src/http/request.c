/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "http/syntax.h"

#include <string.h>

enum {
    REFUSED_BAD = 400,
    REFUSED_METHOD = 405,
    REFUSED_EXPECT = 417,
    REFUSED_FIELDS = 431,
    REFUSED_UNKNOWN = 501,
    REFUSED_VERSION = 505
};

enum head_scan request_scan(struct str bytes, size_t *scanned, size_t *head_len) {
    if (bytes.len == 0)
        return HEAD_INCOMPLETE;
    /* No empty line is skipped before a request (RFC 9112 section 2.2 would allow it): who sends one is lost
     * in the stream. */
    if (bytes.at[0] < 'A' || bytes.at[0] > 'Z')
        return HEAD_BROKEN;
    size_t at = *scanned;
    while (at < bytes.len) {
        const char *line_feed = memchr(bytes.at + at, '\n', bytes.len - at);
        if (line_feed == NULL)
            break;
        size_t i = (size_t)(line_feed - bytes.at);
        if (bytes.at[i - 1] != '\r') /* i > 0: the first byte is a letter */
            return HEAD_BROKEN;
        if (bytes.at[i - 2] == '\n') { /* likewise: a CR that is the second byte has a letter before it */
            *head_len = i + 1;
            return HEAD_COMPLETE;
        }
        at = i + 1;
    }
    *scanned = bytes.len;
    return HEAD_INCOMPLETE;
}

static unsigned read_method(struct str text, enum http_method *method) {
    static const struct {
        const char *text;
        enum http_method method;
    } methods[] = {
        {"GET", HTTP_GET}, {"POST", HTTP_POST},   {"OPTIONS", HTTP_OPTIONS}, {"HEAD", HTTP_HEAD},
        {"PUT", HTTP_PUT}, {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_equal(str_from(methods[i].text), text)) {
            *method = methods[i].method;
            return 0;
        }
    }
    /* TRACE is known and never allowed (it would echo credentials); all else is not known, CONNECT too: we
     * are no proxy. */
    return str_equal(text, STR("TRACE")) ? REFUSED_METHOD : REFUSED_UNKNOWN;
}

/* HTTP-version = "HTTP/" DIGIT "." DIGIT, in this case only (RFC 9112 section 2.3). */
static unsigned read_version(struct str text, struct http_request *request) {
    bool well_formed = text.len == 8 && memcmp(text.at, "HTTP/", 5) == 0 && text.at[5] >= '0' &&
                       text.at[5] <= '9' && text.at[6] == '.' && text.at[7] >= '0' && text.at[7] <= '9';
    if (!well_formed)
        return REFUSED_BAD;
    if (text.at[5] != '1' || text.at[7] > '1')
        return REFUSED_VERSION;
    request->minor_version = (uint8_t)(text.at[7] - '0');
    return 0;
}

/* request-line = method SP request-target SP HTTP-version, with single spaces (RFC 9112 section 3). */
static unsigned read_request_line(struct str line, struct http_request *request) {
    struct str method;
    if (!str_cut(&line, ' ', &method) || !str_cut(&line, ' ', &request->target))
        return REFUSED_BAD;
    if (!syntax_is_token(method) || request->target.len == 0)
        return REFUSED_BAD;
    unsigned refusal = read_version(line, request);
    return refusal != 0 ? refusal : read_method(method, &request->method);
}

/* Takes one field line off the front of the head. No space before the colon, no folding: both would start or
 * end a name that is no token (RFC 9112 sections 5.1 and 5.2). The value ends where a character comes that
 * can't be in one: that must be the CRLF. */
static unsigned read_field(struct str *head, unsigned headers_max, struct http_request *request) {
    const char *at = head->at;
    const char *end = head->at + head->len;
    while (at < end && syntax_is(*at, CHAR_TOKEN))
        at++;
    struct str name = {head->at, (size_t)(at - head->at)};
    if (name.len == 0 || at == end || *at != ':')
        return REFUSED_BAD;
    at++;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    struct str value = {at, (size_t)(end - at)};
    value.len = syntax_field_value_len(value);
    at += value.len;
    if (end - at < 2 || at[0] != '\r' || at[1] != '\n')
        return REFUSED_BAD;
    *head = (struct str){at + 2, (size_t)(end - at) - 2};
    while (value.len > 0 && (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t'))
        value.len--;
    if (request->header_count >= headers_max || request->header_count >= HTTP_MAX_HEADERS)
        return REFUSED_FIELDS;
    request->headers[request->header_count++] = (struct http_header){name, value};
    enum http_header_name known = header_name_find(name);
    if (known == HTTP_KNOWN_HEADERS)
        return 0;
    if (request->known[known] == 0)
        request->known[known] = (uint8_t)request->header_count;
    else if (header_name_is_single(known))
        return REFUSED_BAD;
    return 0;
}

/* RFC 9112 section 6: one way to tell where the body ends, or none. */
static unsigned read_framing(struct http_request *request, struct request_framing *framing) {
    bool has_length = request->known[HTTP_CONTENT_LENGTH] != 0;
    if (request->known[HTTP_TRANSFER_ENCODING] != 0) {
        if (has_length || request->minor_version == 0)
            return REFUSED_BAD;
        if (!str_equal_ignore_case(http_header(request, HTTP_TRANSFER_ENCODING), STR("chunked")))
            return REFUSED_UNKNOWN;
        framing->is_chunked = true;
    }
    if (has_length &&
        str_to_uint64(http_header(request, HTTP_CONTENT_LENGTH), &request->content_length) != OK)
        return REFUSED_BAD;
    request->has_body = framing->is_chunked || request->content_length > 0;
    return 0;
}

static unsigned read_expect(struct http_request *request, struct request_framing *framing) {
    if (request->known[HTTP_EXPECT] == 0 || request->minor_version == 0)
        return 0; /* RFC 9110 section 10.1.1: ignored in 1.0 */
    if (!str_equal_ignore_case(http_header(request, HTTP_EXPECT), STR("100-continue")))
        return REFUSED_EXPECT;
    framing->expects_continue = request->has_body;
    return 0;
}

/* Who asks for another protocol gets it, or the connection's end: a front that takes any answer for the
 * switch would carry what its client sends next as a tunnel's bytes, and we would read them as requests. */
static void read_connection(struct http_request *request, struct request_framing *framing) {
    framing->keeps_alive = request->minor_version == 1 && request->known[HTTP_UPGRADE] == 0 &&
                           !http_header_has_token(request, HTTP_CONNECTION, STR("close"));
    request->wants_websocket = request->known[HTTP_UPGRADE] != 0 && request->minor_version == 1 &&
                               http_header_has_token(request, HTTP_UPGRADE, STR("websocket")) &&
                               http_header_has_token(request, HTTP_CONNECTION, STR("upgrade"));
}

unsigned request_parse(struct str head, unsigned headers_max, struct arena **arena,
                       struct http_request *request, struct request_framing *framing) {
    *framing = (struct request_framing){0};
    request->wants_websocket = false;
    request->has_body = false;
    request->content_length = 0;
    request->header_count = 0;
    memset(request->known, 0, sizeof request->known);
    size_t line_len = str_find(head, STR("\r\n"));
    if (line_len == STR_NOT_FOUND)
        return REFUSED_BAD;
    unsigned refusal = read_request_line(str_slice(head, 0, line_len), request);
    head = str_from_index(head, line_len + 2);
    while (refusal == 0 && head.len > 2) /* the last two bytes are the empty line */
        refusal = read_field(&head, headers_max, request);
    if (refusal == 0)
        refusal = target_parse(arena, request);
    if (refusal == 0)
        refusal = read_framing(request, framing);
    if (refusal == 0)
        refusal = read_expect(request, framing);
    if (refusal == 0)
        read_connection(request, framing);
    return refusal;
}
