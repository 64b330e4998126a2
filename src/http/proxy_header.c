/* SPDX-License-Identifier: Apache-2.0 */
/* The PROXY protocol as HAProxy's doc/proxy-protocol.txt has it. Only who the client is matters here. */
#include "http/address.h"

#include <string.h>

static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";
enum { V1_MAX = 107, V2_HEAD = 16 };

static bool read_port(struct str text, uint16_t *port) {
    uint64_t number;
    bool leads_with_zero = text.len > 1 && text.at[0] == '0';
    if (text.len > 5 || leads_with_zero || str_to_uint64(text, &number) != OK || number > 65535)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* Section 2.1: "PROXY TCP4 source destination source-port destination-port CRLF". */
static enum status read_v1(struct str bytes, size_t *len, struct http_address *address) {
    struct str start = str_slice(bytes, 0, V1_MAX);
    size_t end = str_find(start, STR("\r\n"));
    if (end == STR_NOT_FOUND)
        return bytes.len >= V1_MAX ? INVALID : UNAVAILABLE;
    *len = end + 2;
    struct str line = str_slice(start, 6, end);
    struct str family;
    struct str source;
    struct str destination;
    struct str source_port;
    if (!str_cut(&line, ' ', &family))
        return INVALID;
    if (str_equal(family, STR("UNKNOWN")))
        return OK;
    if (!str_cut(&line, ' ', &source) || !str_cut(&line, ' ', &destination) ||
        !str_cut(&line, ' ', &source_port))
        return INVALID;
    struct http_address from;
    struct http_address to;
    bool is_ip4 = str_equal(family, STR("TCP4"));
    if (!is_ip4 && !str_equal(family, STR("TCP6")))
        return INVALID;
    if (is_ip4 ? !address_parse_ip4(source, &from) || !address_parse_ip4(destination, &to)
               : !address_parse_ip6(source, &from) || !address_parse_ip6(destination, &to))
        return INVALID;
    if (!read_port(source_port, &from.port) || !read_port(line, &to.port))
        return INVALID;
    if (address_is_unspecified(&from))
        return INVALID;
    *address = from;
    return OK;
}

/* Section 2.2: signature, version and command, family and protocol, length, addresses, TLVs (skipped). */
static enum status read_v2(struct str bytes, size_t *len, struct http_address *address) {
    if (bytes.len < V2_HEAD)
        return UNAVAILABLE;
    const uint8_t *head = (const uint8_t *)bytes.at;
    unsigned version = head[12] >> 4;
    unsigned command = head[12] & 0x0FU;
    size_t rest = (size_t)head[14] << 8 | head[15];
    if (version != 2 || command > 1)
        return INVALID;
    if (V2_HEAD + rest > PROXY_HEADER_MAX)
        return TOO_LARGE;
    if (bytes.len < V2_HEAD + rest)
        return UNAVAILABLE;
    *len = V2_HEAD + rest;
    const uint8_t *addresses = head + V2_HEAD;
    if (command == 0 || head[13] == 0x00) /* LOCAL, or UNSPEC: the proxy itself */
        return OK;
    if (head[13] == 0x11) {
        if (rest < 12)
            return INVALID;
        static const uint8_t ip4_prefix[12] = {[10] = 0xFF, [11] = 0xFF};
        memcpy(address->ip, ip4_prefix, sizeof ip4_prefix);
        memcpy(address->ip + 12, addresses, 4);
        address->port = (uint16_t)(addresses[8] << 8 | addresses[9]);
        return OK;
    }
    if (head[13] == 0x21) {
        if (rest < 36)
            return INVALID;
        memcpy(address->ip, addresses, 16);
        address->port = (uint16_t)(addresses[32] << 8 | addresses[33]);
        return address_is_unspecified(address) ? INVALID : OK;
    }
    return INVALID; /* datagrams and unix sockets: nobody reaches HTTP over them */
}

enum status proxy_header_parse(struct str bytes, size_t *len, struct http_address *address) {
    size_t common = bytes.len < sizeof signature ? bytes.len : sizeof signature;
    if (common > 0 && memcmp(bytes.at, signature, common) == 0)
        return bytes.len < sizeof signature ? UNAVAILABLE : read_v2(bytes, len, address);
    struct str word = STR("PROXY ");
    if (bytes.len < word.len)
        return bytes.len == 0 || memcmp(bytes.at, word.at, bytes.len) == 0 ? UNAVAILABLE : INVALID;
    return str_starts_with(bytes, word) ? read_v1(bytes, len, address) : INVALID;
}
