/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "base/buffer.h"
#include "http/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct http_request request;
static struct request_framing framing;
static struct arena *arena;

static int free_arena(void **state) {
    (void)state;
    arena_free(arena);
    arena = NULL;
    return 0;
}

/* Scans and parses a whole head; what the scan refuses counts as 400. */
static unsigned parse(struct str head) {
    size_t scanned = 0;
    size_t len = 0;
    enum head_scan scan = request_scan(head, &scanned, &len);
    if (scan == HEAD_BROKEN)
        return 400;
    assert_int_equal(scan, HEAD_COMPLETE);
    assert_int_equal(len, head.len);
    return request_parse(head, HTTP_MAX_HEADERS, &arena, &request, &framing);
}

static void assert_str(struct str got, const char *expected) {
    if (!str_equal(got, str_from(expected)))
        fail_msg("got \"%.*s\", expected \"%s\"", STR_ARG(got), expected);
}

struct refusal {
    const char *name;
    struct str head;
    unsigned status; /* 0: accepted */
};

#define H      "Host: a.example\r\n"
#define END    "\r\n"
#define GET(t) STR_STATIC("GET " t " HTTP/1.1\r\n" H END)

static void run(const struct refusal *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned status = parse(cases[i].head);
        if (status != cases[i].status)
            fail_msg("%s: got %u, expected %u", cases[i].name, status, cases[i].status);
    }
}

/* RFC 9112 section 3. */
static void request_lines_are_exact(void **state) {
    (void)state;
    static const struct refusal cases[] = {
        {"plain", GET("/"), 0},
        {"1.0", STR_STATIC("GET / HTTP/1.0\r\n" H END), 0},
        {"two spaces before the target", STR_STATIC("GET  / HTTP/1.1\r\n" H END), 400},
        {"two spaces behind the target", STR_STATIC("GET /  HTTP/1.1\r\n" H END), 400},
        {"space at the end", STR_STATIC("GET / HTTP/1.1 \r\n" H END), 400},
        {"space at the start", STR_STATIC(" GET / HTTP/1.1\r\n" H END), 400},
        {"tab for a space", STR_STATIC("GET\t/ HTTP/1.1\r\n" H END), 400},
        {"no version", STR_STATIC("GET /\r\n" H END), 400},
        {"no target", STR_STATIC("GET HTTP/1.1\r\n" H END), 400},
        {"only a method", STR_STATIC("GET\r\n" H END), 400},
        {"empty line first", STR_STATIC("\r\nGET / HTTP/1.1\r\n" H END), 400},
        {"lower-case version", STR_STATIC("GET / http/1.1\r\n" H END), 400},
        {"version with a sign", STR_STATIC("GET / HTTP/+1.1\r\n" H END), 400},
        {"version with two digits", STR_STATIC("GET / HTTP/1.10\r\n" H END), 400},
        {"version without a dot", STR_STATIC("GET / HTTP/11\r\n" H END), 400},
        {"1.2", STR_STATIC("GET / HTTP/1.2\r\n" H END), 505},
        {"2.0", STR_STATIC("GET / HTTP/2.0\r\n" H END), 505},
        {"0.9", STR_STATIC("GET / HTTP/0.9\r\n" H END), 505},
        {"HTTP/2 preface", STR_STATIC("PRI * HTTP/2.0\r\n\r\n"), 505},
        {"unknown method", STR_STATIC("BREW / HTTP/1.1\r\n" H END), 501},
        {"lower-case method", STR_STATIC("Get / HTTP/1.1\r\n" H END), 501},
        {"method with a colon", STR_STATIC("GE:T / HTTP/1.1\r\n" H END), 400},
        {"method with a NUL", STR_STATIC("GE\0T / HTTP/1.1\r\n" H END), 400},
        {"CONNECT", STR_STATIC("CONNECT a.example:443 HTTP/1.1\r\n" H END), 501},
        {"TRACE", STR_STATIC("TRACE / HTTP/1.1\r\n" H END), 405},
        {"HEAD", STR_STATIC("HEAD / HTTP/1.1\r\n" H END), 0},
        {"POST", STR_STATIC("POST / HTTP/1.1\r\n" H END), 0},
        {"PUT", STR_STATIC("PUT / HTTP/1.1\r\n" H END), 0},
        {"PATCH", STR_STATIC("PATCH / HTTP/1.1\r\n" H END), 0},
        {"DELETE", STR_STATIC("DELETE / HTTP/1.1\r\n" H END), 0},
        {"OPTIONS", STR_STATIC("OPTIONS / HTTP/1.1\r\n" H END), 0},
        {"bare CR behind the line", STR_STATIC("GET / HTTP/1.1\rX: y\r\n" H END), 400},
        {"bare LF behind the line", STR_STATIC("GET / HTTP/1.1\n" H END), 400},
    };
    run(cases, sizeof cases / sizeof *cases);
    assert_int_equal(parse(STR("GET / HTTP/1.0\r\n" H END)), 0);
    assert_int_equal(request.minor_version, 0);
}

/* RFC 9112 section 3.2, RFC 3986. */
static void targets_have_one_reading(void **state) {
    (void)state;
    static const struct refusal cases[] = {
        {"path", GET("/a/b.c"), 0},
        {"dots in names", GET("/a..b/.well-known/..."), 0},
        {"dot segment", GET("/a/./b"), 400},
        {"dot segment at the end", GET("/a/."), 400},
        {"two dots", GET("/a/../b"), 400},
        {"two dots at the end", GET("/.."), 400},
        {"encoded dots", GET("/a/%2e%2E/b"), 400},
        {"half encoded dots", GET("/.%2e"), 400},
        {"dots in the query", GET("/a?b=/../c"), 0},
        {"encoded slash", GET("/a%2Fb"), 400},
        {"encoded slash, lower case", GET("/a%2fb"), 400},
        {"encoded backslash", GET("/a%5cb"), 400},
        {"backslash", GET("/a\\b"), 400},
        {"encoded NUL", GET("/a%00"), 400},
        {"encoded CR LF", GET("/a%0d%0ab"), 400},
        {"encoded DEL", GET("/a%7f"), 400},
        {"broken encoding", GET("/a%2"), 400},
        {"broken encoding, not hexadecimal", GET("/a%zz"), 400},
        {"percent alone", GET("/%"), 400},
        {"encoded, not UTF-8", GET("/a%ff"), 400},
        {"encoded overlong slash", GET("/a%c0%af"), 400},
        {"encoded UTF-8", GET("/%E2%82%AC"), 0},
        {"encoded twice is decoded once", GET("/a%252e"), 0},
        {"raw UTF-8", GET("/\xE2\x82\xAC"), 400},
        {"fragment", GET("/a#b"), 400},
        {"quote", GET("/a\"b"), 400},
        {"angle bracket", GET("/<a>"), 400},
        {"fragment in the query", GET("/a?b#c"), 400},
        {"braces in the query", GET("/a?b={c|d}[]^`\\"), 0},
        {"two slashes first", GET("//evil.example/"), 400},
        {"two slashes later", GET("/a//b"), 0},
        {"no slash first", GET("a/b"), 400},
        {"query without a path", GET("?a=b"), 400},
        {"NUL in the path", STR_STATIC("GET /a\0b HTTP/1.1\r\n" H END), 400},
        {"DEL in the path", GET("/a\x7f"), 400},
        {"absolute, own host", GET("http://a.example/x"), 0},
        {"absolute, own host in another case", GET("HTTP://A.Example/x"), 0},
        {"absolute, https", GET("https://a.example/x?y"), 0},
        {"absolute, no path", GET("http://a.example"), 0},
        {"absolute, query without a path", GET("http://a.example?x"), 400},
        {"absolute, other host", GET("http://b.example/x"), 400},
        {"absolute, other port", GET("http://a.example:81/x"), 400},
        {"absolute, user", GET("http://u@a.example/x"), 400},
        {"absolute, other scheme", GET("ftp://a.example/x"), 400},
        {"absolute, dot segments", GET("http://a.example/../x"), 400},
        {"absolute, two slashes", GET("http://a.example//x"), 400},
        {"asterisk for GET", GET("*"), 400},
        {"asterisk for OPTIONS", STR_STATIC("OPTIONS * HTTP/1.1\r\n" H END), 0},
        {"asterisk and more", STR_STATIC("OPTIONS *x HTTP/1.1\r\n" H END), 400},
        {"authority for GET", GET("a.example:80"), 400},
    };
    run(cases, sizeof cases / sizeof *cases);

    assert_int_equal(parse((struct str)GET("/a%20b/%E2%82%AC%252e?c=d%20e&?")), 0);
    assert_str(request.target, "/a%20b/%E2%82%AC%252e?c=d%20e&?");
    assert_str(request.path, "/a b/\xE2\x82\xAC%2e");
    assert_str(request.query, "c=d%20e&?");
    assert_int_equal(parse((struct str)GET("/a")), 0);
    assert_null(request.query.at);
    assert_int_equal(parse((struct str)GET("/a?")), 0);
    assert_non_null(request.query.at);
    assert_int_equal(request.query.len, 0);
    assert_int_equal(parse((struct str)GET("http://a.example")), 0);
    assert_str(request.path, "/");
    assert_int_equal(parse((struct str)GET("http://a.example/x?y")), 0);
    assert_str(request.path, "/x");
    assert_str(request.query, "y");
    assert_int_equal(parse(STR("OPTIONS http://a.example HTTP/1.1\r\n" H END)), 0);
    assert_str(request.path, "*");
}

#define HOST(h) STR_STATIC("GET / HTTP/1.1\r\nHost:" h "\r\n\r\n")

/* RFC 9110 section 7.2, RFC 9112 section 3.2. */
static void there_is_one_valid_host(void **state) {
    (void)state;
    static const struct refusal cases[] = {
        {"name", HOST("a.example"), 0},
        {"name and port", HOST(" a.example:8080 "), 0},
        {"underscore", HOST("a_b.example"), 0},
        {"IPv4", HOST("127.0.0.1:80"), 0},
        {"IPv6", HOST("[::1]:80"), 0},
        {"IPv6 without port", HOST("[2001:db8::1]"), 0},
        {"none", STR_STATIC("GET / HTTP/1.1\r\n\r\n"), 400},
        {"none in 1.0", STR_STATIC("GET / HTTP/1.0\r\n\r\n"), 400},
        {"empty", HOST(""), 400},
        {"two", STR_STATIC("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400},
        {"two that are equal", STR_STATIC("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400},
        {"two in one", HOST("a, b"), 400},
        {"space inside", HOST("a b"), 400},
        {"user", HOST("u@a"), 400},
        {"path", HOST("a/b"), 400},
        {"percent", HOST("a%41"), 400},
        {"only a port", HOST(":80"), 400},
        {"port without digits", HOST("a:"), 400},
        {"port with a letter", HOST("a:8x"), 400},
        {"port too high", HOST("a:65536"), 400},
        {"port too long", HOST("a:000080"), 400},
        {"IPv6 without brackets", HOST("::1"), 400},
        {"IPv6 unfinished", HOST("[::1"), 400},
        {"IPv6 with a zone", HOST("[fe80::1%eth0]"), 400},
        {"IPv6 and letters behind", HOST("[::1]a"), 400},
        {"brackets with a name", HOST("[a]"), 400},
        {"raw UTF-8", HOST("\xC3\xA4"), 400},
    };
    run(cases, sizeof cases / sizeof *cases);
    assert_int_equal(parse((struct str)HOST(" A.example:8080\t ")), 0);
    assert_str(request.host, "A.example:8080");
}

#define FIELD(f) STR_STATIC("GET / HTTP/1.1\r\n" H f "\r\n\r\n")

/* RFC 9112 section 5, RFC 9110 section 5.5. */
static void fields_are_plain(void **state) {
    (void)state;
    static const struct refusal cases[] = {
        {"empty value", FIELD("A:"), 0},
        {"tab inside", FIELD("A: b\tc"), 0},
        {"obs-text", FIELD("A: \xE4"), 0},
        {"every tchar", FIELD("!#$%&'*+-.^_`|~09azAZ: x"), 0},
        {"space before the colon", FIELD("A : b"), 400},
        {"tab before the colon", FIELD("A\t: b"), 400},
        {"no colon", FIELD("A b"), 400},
        {"no name", FIELD(": b"), 400},
        {"folded", FIELD("A: b\r\n c"), 400},
        {"folded with a tab", FIELD("A: b\r\n\tc"), 400},
        {"first line folded", STR_STATIC("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400},
        {"name with a space", FIELD("A B: c"), 400},
        {"name with a parenthesis", FIELD("A(: c"), 400},
        {"name with a byte over 127", FIELD("\xC3\xA4: c"), 400},
        {"NUL in a value", FIELD("A: b\0c"), 400},
        {"NUL in a name", FIELD("A\0: b"), 400},
        {"NUL late in a long value", FIELD("A: bbbbbbbbbbbbbbbbbbbb\0c"), 400},
        {"DEL in a value", FIELD("A: b\x7f"), 400},
        {"DEL early in a long value",
         FIELD("A: \x7f"
               "bbbbbbbbbbbbbbbbb"),
         400},
        {"escape in a value", FIELD("A: \x1b[0m"), 400},
        {"vertical tab", FIELD("A: b\vc"), 400},
        {"bare CR in a value", FIELD("A: b\rc"), 400},
        {"bare CR at the end of a value", FIELD("A: b\r"), 400},
        {"bare LF in a value", FIELD("A: b\nc: d"), 400},
        {"bare LF ends the head", STR_STATIC("GET / HTTP/1.1\r\n" H "\n"), 400},
        {"two Authorization", FIELD("Authorization: Bearer a\r\nauthorization: Bearer b"), 400},
        {"two Content-Type", FIELD("Content-Type: a/b\r\nContent-Type: c/d"), 400},
        {"two Origin", FIELD("Origin: https://a\r\nOrigin: https://b"), 400},
        {"two Accept", FIELD("Accept: a/b\r\nAccept: c/d"), 0},
        {"two that nobody knows", FIELD("X: a\r\nX: b"), 0},
    };
    run(cases, sizeof cases / sizeof *cases);

    assert_int_equal(parse((struct str)FIELD("X-Own:  a b \t\r\nORIGIN:https://a\r\nAccept: x\r\nAccept: y")),
                     0);
    assert_int_equal(request.header_count, 5);
    assert_str(http_header_get(&request, STR("x-own")), "a b");
    assert_str(http_header(&request, HTTP_ORIGIN), "https://a");
    assert_str(http_header(&request, HTTP_ACCEPT), "x");
    assert_true(http_header_has_token(&request, HTTP_ACCEPT, STR("Y")));
    assert_false(http_header_has_token(&request, HTTP_ACCEPT, STR("z")));
    assert_null(http_header(&request, HTTP_COOKIE).at);
    assert_null(http_header_get(&request, STR("x-ow")).at);
}

static void heads_have_at_most_so_many_fields(void **state) {
    (void)state;
    AUTO_BUFFER head = BUFFER_EMPTY;
    buffer_append(&head, STR("GET / HTTP/1.1\r\n" H));
    for (int i = 1; i < HTTP_MAX_HEADERS; i++)
        buffer_append(&head, STR("A: b\r\n"));
    buffer_append(&head, STR("\r\n"));
    assert_int_equal(parse(buffer_text(&head)), 0);
    assert_int_equal(request.header_count, HTTP_MAX_HEADERS);
    assert_int_equal(request_parse(buffer_text(&head), 99, &arena, &request, &framing), 431);
    head.len -= 2;
    buffer_append(&head, STR("A: b\r\n\r\n"));
    assert_int_equal(parse(buffer_text(&head)), 431);
}

#define POST(f) STR_STATIC("POST / HTTP/1.1\r\n" H f "\r\n\r\n")

/* RFC 9112 section 6. */
static void there_is_one_way_to_find_the_end_of_a_body(void **state) {
    (void)state;
    static const struct refusal cases[] = {
        {"length", POST("Content-Length: 5"), 0},
        {"length 0", POST("Content-Length: 0"), 0},
        {"largest length", POST("Content-Length: 18446744073709551615"), 0},
        {"length over 64 bits", POST("Content-Length: 18446744073709551616"), 400},
        {"length with a plus", POST("Content-Length: +5"), 400},
        {"length with a minus", POST("Content-Length: -5"), 400},
        {"length in hexadecimal", POST("Content-Length: 0x5"), 400},
        {"length with a letter", POST("Content-Length: 5a"), 400},
        {"length with a space inside", POST("Content-Length: 5 5"), 400},
        {"length with a comma", POST("Content-Length: 5, 5"), 400},
        {"empty length", POST("Content-Length:"), 400},
        {"two lengths", POST("Content-Length: 5\r\nContent-Length: 6"), 400},
        {"two equal lengths", POST("Content-Length: 5\r\nContent-Length: 5"), 400},
        {"chunked", POST("Transfer-Encoding: chunked"), 0},
        {"chunked in another case", POST("Transfer-Encoding: Chunked"), 0},
        {"chunked and a length", POST("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400},
        {"a length and chunked", POST("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400},
        {"chunked in 1.0", STR_STATIC("POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n"), 400},
        {"chunked twice", POST("Transfer-Encoding: chunked, chunked"), 501},
        {"chunked in two headers", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        {"chunked in two different headers", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"), 400},
        {"gzip", POST("Transfer-Encoding: gzip"), 501},
        {"gzip, chunked", POST("Transfer-Encoding: gzip, chunked"), 501},
        {"identity", POST("Transfer-Encoding: identity"), 501},
        {"xchunked", POST("Transfer-Encoding: xchunked"), 501},
        {"quoted", POST("Transfer-Encoding: \"chunked\""), 501},
        {"with a parameter", POST("Transfer-Encoding: chunked;q=1"), 501},
        {"empty", POST("Transfer-Encoding:"), 501},
        {"vertical tab before", POST("Transfer-Encoding: \vchunked"), 400},
        {"space before the colon", POST("Transfer-Encoding : chunked"), 400},
        {"100-continue", POST("Content-Length: 5\r\nExpect: 100-continue"), 0},
        {"100-continue in another case", POST("Content-Length: 5\r\nExpect: 100-Continue"), 0},
        {"another expectation", POST("Content-Length: 5\r\nExpect: 200-ok"), 417},
        {"another expectation in 1.0", STR_STATIC("POST / HTTP/1.0\r\n" H "Expect: x\r\n\r\n"), 0},
    };
    run(cases, sizeof cases / sizeof *cases);

    assert_int_equal(parse((struct str)POST("Content-Length: 0005")), 0);
    assert_int_equal(request.content_length, 5);
    assert_true(request.has_body);
    assert_false(framing.is_chunked);
    assert_false(framing.expects_continue);
    assert_int_equal(parse((struct str)POST("Transfer-Encoding: chunked\r\nExpect: 100-continue")), 0);
    assert_true(request.has_body && framing.is_chunked && framing.expects_continue);
    assert_int_equal(parse((struct str)GET("/")), 0);
    assert_false(request.has_body || framing.is_chunked || framing.expects_continue);
    assert_int_equal(parse((struct str)FIELD("Expect: 100-continue")), 0);
    assert_false(framing.expects_continue);
}

/* RFC 9112 section 9.3, RFC 6455 section 4.2.1. */
static void connections_are_kept_or_upgraded(void **state) {
    (void)state;
    assert_int_equal(parse((struct str)GET("/")), 0);
    assert_true(framing.keeps_alive);
    assert_int_equal(parse((struct str)FIELD("Connection: x, Close")), 0);
    assert_false(framing.keeps_alive);
    assert_int_equal(parse((struct str)FIELD("Connection: x\r\nConnection: close")), 0);
    assert_false(framing.keeps_alive);
    assert_int_equal(parse((struct str)FIELD("Connection: closed")), 0);
    assert_true(framing.keeps_alive);
    assert_int_equal(parse(STR("GET / HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n")), 0);
    assert_false(framing.keeps_alive);

    assert_int_equal(parse((struct str)FIELD("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket")), 0);
    assert_true(request.wants_websocket);
    assert_int_equal(parse((struct str)FIELD("Upgrade: websocket")), 0);
    assert_false(request.wants_websocket);
    assert_int_equal(parse((struct str)FIELD("Connection: upgrade")), 0);
    assert_false(request.wants_websocket);
    assert_int_equal(parse((struct str)FIELD("Connection: Upgrade\r\nUpgrade: h2c")), 0);
    assert_false(request.wants_websocket);
    assert_int_equal(parse(STR("GET / HTTP/1.0\r\n" H "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")),
                     0);
    assert_false(request.wants_websocket);
}

static void heads_are_found_however_they_are_cut(void **state) {
    (void)state;
    struct str bytes = STR("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n");
    size_t end = bytes.len - 4;
    for (size_t first = 0; first <= end; first++) {
        size_t scanned = 0;
        size_t len = 0;
        enum head_scan scan = request_scan(str_slice(bytes, 0, first), &scanned, &len);
        assert_int_equal(scan, first == end ? HEAD_COMPLETE : HEAD_INCOMPLETE);
        if (scan == HEAD_INCOMPLETE)
            assert_int_equal(request_scan(bytes, &scanned, &len), HEAD_COMPLETE);
        assert_int_equal(len, end);
    }
    size_t scanned = 0;
    size_t len = 0;
    assert_int_equal(request_scan(STR("\x16\x03\x01\x02\x00"), &scanned, &len), HEAD_BROKEN); /* TLS */
    assert_int_equal(request_scan(STR("get / HTTP/1.1"), &scanned, &len), HEAD_BROKEN);
    assert_int_equal(request_scan(STR("G\n"), &scanned, &len), HEAD_BROKEN);
    assert_int_equal(request_scan(STR("GET / HTTP/1.1\nHost"), &scanned, &len), HEAD_BROKEN);
}

static void every_known_header_is_found_by_its_name(void **state) {
    (void)state;
    assert_int_equal(header_name_find(STR("hosts")), HTTP_KNOWN_HEADERS);
    assert_int_equal(header_name_find(STR("")), HTTP_KNOWN_HEADERS);
    assert_string_equal(http_method_name(HTTP_OPTIONS), "OPTIONS");
}

static void field_values_are_checked_at_every_place(void **state) {
    (void)state;
    char text[40];
    for (size_t len = 0; len <= sizeof text; len++) {
        memset(text, 'a', sizeof text);
        assert_true(syntax_is_field_value(str_of(text, len)));
        for (size_t i = 0; i < len; i++) {
            for (int c = 0; c < 256; c++) {
                text[i] = (char)c;
                bool expected = c == '\t' || (c >= 0x20 && c != 0x7F);
                if (syntax_is_field_value(str_of(text, len)) != expected)
                    fail_msg("byte %d at %zu of %zu", c, i, len);
            }
            text[i] = 'a';
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(request_lines_are_exact, free_arena),
        cmocka_unit_test_teardown(targets_have_one_reading, free_arena),
        cmocka_unit_test_teardown(there_is_one_valid_host, free_arena),
        cmocka_unit_test_teardown(fields_are_plain, free_arena),
        cmocka_unit_test_teardown(heads_have_at_most_so_many_fields, free_arena),
        cmocka_unit_test_teardown(there_is_one_way_to_find_the_end_of_a_body, free_arena),
        cmocka_unit_test_teardown(connections_are_kept_or_upgraded, free_arena),
        cmocka_unit_test(heads_are_found_however_they_are_cut),
        cmocka_unit_test(every_known_header_is_found_by_its_name),
        cmocka_unit_test(field_values_are_checked_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
