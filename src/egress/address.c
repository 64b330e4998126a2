/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum verdict { PUBLIC, PRIVATE, NEVER };

/* The IANA special-purpose registries (RFC 6890 and successors), the most specific first. */
static const struct {
    uint32_t network;
    unsigned bits;
    enum verdict verdict;
} networks_v4[] = {
    {0xA9FE0000, 16, NEVER},   /* link-local: where clouds keep metadata and containers' credentials */
    {0xA83F8110, 32, NEVER},   /* 168.63.129.16: a cloud's wire server, at an address that looks public */
    {0x646464C8, 32, NEVER},   /* 100.100.100.200: cloud metadata inside the shared space */
    {0xC00000C0, 32, NEVER},   /* 192.0.0.192: cloud metadata */
    {0x00000000, 8, NEVER},    /* "this network": 0.0.0.0 reaches the machine itself */
    {0x0A000000, 8, PRIVATE},  /* RFC 1918 */
    {0x64400000, 10, PRIVATE}, /* shared by carriers, RFC 6598 */
    {0x7F000000, 8, PRIVATE},  /* loopback */
    {0xAC100000, 12, PRIVATE}, /* RFC 1918 */
    {0xC0000000, 24, PRIVATE}, /* IETF protocol assignments */
    {0xC0000200, 24, PRIVATE}, /* documentation, RFC 5737 */
    {0xC0586300, 24, PRIVATE}, /* 6to4 relays, RFC 7526 */
    {0xC0A80000, 16, PRIVATE}, /* RFC 1918 */
    {0xC6120000, 15, PRIVATE}, /* benchmarks, RFC 2544 */
    {0xC6336400, 24, PRIVATE}, /* documentation */
    {0xCB007100, 24, PRIVATE}, /* documentation */
    {0xE0000000, 4, NEVER},    /* multicast */
    {0xF0000000, 4, NEVER},    /* reserved, and broadcast */
};

static enum verdict judge_v4(uint32_t address) {
    for (size_t i = 0; i < sizeof networks_v4 / sizeof networks_v4[0]; i++) {
        uint32_t mask = ~(uint32_t)0 << (32U - networks_v4[i].bits);
        if ((address & mask) == networks_v4[i].network)
            return networks_v4[i].verdict;
    }
    return PUBLIC;
}

/* `holds_v4` tells at which byte an IPv4 address stands that decides; 0: none. */
static const struct {
    unsigned char network[16];
    unsigned bits;
    enum verdict verdict;
    unsigned holds_v4;
} networks_v6[] = {
    /* What clouds have put into unique-local networks: metadata, credentials. */
    {{0xFD, 0x00, 0x0E, 0xC2}, 32, NEVER, 0},                            /* fd00:ec2::254, fd00:ec2::23 */
    {{0xFD, 0x20, 0x00, 0xCE}, 32, NEVER, 0},                            /* fd20:ce::254 */
    {{0xFD, 0x00, 0x00, 0xC1}, 32, NEVER, 0},                            /* fd00:c1::a9fe:a9fe */
    {{0xFD, 0x00, 0x00, 0x42}, 32, NEVER, 0},                            /* fd00:42::42 */
    {{0}, 128, NEVER, 0},                                                /* :: */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, PRIVATE, 0}, /* ::1 */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96, NEVER, 12},         /* IPv4-mapped */
    {{0}, 96, NEVER, 12},                                                /* IPv4-compatible */
    {{0, 0x64, 0xFF, 0x9B}, 96, NEVER, 12},                              /* NAT64, RFC 6052 */
    {{0, 0x64, 0xFF, 0x9B, 0, 1}, 48, PRIVATE, 0},                       /* local NAT64, RFC 8215 */
    {{0x20, 0x01, 0, 0}, 32, NEVER, 0},                                  /* Teredo: hides an IPv4 one */
    {{0x20, 0x01, 0}, 23, PRIVATE, 0},                                   /* IETF protocol assignments */
    {{0x20, 0x01, 0x0D, 0xB8}, 32, PRIVATE, 0},                          /* documentation */
    {{0x20, 0x02}, 16, NEVER, 2},                                        /* 6to4, RFC 3056 */
    {{0x3F, 0xFF}, 20, PRIVATE, 0},                                      /* documentation, RFC 9637 */
    {{0x20}, 3, PUBLIC, 0},                                              /* global unicast */
    {{0xFC}, 7, PRIVATE, 0},                                             /* unique local, RFC 4193 */
    {{0xFE, 0x80}, 10, NEVER, 0},                                        /* link-local */
    {{0xFE, 0xC0}, 10, PRIVATE, 0},                                      /* site-local, RFC 3879 */
};

static bool shares_prefix(const unsigned char *address, const unsigned char *network, unsigned bits) {
    unsigned bytes = bits / 8;
    if (memcmp(address, network, bytes) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((unsigned)(address[bytes] ^ network[bytes]) >> (8 - rest)) == 0;
}

static enum verdict judge_v6(const unsigned char *address) {
    for (size_t i = 0; i < sizeof networks_v6 / sizeof networks_v6[0]; i++) {
        if (!shares_prefix(address, networks_v6[i].network, networks_v6[i].bits))
            continue;
        if (networks_v6[i].holds_v4 == 0)
            return networks_v6[i].verdict;
        const unsigned char *v4 = address + networks_v6[i].holds_v4;
        return judge_v4((uint32_t)v4[0] << 24U | (uint32_t)v4[1] << 16U | (uint32_t)v4[2] << 8U | v4[3]);
    }
    return NEVER; /* all that IANA has given to nobody, and multicast */
}

bool address_is_allowed(const struct sockaddr *address, socklen_t len, bool is_private_allowed) {
    enum verdict verdict = NEVER;
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        verdict = judge_v4(ntohl(v4.sin_addr.s_addr));
    } else if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        verdict = judge_v6(v6.sin6_addr.s6_addr);
    }
    return verdict == PUBLIC || (verdict == PRIVATE && is_private_allowed);
}
