/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"
#include "http/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static void assert_query(struct str query, struct str name, enum status status, const char *expected) {
    struct str value = STR_NONE;
    assert_int_equal(http_query_get(arena, query, name, &value), status);
    if (status == OK)
        assert_true(str_equal(value, str_from(expected)));
}

static void queries_are_read(void **state) {
    (void)state;
    assert_query(STR("a=b&c=d+e%20f"), STR("c"), OK, "d e f");
    assert_query(STR("a=b&c=d"), STR("a"), OK, "b");
    assert_query(STR("a=b=c"), STR("a"), OK, "b=c");
    assert_query(STR("a&b"), STR("a"), OK, "");
    assert_query(STR("a="), STR("a"), OK, "");
    assert_query(STR("%61=b"), STR("a"), OK, "b");
    assert_query(STR("a=%E2%82%AC"), STR("a"), OK, "\xE2\x82\xAC");
    assert_query(STR("ab=c"), STR("a"), NOT_FOUND, NULL);
    assert_query(STR_NONE, STR("a"), NOT_FOUND, NULL);
    assert_query(STR("&&&"), STR("a"), NOT_FOUND, NULL);
    assert_query(STR("a=1&a=2"), STR("a"), INVALID, NULL);
    assert_query(STR("a=1&%61=1"), STR("a"), INVALID, NULL);
    assert_query(STR("a=%"), STR("a"), INVALID, NULL);
    assert_query(STR("a=%4"), STR("a"), INVALID, NULL);
    assert_query(STR("a=%4g"), STR("a"), INVALID, NULL);
    assert_query(STR("a=%00"), STR("a"), INVALID, NULL);
    assert_query(STR("a=%ff"), STR("a"), INVALID, NULL);
    assert_query(STR("%zz=1&a=b"), STR("a"), INVALID, NULL);
}

static void text_is_encoded_and_decoded(void **state) {
    (void)state;
    assert_true(str_equal(percent_encode(arena, STR("a b/\xE2\x82\xAC~-._")), STR("a%20b%2F%E2%82%AC~-._")));
    struct str decoded;
    assert_int_equal(http_percent_decode(arena, STR("a+b%2B"), false, &decoded), OK);
    assert_true(str_equal(decoded, STR("a+b+")));
    assert_int_equal(http_percent_decode(arena, STR("a+b%2B"), true, &decoded), OK);
    assert_true(str_equal(decoded, STR("a b+")));
    assert_int_equal(http_percent_decode(arena, STR("%"), false, &decoded), INVALID);
    assert_int_equal(http_percent_decode(arena, STR("%2"), false, &decoded), INVALID);
    assert_int_equal(http_percent_decode(arena, STR("%41"), false, &decoded), OK);
    assert_int_equal(http_percent_decode(arena, STR_NONE, false, &decoded), OK);
    assert_int_equal(decoded.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queries_are_read, begin, end),
        cmocka_unit_test_setup_teardown(text_is_encoded_and_decoded, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
