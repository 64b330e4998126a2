/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const uint8_t ip4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static void set_ip4(struct http_address *address, const void *four_bytes) {
    memcpy(address->ip, ip4_prefix, sizeof ip4_prefix);
    memcpy(address->ip + 12, four_bytes, 4);
}

/* inet_pton wants a terminated text; longer than any address can be is none. */
static bool parse(int family, struct str text, void *bytes) {
    char terminated[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof terminated)
        return false;
    memcpy(terminated, text.at, text.len);
    terminated[text.len] = '\0';
    return strlen(terminated) == text.len && inet_pton(family, terminated, bytes) == 1;
}

bool address_parse_ip4(struct str text, struct http_address *address) {
    uint8_t bytes[4];
    *address = (struct http_address){0};
    if (!parse(AF_INET, text, bytes))
        return false;
    set_ip4(address, bytes);
    return true;
}

bool address_parse_ip6(struct str text, struct http_address *address) {
    *address = (struct http_address){0};
    return parse(AF_INET6, text, address->ip);
}

bool address_parse_ip(struct str text, struct http_address *address) {
    return address_parse_ip4(text, address) || address_parse_ip6(text, address);
}

bool address_is_ip4(const struct http_address *address) {
    return memcmp(address->ip, ip4_prefix, sizeof ip4_prefix) == 0;
}

void address_from_socket(const struct sockaddr_storage *socket_address, struct http_address *address) {
    *address = (struct http_address){0};
    if (socket_address->ss_family == AF_INET) {
        struct sockaddr_in ip4;
        memcpy(&ip4, socket_address, sizeof ip4);
        set_ip4(address, &ip4.sin_addr);
        address->port = ntohs(ip4.sin_port);
    } else if (socket_address->ss_family == AF_INET6) {
        struct sockaddr_in6 ip6;
        memcpy(&ip6, socket_address, sizeof ip6);
        memcpy(address->ip, &ip6.sin6_addr, sizeof address->ip);
        address->port = ntohs(ip6.sin6_port);
    }
}

bool address_is_unspecified(const struct http_address *address) {
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, sizeof zero) == 0;
}

void address_client_network(const struct http_address *address, uint8_t key[16]) {
    memcpy(key, address->ip, 16);
    if (!address_is_ip4(address))
        memset(key + 8, 0, 8);
}

bool http_address_is_loopback(const struct http_address *address) {
    static const uint8_t loopback6[16] = {[15] = 1};
    return address_is_unspecified(address) || memcmp(address->ip, loopback6, sizeof loopback6) == 0 ||
           (address_is_ip4(address) && address->ip[12] == 127);
}

struct str http_address_text(struct arena *arena, const struct http_address *address) {
    char text[INET6_ADDRSTRLEN];
    if (address_is_unspecified(address))
        return STR("unix");
    const char *written = address_is_ip4(address) ? inet_ntop(AF_INET, address->ip + 12, text, sizeof text)
                                                  : inet_ntop(AF_INET6, address->ip, text, sizeof text);
    return arena_copy(arena, str_from(written));
}

/* ---- networks ---- */

static bool has_bits_behind(const struct network *network) {
    for (unsigned bit = network->bits; bit < 128; bit++) {
        if ((network->ip[bit / 8] & (0x80U >> (bit % 8))) != 0)
            return true;
    }
    return false;
}

static enum status parse_network(struct str text, struct network *network) {
    size_t slash = str_find_byte(text, '/');
    struct http_address address;
    if (!address_parse_ip(str_slice(text, 0, slash == STR_NOT_FOUND ? text.len : slash), &address))
        return INVALID;
    unsigned offset = address_is_ip4(&address) ? 96 : 0;
    uint64_t bits = 128 - offset;
    if (slash != STR_NOT_FOUND)
        TRY(str_to_uint64(str_from_index(text, slash + 1), &bits));
    if (bits > 128 - offset)
        return INVALID;
    memcpy(network->ip, address.ip, sizeof network->ip);
    network->bits = (uint8_t)(bits + offset);
    return has_bits_behind(network) ? INVALID : OK;
}

enum status networks_parse(struct str text, struct networks *networks) {
    *networks = (struct networks){0};
    struct str rest = str_trim(text);
    if (rest.len == 0)
        return OK;
    struct str piece;
    while (str_cut(&rest, ',', &piece)) {
        piece = str_trim(piece);
        if (str_equal(piece, STR("unix"))) {
            networks->has_unix = true;
            continue;
        }
        networks->at = mem_resize(networks->at, (networks->count + 1) * sizeof *networks->at);
        if (parse_network(piece, &networks->at[networks->count]) != OK) {
            networks_free(networks);
            return INVALID;
        }
        networks->count++;
    }
    return OK;
}

static bool is_inside(const struct network *network, const uint8_t ip[16]) {
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->ip, ip, whole) != 0)
        return false;
    return rest == 0 || ((network->ip[whole] ^ ip[whole]) & (0xFF00U >> rest) & 0xFFU) == 0;
}

bool networks_contain(const struct networks *networks, const struct http_address *address) {
    if (address_is_unspecified(address))
        return networks->has_unix;
    for (size_t i = 0; i < networks->count; i++) {
        if (is_inside(&networks->at[i], address->ip))
            return true;
    }
    return false;
}

void networks_free(struct networks *networks) {
    mem_free(networks->at);
    *networks = (struct networks){0};
}
