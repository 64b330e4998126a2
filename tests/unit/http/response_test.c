/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static void assert_head(const struct http_response *response, enum response_body body, bool closes,
                        const char *expected) {
    struct response_framing framing = {body, closes, DATE};
    assert_int_equal(response_check(response), OK);
    size_t bound = response_head_bound(response);
    char *at = mem_alloc(bound);
    size_t len = response_write_head(at, response, &framing);
    assert_true(len <= bound);
    if (!str_equal(str_of(at, len), str_from(expected)))
        fail_msg("got: %.*s", (int)len, at);
    mem_free(at);
}

static void heads_are_written(void **state) {
    (void)state;
    const struct http_header headers[] = {{STR("Content-Type"), STR("text/plain")}, {STR("X"), STR("")}};
    struct http_response response = {
        .status = 200, .headers = headers, .header_count = 2, .body = STR("hello")};
    assert_head(&response, RESPONSE_LENGTH, false,
                "HTTP/1.1 200 OK\r\nDate: " DATE
                "\r\nContent-Type: text/plain\r\nX: \r\nContent-Length: 5\r\n\r\n");
    assert_head(
        &response, RESPONSE_CHUNKED, true,
        "HTTP/1.1 200 OK\r\nDate: " DATE
        "\r\nContent-Type: text/plain\r\nX: \r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    assert_head(&response, RESPONSE_UNTIL_CLOSE, true,
                "HTTP/1.1 200 OK\r\nDate: " DATE
                "\r\nContent-Type: text/plain\r\nX: \r\nConnection: close\r\n\r\n");
    response = (struct http_response){.status = 404};
    assert_head(&response, RESPONSE_LENGTH, false,
                "HTTP/1.1 404 Not Found\r\nDate: " DATE "\r\nContent-Length: 0\r\n\r\n");
    /* RFC 9110 section 8.6: no Content-Length with 204. */
    response.status = 204;
    assert_head(&response, RESPONSE_LENGTH, false, "HTTP/1.1 204 No Content\r\nDate: " DATE "\r\n\r\n");
}

static enum status check(struct str name, struct str value) {
    struct http_header header = {name, value};
    return response_check(&(struct http_response){.status = 200, .headers = &header, .header_count = 1});
}

static void an_answer_cannot_be_split(void **state) {
    (void)state;
    assert_int_equal(check(STR("Location"), STR("/a?b=c d\te\xE4")), OK);
    assert_int_equal(check(STR("Location"), STR("/a\r\nSet-Cookie: b")), INVALID);
    assert_int_equal(check(STR("Location"), STR("/a\n")), INVALID);
    assert_int_equal(check(STR("Location"), STR("\r")), INVALID);
    assert_int_equal(check(STR("Location"), STR("a\0b")), INVALID);
    assert_int_equal(check(STR("Location"), STR("a\x7f")), INVALID);
    assert_int_equal(check(STR("A:B"), STR("c")), INVALID);
    assert_int_equal(check(STR("A\r\nB"), STR("c")), INVALID);
    assert_int_equal(check(STR("A B"), STR("c")), INVALID);
    assert_int_equal(check(STR(""), STR("c")), INVALID);
    assert_int_equal(check(STR("Content-Length"), STR("5")), INVALID);
    assert_int_equal(check(STR("transfer-encoding"), STR("chunked")), INVALID);
    assert_int_equal(check(STR("connection"), STR("close")), INVALID);
    assert_int_equal(check(STR("DATE"), STR("now")), INVALID);
    assert_int_equal(response_check(&(struct http_response){.status = 199}), INVALID);
    assert_int_equal(response_check(&(struct http_response){.status = 101}), INVALID);
    assert_int_equal(response_check(&(struct http_response){.status = 299}), INVALID);
    assert_int_equal(response_check(&(struct http_response){.status = 99999}), INVALID);
}

static void dates_are_written(void **state) {
    (void)state;
    char date[RESPONSE_DATE_LEN];
    response_write_date(date, 784111777);
    assert_memory_equal(date, DATE, RESPONSE_DATE_LEN);
    response_write_date(date, 1709251199);
    assert_memory_equal(date, "Thu, 29 Feb 2024 23:59:59 GMT", RESPONSE_DATE_LEN);
}

static void numbers_are_written(void **state) {
    (void)state;
    char text[20];
    assert_int_equal(response_write_number(text, 0), 1);
    assert_memory_equal(text, "0", 1);
    assert_int_equal(response_write_number(text, UINT64_MAX), 20);
    assert_memory_equal(text, "18446744073709551615", 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_written),
        cmocka_unit_test(an_answer_cannot_be_split),
        cmocka_unit_test(dates_are_written),
        cmocka_unit_test(numbers_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
