/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MAX = 1000 };

/* Decodes `bytes` in pieces of `step`; UNAVAILABLE where more would be needed. `*left` is what stands behind
 * the body. */
static enum status decode(bool is_chunked, uint64_t length, struct str bytes, size_t step,
                          struct buffer *body, size_t *left) {
    struct body_decoder decoder;
    body_decoder_begin(&decoder, is_chunked, length, MAX);
    buffer_clear(body);
    while (!body_decoder_is_done(&decoder)) {
        if (bytes.len == 0)
            return UNAVAILABLE;
        struct str piece = str_slice(bytes, 0, step);
        size_t given = piece.len;
        struct str data;
        do {
            enum status status = body_decode(&decoder, &piece, &data);
            if (status != OK)
                assert_false(body_decoder_is_done(&decoder)); /* or what follows would be read as a request */
            TRY(status);
            buffer_append(body, data);
        } while (data.len > 0);
        bytes = str_from_index(bytes, given - piece.len);
    }
    *left = bytes.len;
    return OK;
}

struct chunked_case {
    const char *name;
    struct str bytes;
    enum status status;
    const char *body;
    size_t left;
};

/* RFC 9112 section 7.1. Each case at once, and cut into pieces of every small size. */
static void chunks_are_read_to_the_letter(void **state) {
    (void)state;
    static const struct chunked_case cases[] = {
        {"one", STR_STATIC("5\r\nhello\r\n0\r\n\r\n"), OK, "hello", 0},
        {"two", STR_STATIC("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\nGET"), OK, "hello!", 3},
        {"none", STR_STATIC("0\r\n\r\n"), OK, "", 0},
        {"many zeros", STR_STATIC("000\r\n\r\n"), OK, "", 0},
        {"upper-case hexadecimal", STR_STATIC("A\r\n0123456789\r\n0\r\n\r\n"), OK, "0123456789", 0},
        {"lower-case hexadecimal", STR_STATIC("a\r\n0123456789\r\n0\r\n\r\n"), OK, "0123456789", 0},
        {"extension", STR_STATIC("5;a=b\r\nhello\r\n0;c=\"d e\"\r\n\r\n"), OK, "hello", 0},
        {"trailer", STR_STATIC("0\r\nA: b\r\nC:\r\n\r\nx"), OK, "", 1},
        {"CR LF in data", STR_STATIC("4\r\n\r\n\r\n\r\n0\r\n\r\n"), OK, "\r\n\r\n", 0},
        {"space before the size", STR_STATIC(" 5\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"space behind the size", STR_STATIC("5 \r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"space before the semicolon", STR_STATIC("5 ;a\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"0x", STR_STATIC("0x5\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"plus", STR_STATIC("+5\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"minus", STR_STATIC("-5\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"no size", STR_STATIC("\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"only an extension", STR_STATIC(";a\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"not hexadecimal", STR_STATIC("g\r\n"), INVALID, NULL, 0},
        {"underscore", STR_STATIC("1_0\r\n"), INVALID, NULL, 0},
        {"17 digits", STR_STATIC("00000000000000005\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"largest size", STR_STATIC("ffffffffffffffff\r\n"), TOO_LARGE, NULL, 0},
        {"size over the limit", STR_STATIC("3e9\r\n"), TOO_LARGE, NULL, 0},
        {"bare LF behind the size", STR_STATIC("5\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"bare CR behind the size", STR_STATIC("5\rhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"bare LF in an extension", STR_STATIC("5;a\nb\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"bare CR in an extension", STR_STATIC("5;a\rb\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"NUL in an extension", STR_STATIC("5;\0\r\nhello\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"data too long", STR_STATIC("5\r\nhello!\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"data too short", STR_STATIC("5\r\nhell\r\n0\r\n\r\n"), INVALID, NULL, 0},
        {"bare LF behind data", STR_STATIC("5\r\nhello\n0\r\n\r\n"), INVALID, NULL, 0},
        {"bare CR behind data", STR_STATIC("5\r\nhello\rX0\r\n\r\n"), INVALID, NULL, 0},
        {"bare LF at the end", STR_STATIC("0\r\n\n"), INVALID, NULL, 0},
        {"bare CR at the end", STR_STATIC("0\r\n\rGET"), INVALID, NULL, 0},
        {"bare CR at the end of a trailer", STR_STATIC("0\r\na: b\r\rGET"), INVALID, NULL, 0},
        {"trailer without a colon", STR_STATIC("0\r\nabc\r\n\r\n"), INVALID, NULL, 0},
        {"trailer with a space before the colon", STR_STATIC("0\r\na : b\r\n\r\n"), INVALID, NULL, 0},
        {"trailer without a name", STR_STATIC("0\r\n: b\r\n\r\n"), INVALID, NULL, 0},
        {"trailer folded", STR_STATIC("0\r\na: b\r\n c\r\n\r\n"), INVALID, NULL, 0},
        {"trailer with a NUL", STR_STATIC("0\r\na: \0\r\n\r\n"), INVALID, NULL, 0},
        {"trailer with a bare LF", STR_STATIC("0\r\na: b\n\r\n"), INVALID, NULL, 0},
        {"unfinished", STR_STATIC("5\r\nhello\r\n0\r\n"), UNAVAILABLE, NULL, 0},
    };
    AUTO_BUFFER body = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t step = 1; step <= 8; step++) {
            size_t left = 0;
            size_t size = step == 8 ? SIZE_MAX : step;
            enum status status = decode(true, 0, cases[i].bytes, size, &body, &left);
            if (status != cases[i].status)
                fail_msg("%s: %s", cases[i].name, status_name(status));
            if (status != OK)
                continue;
            assert_true(str_equal(buffer_text(&body), str_from(cases[i].body)));
            assert_int_equal(left, cases[i].left);
        }
    }
}

static void lengths_are_kept(void **state) {
    (void)state;
    AUTO_BUFFER body = BUFFER_EMPTY;
    size_t left = 0;
    for (size_t step = 1; step <= 8; step++) {
        assert_int_equal(decode(false, 5, STR("helloGET"), step, &body, &left), OK);
        assert_true(str_equal(buffer_text(&body), STR("hello")));
        assert_int_equal(left, 3);
    }
    assert_int_equal(decode(false, 0, STR("GET"), 8, &body, &left), OK);
    assert_int_equal(left, 3);
    assert_int_equal(decode(false, 5, STR("hell"), 8, &body, &left), UNAVAILABLE);
    assert_int_equal(decode(false, MAX + 1, STR("x"), 8, &body, &left), TOO_LARGE);
    assert_int_equal(decode(false, UINT64_MAX, STR("x"), 8, &body, &left), TOO_LARGE);
}

static void chunks_together_are_bounded(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    AUTO_BUFFER body = BUFFER_EMPTY;
    size_t left = 0;
    for (int i = 0; i < MAX; i++)
        buffer_append(&bytes, STR("1\r\nx\r\n"));
    size_t full = bytes.len;
    buffer_append(&bytes, STR("0\r\n\r\n"));
    assert_int_equal(decode(true, 0, buffer_text(&bytes), SIZE_MAX, &body, &left), OK);
    assert_int_equal(body.len, MAX);
    bytes.len = full;
    buffer_append(&bytes, STR("1\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(decode(true, 0, buffer_text(&bytes), SIZE_MAX, &body, &left), TOO_LARGE);
}

/* CVE-2023-39326 and its like: bytes that are no data, without end. */
static void extensions_and_trailers_are_bounded(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    AUTO_BUFFER body = BUFFER_EMPTY;
    size_t left = 0;
    for (int i = 0; i <= BODY_EXTENSIONS_MAX / 8; i++)
        buffer_append(&bytes, STR("1;abcdefgh\r\nx\r\n"));
    assert_int_equal(decode(true, 0, buffer_text(&bytes), SIZE_MAX, &body, &left), INVALID);
    buffer_clear(&bytes);
    buffer_append(&bytes, STR("0\r\n"));
    for (int i = 0; i <= BODY_TRAILERS_MAX / 4; i++)
        buffer_append(&bytes, STR("a: b\r\n"));
    buffer_append(&bytes, STR("\r\n"));
    assert_int_equal(decode(true, 0, buffer_text(&bytes), SIZE_MAX, &body, &left), INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_read_to_the_letter),
        cmocka_unit_test(lengths_are_kept),
        cmocka_unit_test(chunks_together_are_bounded),
        cmocka_unit_test(extensions_and_trailers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
