/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request goes: the four forms of RFC 9112 section 3.2, and the path in the one spelling that routes
 * compare with. */
#include "http/address.h"
#include "http/request.h"
#include "http/syntax.h"

#include <string.h>

enum { REFUSED = 400 };

static bool port_is_valid(struct str port) {
    uint64_t number;
    return port.len >= 1 && port.len <= 5 && str_to_uint64(port, &number) == OK && number <= 65535;
}

bool target_host_is_valid(struct str host) {
    if (host.len == 0)
        return false;
    if (host.at[0] == '[') {
        size_t end = str_find_byte(host, ']');
        struct http_address address;
        if (end == STR_NOT_FOUND || !address_parse_ip6(str_slice(host, 1, end), &address))
            return false;
        struct str behind = str_from_index(host, end + 1);
        return behind.len == 0 || (behind.at[0] == ':' && port_is_valid(str_from_index(behind, 1)));
    }
    size_t colon = str_find_byte(host, ':');
    if (colon != STR_NOT_FOUND && !port_is_valid(str_from_index(host, colon + 1)))
        return false;
    struct str name = str_slice(host, 0, colon == STR_NOT_FOUND ? host.len : colon);
    return name.len >= 1 && name.len <= 255 && syntax_all(name, CHAR_HOST);
}

/* An encoded slash or backslash would be a different path to whatever stands in front of us; a control
 * character has no place. */
static enum status decode_path(struct arena **arena, struct str raw, struct str *path) {
    if (*arena == NULL) {
        *arena = arena_new();
        arena_wipe_on_free(*arena); /* it is the exchange's: what its handler reads comes there, too */
    }
    TRY(http_percent_decode(*arena, raw, false, path));
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] != '%')
            continue;
        int byte = syntax_hex_digit(raw.at[i + 1]) * 16 +
                   syntax_hex_digit(raw.at[i + 2]); /* decoding checked them */
        if (byte == '/' || byte == '\\' || byte < 0x20 || byte == 0x7F)
            return INVALID;
    }
    return OK;
}

static bool has_dot_segment(struct str path) {
    if (str_find(path, STR("/.")) == STR_NOT_FOUND)
        return false;
    struct str segment;
    while (str_cut(&path, '/', &segment)) {
        if (str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return true;
    }
    return false;
}

/* absolute-path [ "?" query ]. Two slashes at the start would be an authority to whoever resolves it. */
static unsigned read_origin_form(struct arena **arena, struct str target, struct http_request *request) {
    size_t mark = str_find_byte(target, '?');
    struct str path = str_slice(target, 0, mark == STR_NOT_FOUND ? target.len : mark);
    request->query = mark == STR_NOT_FOUND ? STR_NONE : str_from_index(target, mark + 1);
    if (path.len == 0 || path.at[0] != '/' || (path.len > 1 && path.at[1] == '/'))
        return REFUSED;
    bool has_percent = false;
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '%')
            has_percent = true;
        else if (!syntax_is(path.at[i], CHAR_PATH))
            return REFUSED;
    }
    if (!syntax_all(request->query, CHAR_QUERY))
        return REFUSED;
    request->path = path;
    if (has_percent && decode_path(arena, path, &request->path) != OK)
        return REFUSED;
    return has_dot_segment(request->path) ? REFUSED : 0;
}

/* scheme "://" authority [ path ] [ "?" query ], and only for the host that the Host header names (RFC 9112
 * section 3.2.2). */
static unsigned read_absolute_form(struct arena **arena, struct http_request *request) {
    struct str target = request->target;
    size_t scheme_len = str_find(target, STR("://"));
    if (scheme_len == STR_NOT_FOUND)
        return REFUSED;
    struct str scheme = str_slice(target, 0, scheme_len);
    if (!str_equal_ignore_case(scheme, STR("http")) && !str_equal_ignore_case(scheme, STR("https")))
        return REFUSED;
    struct str rest = str_from_index(target, scheme_len + 3);
    size_t authority_len = 0;
    while (authority_len < rest.len && rest.at[authority_len] != '/' && rest.at[authority_len] != '?')
        authority_len++;
    if (!str_equal_ignore_case(str_slice(rest, 0, authority_len), request->host))
        return REFUSED;
    rest = str_from_index(rest, authority_len);
    if (rest.len > 0 && rest.at[0] == '/')
        return read_origin_form(arena, rest, request);
    if (rest.len > 0) /* "http://host?query": a client that means "/" must say so */
        return REFUSED;
    request->path = request->method == HTTP_OPTIONS ? STR("*") : STR("/");
    request->query = STR_NONE;
    return 0;
}

unsigned target_parse(struct arena **arena, struct http_request *request) {
    request->host = http_header(request, HTTP_HOST);
    request->path = STR_NONE;
    request->query = STR_NONE;
    /* RFC 9112 section 3.2: 400 for a 1.1 request without Host. In 1.0, too, we need to know which site is
     * meant. */
    if (!target_host_is_valid(request->host))
        return REFUSED;
    if (request->target.at[0] == '/')
        return read_origin_form(arena, request->target, request);
    if (str_equal(request->target, STR("*"))) {
        request->path = request->target;
        return request->method == HTTP_OPTIONS ? 0 : REFUSED;
    }
    return read_absolute_form(arena, request);
}
