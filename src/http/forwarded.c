/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"
#include "http/syntax.h"

/* The lists are written left to right, each proxy adding what it saw at the right. We read them in that order
 * and keep what a walk from the right would find: the first address from there that is not a trusted proxy's,
 * or the leftmost where all of them are. */
struct search {
    const struct networks *trusted;
    bool has_found;
    struct http_address found;
    struct str proto;
};

static const struct http_address nobody;

/* `address` is nobody's where it can't be read ("unknown", a hidden name, nonsense): what stands to its left
 * can't be reached. */
static void see(struct search *search, const struct http_address *address, struct str proto) {
    if (address_is_unspecified(address)) {
        search->has_found = false;
        return;
    }
    bool is_trusted = networks_contain(search->trusted, address);
    if (search->has_found && is_trusted)
        return;
    search->has_found = true;
    search->found = *address;
    search->proto = proto;
}

/* node = IPv4 [":" port] / "[" IPv6 "]" [":" port] (RFC 7239 section 6); X-Forwarded-For also has IPv6
 * without brackets. */
static bool read_node(struct str node, struct http_address *address) {
    struct str port;
    if (node.len > 0 && node.at[0] == '[') {
        size_t end = str_find_byte(node, ']');
        if (end == STR_NOT_FOUND || !address_parse_ip6(str_slice(node, 1, end), address))
            return false;
        port = str_from_index(node, end + 1);
    } else {
        size_t colon = str_find_byte(node, ':');
        bool is_ip6 =
            colon != STR_NOT_FOUND && str_find_byte(str_from_index(node, colon + 1), ':') != STR_NOT_FOUND;
        if (is_ip6)
            return address_parse_ip6(node, address);
        if (!address_parse_ip4(str_slice(node, 0, colon == STR_NOT_FOUND ? node.len : colon), address))
            return false;
        port = colon == STR_NOT_FOUND ? STR_NONE : str_from_index(node, colon);
    }
    if (port.len == 0)
        return true;
    uint64_t number;
    if (port.at[0] != ':' || str_to_uint64(str_from_index(port, 1), &number) != OK || number > 65535)
        return false;
    address->port = (uint16_t)number;
    return true;
}

static void read_list(struct search *search, struct str list) {
    struct str piece;
    while (str_cut(&list, ',', &piece)) {
        struct http_address address;
        bool is_readable = read_node(str_trim(piece), &address);
        see(search, is_readable ? &address : &nobody, STR_NONE);
    }
}

/* Takes a token or a quoted string off the front. Escapes inside quotes are not undone: no address or scheme
 * has any. */
static bool take_value(struct str *rest, struct str *value) {
    if (rest->len > 0 && rest->at[0] == '"') {
        size_t end = 1;
        while (end < rest->len && rest->at[end] != '"')
            end += rest->at[end] == '\\' ? 2 : 1;
        if (end >= rest->len)
            return false;
        *value = str_slice(*rest, 1, end);
        *rest = str_from_index(*rest, end + 1);
        return true;
    }
    size_t end = 0;
    while (end < rest->len && syntax_is(rest->at[end], CHAR_TOKEN))
        end++;
    *value = str_slice(*rest, 0, end);
    *rest = str_from_index(*rest, end);
    return end > 0;
}

static struct str skip_space(struct str rest) {
    while (rest.len > 0 && (rest.at[0] == ' ' || rest.at[0] == '\t'))
        rest = str_from_index(rest, 1);
    return rest;
}

/* forwarded-element = [ pair ] *( ";" [ pair ] ), elements separated by commas (RFC 7239 section 4). A list
 * whose syntax breaks is read no further: `see` hears that something unreadable stands at its right end. */
static void read_forwarded(struct search *search, struct str rest) {
    while (true) {
        struct str node = STR_NONE;
        struct str proto = STR_NONE;
        do {
            struct str name;
            struct str value;
            rest = skip_space(rest);
            if (!take_value(&rest, &name) || rest.len == 0 || rest.at[0] != '=') {
                see(search, &nobody, STR_NONE);
                return;
            }
            rest = str_from_index(rest, 1);
            if (!take_value(&rest, &value)) {
                see(search, &nobody, STR_NONE);
                return;
            }
            if (str_equal_ignore_case(name, STR("for")))
                node = value;
            else if (str_equal_ignore_case(name, STR("proto")))
                proto = value;
            rest = skip_space(rest);
        } while (rest.len > 0 && rest.at[0] == ';' && (rest = str_from_index(rest, 1)).len > 0);
        struct http_address address;
        bool is_readable = read_node(node, &address) && (rest.len == 0 || rest.at[0] == ',');
        see(search, is_readable ? &address : &nobody, proto);
        if (rest.len == 0 || rest.at[0] != ',')
            return;
        rest = str_from_index(rest, 1);
    }
}

static void apply_proto(struct str proto, struct http_request *request) {
    if (str_equal_ignore_case(proto, STR("https")))
        request->is_secure = true;
    else if (str_equal_ignore_case(proto, STR("http")))
        request->is_secure = false;
}

void forwarded_apply(const struct networks *trusted, bool by_rfc7239, struct http_request *request) {
    enum http_header_name name = by_rfc7239 ? HTTP_FORWARDED : HTTP_X_FORWARDED_FOR;
    struct search search = {.trusted = trusted};
    for (size_t i = 0; request->known[name] != 0 && i < request->header_count; i++) {
        if (header_name_find(request->headers[i].name) != name)
            continue;
        if (by_rfc7239)
            read_forwarded(&search, request->headers[i].value);
        else
            read_list(&search, request->headers[i].value);
    }
    if (search.has_found)
        request->peer = search.found;
    if (by_rfc7239) {
        if (search.has_found)
            apply_proto(search.proto, request);
        return;
    }
    struct str protos = http_header(request, HTTP_X_FORWARDED_PROTO);
    struct str last = STR_NONE;
    while (str_cut(&protos, ',', &last))
        ;
    apply_proto(str_trim(last), request);
}
