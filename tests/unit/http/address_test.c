/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"

#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct http_address address_of(const char *text) {
    struct http_address address;
    assert_true(address_parse_ip(str_from(text), &address));
    return address;
}

static void assert_address(const struct http_address *address, const char *expected, unsigned port) {
    AUTO_ARENA arena = arena_new();
    assert_string_equal(arena_terminated(arena, http_address_text(arena, address)), expected);
    assert_int_equal(address->port, port);
}

static void addresses_are_read_strictly(void **state) {
    (void)state;
    struct http_address address;
    assert_true(address_parse_ip(STR("203.0.113.7"), &address));
    assert_address(&address, "203.0.113.7", 0);
    assert_true(address_parse_ip(STR("2001:DB8::1"), &address));
    assert_address(&address, "2001:db8::1", 0);
    assert_true(address_parse_ip(STR("::ffff:10.0.0.1"), &address));
    assert_address(&address, "10.0.0.1", 0);
    static const struct str wrong[] = {
        STR_STATIC(""),           STR_STATIC("1.2.3"),      STR_STATIC("1.2.3.256"), STR_STATIC("01.2.3.4"),
        STR_STATIC("0x7f.0.0.1"), STR_STATIC("2130706433"), STR_STATIC("1.2.3.4 "),  STR_STATIC("::1%lo"),
        STR_STATIC("[::1]"),      STR_STATIC("1.2.3.4\0"),  STR_STATIC(":::"),       STR_STATIC("g::1")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(address_parse_ip(wrong[i], &address));
}

static void loopback_is_known(void **state) {
    (void)state;
    struct http_address address = {0};
    assert_true(http_address_is_loopback(&address)); /* a unix socket */
    assert_address(&address, "unix", 0);
    address = address_of("127.3.2.1");
    assert_true(http_address_is_loopback(&address));
    address = address_of("::1");
    assert_true(http_address_is_loopback(&address));
    address = address_of("128.0.0.1");
    assert_false(http_address_is_loopback(&address));
    address = address_of("::2");
    assert_false(http_address_is_loopback(&address));
}

static void clients_are_counted_by_network(void **state) {
    (void)state;
    uint8_t a[16];
    uint8_t b[16];
    struct http_address address = address_of("2001:db8:1:2:3:4:5:6");
    address_client_network(&address, a);
    address = address_of("2001:db8:1:2:ffff::");
    address_client_network(&address, b);
    assert_memory_equal(a, b, 16);
    address = address_of("2001:db8:1:3::");
    address_client_network(&address, b);
    assert_memory_not_equal(a, b, 16);
    address = address_of("10.0.0.1");
    address_client_network(&address, a);
    address = address_of("10.0.0.2");
    address_client_network(&address, b);
    assert_memory_not_equal(a, b, 16);
}

static bool contains(const char *list, const char *address) {
    struct networks networks;
    assert_int_equal(networks_parse(str_from(list), &networks), OK);
    struct http_address parsed = address_of(address);
    bool is_inside = networks_contain(&networks, &parsed);
    networks_free(&networks);
    return is_inside;
}

static void networks_are_understood(void **state) {
    (void)state;
    assert_true(contains("10.0.0.0/8", "10.255.0.1"));
    assert_false(contains("10.0.0.0/8", "11.0.0.1"));
    assert_true(contains("10.128.0.0/9", "10.128.0.1"));
    assert_false(contains("10.128.0.0/9", "10.127.0.1"));
    assert_true(contains(" 192.0.2.1 , ::1 ", "::1"));
    assert_false(contains("192.0.2.1", "192.0.2.2"));
    assert_true(contains("0.0.0.0/0", "1.2.3.4"));
    assert_false(contains("0.0.0.0/0", "2001:db8::1"));
    assert_true(contains("::/0", "2001:db8::1"));
    assert_true(contains("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
    struct networks networks;
    struct http_address unix_socket = {0};
    assert_int_equal(networks_parse(STR("unix"), &networks), OK);
    assert_true(networks_contain(&networks, &unix_socket));
    networks_free(&networks);
    assert_int_equal(networks_parse(STR("::/0"), &networks), OK);
    assert_false(networks_contain(&networks, &unix_socket));
    networks_free(&networks);
    assert_int_equal(networks_parse(STR("  "), &networks), OK);
    assert_false(networks_contain(&networks, &unix_socket));
    static const struct str wrong[] = {
        STR_STATIC("10.0.0.1/8"), STR_STATIC("10.0.0.0/33"), STR_STATIC("::/129"), STR_STATIC("10.0.0.0/"),
        STR_STATIC("a"),          STR_STATIC("10.0.0.0/8,"), STR_STATIC("/8")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(networks_parse(wrong[i], &networks), INVALID);
}

/* ---- forwarding ---- */

static struct http_request request;

static void apply(bool by_rfc7239, const char *fields) {
    AUTO_ARENA arena = arena_new();
    struct arena *unused = NULL;
    struct request_framing framing;
    struct str head = arena_print(arena, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", fields);
    assert_int_equal(request_parse(head, HTTP_MAX_HEADERS, &unused, &request, &framing), 0);
    request.peer = address_of("10.0.0.1");
    request.is_secure = false;
    struct networks trusted;
    assert_int_equal(networks_parse(STR("10.0.0.0/8"), &trusted), OK);
    forwarded_apply(&trusted, by_rfc7239, &request);
    networks_free(&trusted);
}

static void x_forwarded_for_is_walked_from_the_right(void **state) {
    (void)state;
    static const struct {
        const char *fields;
        const char *address;
        unsigned port;
    } cases[] = {
        {"", "10.0.0.1", 0},
        {"X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7", 0},
        {"X-Forwarded-For: 203.0.113.7:1234\r\n", "203.0.113.7", 1234},
        {"X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1", 0},
        {"X-Forwarded-For: [2001:db8::1]:99\r\n", "2001:db8::1", 99},
        /* what the client wrote itself stands to the left of what a proxy saw */
        {"X-Forwarded-For: 1.1.1.1, 203.0.113.7\r\n", "203.0.113.7", 0},
        {"X-Forwarded-For: 1.1.1.1, 203.0.113.7, 10.0.0.2\r\n", "203.0.113.7", 0},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7", 0},
        {"X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n", "10.0.0.3", 0},
        {"X-Forwarded-For: 203.0.113.7, unknown\r\n", "10.0.0.1", 0},
        {"X-Forwarded-For: 203.0.113.7, unknown, 10.0.0.9\r\n", "10.0.0.9", 0},
        {"X-Forwarded-For: 203.0.113.7, ::\r\n", "10.0.0.1", 0},
        {"X-Forwarded-For: 203.0.113.7:99999\r\n", "10.0.0.1", 0},
        {"X-Forwarded-For: ,\r\n", "10.0.0.1", 0},
        /* the header that the operator did not name may be the client's own */
        {"Forwarded: for=1.1.1.1\r\n", "10.0.0.1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        apply(false, cases[i].fields);
        assert_address(&request.peer, cases[i].address, cases[i].port);
    }
    apply(false, "X-Forwarded-Proto: https\r\n");
    assert_true(request.is_secure);
    apply(false, "X-Forwarded-Proto: https, http\r\n");
    assert_false(request.is_secure);
}

/* RFC 7239 section 4. */
static void forwarded_is_walked_from_the_right(void **state) {
    (void)state;
    static const struct {
        const char *fields;
        const char *address;
        unsigned port;
        bool is_secure;
    } cases[] = {
        {"Forwarded: for=203.0.113.7\r\n", "203.0.113.7", 0, false},
        {"Forwarded: For=\"203.0.113.7:47\";Proto=HTTPS;by=x\r\n", "203.0.113.7", 47, true},
        {"Forwarded: proto=https ; for=\"[2001:db8:cafe::17]:4711\"\r\n", "2001:db8:cafe::17", 4711, true},
        {"Forwarded: for=1.1.1.1;proto=https, for=203.0.113.7;proto=http\r\n", "203.0.113.7", 0, false},
        {"Forwarded: for=1.1.1.1, for=203.0.113.7;proto=https, for=10.0.0.2;proto=http\r\n", "203.0.113.7", 0,
         true},
        {"Forwarded: for=1.1.1.1\r\nForwarded: for=203.0.113.7\r\n", "203.0.113.7", 0, false},
        {"Forwarded: for=1.1.1.1;secret=\"a,b;c\\\"\", for=203.0.113.7\r\n", "203.0.113.7", 0, false},
        {"Forwarded: for=unknown\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=203.0.113.7, for=_hidden\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=203.0.113.7, by=10.0.0.2\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=203.0.113.7, nonsense\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=203.0.113.7, for=\"1.1.1.1\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=203.0.113.7 x\r\n", "10.0.0.1", 0, false},
        {"Forwarded: for=2001:db8::1\r\n", "10.0.0.1", 0, false},
        {"Forwarded:\r\n", "10.0.0.1", 0, false},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n", "10.0.0.1", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        apply(true, cases[i].fields);
        assert_address(&request.peer, cases[i].address, cases[i].port);
        assert_int_equal(request.is_secure, cases[i].is_secure);
    }
}

/* ---- the PROXY protocol ---- */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static void proxy_headers_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct str bytes;
        enum status status;
        const char *address;
        unsigned port;
        size_t rest;
    } cases[] = {
        {"TCP4", STR_STATIC("PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\nGET"), OK, "203.0.113.7", 56324, 3},
        {"TCP6", STR_STATIC("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), OK, "2001:db8::1", 1, 0},
        {"UNKNOWN", STR_STATIC("PROXY UNKNOWN\r\n"), OK, "10.9.9.9", 0, 0},
        {"UNKNOWN with more", STR_STATIC("PROXY UNKNOWN a b c d\r\nx"), OK, "10.9.9.9", 0, 1},
        {"wrong family", STR_STATIC("PROXY TCP4 2001:db8::1 ::1 1 2\r\n"), INVALID, NULL, 0, 0},
        {"unknown family", STR_STATIC("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"), INVALID, NULL, 0, 0},
        {"lower case", STR_STATIC("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"), INVALID, NULL, 0, 0},
        {"two spaces", STR_STATIC("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"), INVALID, NULL, 0, 0},
        {"port missing", STR_STATIC("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), INVALID, NULL, 0, 0},
        {"port too high", STR_STATIC("PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n"), INVALID, NULL, 0, 0},
        {"port with a zero in front", STR_STATIC("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n"), INVALID, NULL, 0, 0},
        {"more behind", STR_STATIC("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), INVALID, NULL, 0, 0},
        {"nobody", STR_STATIC("PROXY TCP6 :: ::1 1 2\r\n"), INVALID, NULL, 0, 0},
        {"unfinished", STR_STATIC("PROXY TCP4 1.2.3.4"), UNAVAILABLE, NULL, 0, 0},
        {"just begun", STR_STATIC("PRO"), UNAVAILABLE, NULL, 0, 0},
        {"nothing", STR_STATIC(""), UNAVAILABLE, NULL, 0, 0},
        {"no header", STR_STATIC("GET / HTTP/1.1\r\n"), INVALID, NULL, 0, 0},
        {"endless",
         STR_STATIC(
             "PROXY UNKNOWN "
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaa"),
         INVALID, NULL, 0, 0},
        {"2, TCP4", STR_STATIC(SIGNATURE "\x21\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01\xbbGET"), OK,
         "203.0.113.7", 0x1234, 3},
        {"2, TCP4 and TLVs",
         STR_STATIC(SIGNATURE "\x21\x11\0\x0f\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01\xbb\x04\0\0"), OK,
         "203.0.113.7", 0x1234, 0},
        {"2, TCP6",
         STR_STATIC(SIGNATURE
                    "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                    "\0\x01\0\x07\0\x08"),
         OK, "2001:db8::1", 7, 0},
        {"2, LOCAL", STR_STATIC(SIGNATURE "\x20\0\0\0"), OK, "10.9.9.9", 0, 0},
        {"2, LOCAL with addresses",
         STR_STATIC(SIGNATURE "\x20\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01\xbb"), OK, "10.9.9.9", 0,
         0},
        {"2, UNSPEC", STR_STATIC(SIGNATURE "\x21\0\0\0"), OK, "10.9.9.9", 0, 0},
        {"2, UDP4", STR_STATIC(SIGNATURE "\x21\x12\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01\xbb"), INVALID,
         NULL, 0, 0},
        {"2, too short", STR_STATIC(SIGNATURE "\x21\x11\0\x0b\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01"),
         INVALID, NULL, 0, 0},
        {"2, TCP6 too short",
         STR_STATIC(SIGNATURE "\x21\x21\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x34\x01\xbb"), INVALID, NULL, 0,
         0},
        {"2, version 1", STR_STATIC(SIGNATURE "\x11\x11\0\0"), INVALID, NULL, 0, 0},
        {"2, unknown command", STR_STATIC(SIGNATURE "\x22\x11\0\0"), INVALID, NULL, 0, 0},
        {"2, too large", STR_STATIC(SIGNATURE "\x21\x11\xff\xff"), TOO_LARGE, NULL, 0, 0},
        {"2, unfinished", STR_STATIC(SIGNATURE "\x21\x11\0\x0c\xcb"), UNAVAILABLE, NULL, 0, 0},
        {"2, signature unfinished", STR_STATIC("\r\n\r\n"), UNAVAILABLE, NULL, 0, 0},
        {"2, signature broken", STR_STATIC("\r\n\r\n\0\r\nQUIX\n"), INVALID, NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_address address = address_of("10.9.9.9");
        size_t len = 0;
        enum status status = proxy_header_parse(cases[i].bytes, &len, &address);
        if (status != cases[i].status)
            fail_msg("%s: %s", cases[i].name, status_name(status));
        if (status != OK)
            continue;
        assert_address(&address, cases[i].address, cases[i].port);
        assert_int_equal(cases[i].bytes.len - len, cases[i].rest);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_strictly),
        cmocka_unit_test(loopback_is_known),
        cmocka_unit_test(clients_are_counted_by_network),
        cmocka_unit_test(networks_are_understood),
        cmocka_unit_test(x_forwarded_for_is_walked_from_the_right),
        cmocka_unit_test(forwarded_is_walked_from_the_right),
        cmocka_unit_test(proxy_headers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
