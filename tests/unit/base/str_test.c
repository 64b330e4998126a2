/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "unit/unit.h"

#include <string.h>

static void test_equality(void **state) {
    (void)state;
    assert_true(str_equal(STR("abc"), STR("abc")));
    assert_false(str_equal(STR("abc"), STR("abd")));
    assert_false(str_equal(STR("abc"), STR("ab")));
    assert_true(str_equal(STR_NONE, STR("")));
    assert_true(str_equal(STR("a\0b"), STR("a\0b")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
    assert_true(str_equal_ignore_case(STR("Content-LENGTH"), STR("content-length")));
    assert_false(str_equal_ignore_case(STR("@"), STR("`"))); /* only letters have a case */
    assert_false(str_equal_ignore_case(STR("\xC3\x89"), STR("\xC3\xA9")));
    assert_false(str_equal_ignore_case(STR("ab"), STR("abc")));
    assert_true(str_equal_secret(STR("secret"), STR("secret")));
    assert_false(str_equal_secret(STR("secret"), STR("secreT")));
    assert_false(str_equal_secret(STR("secret"), STR("secre")));
    assert_true(str_equal_secret(STR_NONE, STR("")));
}

static void test_order(void **state) {
    (void)state;
    assert_int_equal(str_compare(STR("a"), STR("a")), 0);
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("a"), STR("aa")) < 0);
    assert_true(str_compare(STR("b"), STR("aa")) > 0);
    assert_true(str_compare(STR("\xFF"), STR("a")) > 0);
    assert_true(str_compare(STR_NONE, STR("a")) < 0);
    assert_int_equal(str_compare(STR_NONE, STR("")), 0);
}

static void test_search(void **state) {
    (void)state;
    assert_true(str_starts_with(STR("Bearer x"), STR("Bearer ")));
    assert_false(str_starts_with(STR("Bear"), STR("Bearer ")));
    assert_true(str_starts_with(STR_NONE, STR_NONE));
    assert_true(str_ends_with(STR("a.json"), STR(".json")));
    assert_false(str_ends_with(STR("json"), STR(".json")));
    assert_int_equal(str_find(STR("hello"), STR("ll")), 2);
    assert_true(str_find(STR("hello"), STR("lll")) == STR_NOT_FOUND);
    assert_int_equal(str_find(STR("x"), STR("")), 0);
    assert_true(str_find(STR_NONE, STR("a")) == STR_NOT_FOUND);
    assert_int_equal(str_find_byte(STR("a.b.c"), '.'), 1);
    assert_true(str_find_byte(STR_NONE, '.') == STR_NOT_FOUND);
}

static void test_slices(void **state) {
    (void)state;
    assert_str(str_slice(STR("hello"), 1, 3), "el");
    assert_str(str_slice(STR("hello"), 3, 99), "lo");
    assert_str(str_slice(STR("hello"), 9, 3), "");
    assert_str(str_from_index(STR("hello"), 5), "");
    assert_str(str_from_index(STR("hello"), SIZE_MAX), "");
    assert_null(str_slice(STR_NONE, 0, 3).at);
    assert_str(str_trim(STR(" \t\r\n a b \n")), "a b");
    assert_str(str_trim(STR("   ")), "");
    assert_null(str_from(NULL).at);
}

static void test_cut(void **state) {
    (void)state;
    struct str rest = STR("a,,b");
    struct str piece;
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "a");
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "");
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "b");
    assert_false(str_cut(&rest, ',', &piece));
    rest = STR("");
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "");
    assert_false(str_cut(&rest, ',', &piece));
    rest = STR("a,");
    assert_true(str_cut(&rest, ',', &piece));
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "");
    assert_false(str_cut(&rest, ',', &piece));
}

static void test_numbers(void **state) {
    (void)state;
    uint64_t u;
    int64_t i;
    assert_int_equal(str_to_uint64(STR("18446744073709551615"), &u), OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(str_to_uint64(STR("18446744073709551616"), &u), TOO_LARGE);
    assert_int_equal(str_to_uint64(STR("99999999999999999999999"), &u), TOO_LARGE);
    assert_int_equal(str_to_uint64(STR("007"), &u), OK);
    assert_int_equal(u, 7);
    static const struct str bad[] = {STR_STATIC(""),   STR_STATIC("-1"),  STR_STATIC("+1"), STR_STATIC(" 1"),
                                     STR_STATIC("1 "), STR_STATIC("0x1"), STR_STATIC("1\0")};
    for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
        assert_int_equal(str_to_uint64(bad[n], &u), INVALID);
    assert_int_equal(str_to_int64(STR("-9223372036854775807"), &i), OK);
    assert_true(i == -INT64_MAX);
    assert_int_equal(str_to_int64(STR("-9223372036854775808"), &i), OK);
    assert_true(i == INT64_MIN);
    assert_int_equal(str_to_int64(STR("-9223372036854775809"), &i), TOO_LARGE);
    assert_int_equal(str_to_int64(STR("9223372036854775808"), &i), TOO_LARGE);
    assert_int_equal(str_to_int64(STR("-"), &i), INVALID);
    assert_int_equal(str_to_int64(STR("--1"), &i), INVALID);
}

/* RFC 3629 section 3 and 10, and the borders of each length. */
static void test_utf8(void **state) {
    (void)state;
    static const struct str good[] = {
        STR_STATIC(""),
        STR_STATIC("plain"),
        STR_STATIC("\x7F"),
        STR_STATIC("\xC2\x80"),
        STR_STATIC("\xDF\xBF"),
        STR_STATIC("\xE0\xA0\x80"),
        STR_STATIC("\xED\x9F\xBF"),
        STR_STATIC("\xEE\x80\x80"),
        STR_STATIC("\xEF\xBF\xBF"),
        STR_STATIC("\xF0\x90\x80\x80"),
        STR_STATIC("\xF4\x8F\xBF\xBF"),
        STR_STATIC("\0"),
    };
    static const struct str bad[] = {
        STR_STATIC("\x80"),
        STR_STATIC("\xBF"),
        STR_STATIC("\xC0\x80"),
        STR_STATIC("\xC1\xBF"),
        STR_STATIC("\xC2"),
        STR_STATIC("\xC2\x41"),
        STR_STATIC("\xE0\x9F\xBF"),
        STR_STATIC("\xED\xA0\x80"),
        STR_STATIC("\xED\xBF\xBF"),
        STR_STATIC("\xE2\x82"),
        STR_STATIC("\xF0\x8F\xBF\xBF"),
        STR_STATIC("\xF4\x90\x80\x80"),
        STR_STATIC("\xF5\x80\x80\x80"),
        STR_STATIC("\xF8\x88\x80\x80\x80"),
        STR_STATIC("\xFF"),
        STR_STATIC("\xFE"),
        STR_STATIC("ok\xF0\x90\x80"),
    };
    for (size_t n = 0; n < sizeof good / sizeof good[0]; n++)
        assert_true(str_is_utf8(good[n]));
    for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
        assert_false(str_is_utf8(bad[n]));
    assert_int_equal(str_utf8_sequence(STR("\xE2\x82\xAC!")), 3);
    assert_int_equal(str_utf8_sequence(STR("\xE2!")), 0);
    assert_int_equal(str_utf8_sequence(STR_NONE), 0);
}

static void test_naughty_strings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_t *list;
    struct str text = read_whole_file(arena, TEST_VECTORS "/text/naughty-strings.json");
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &list, NULL), OK);
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        struct str s = json_str(one);
        assert_true(str_is_utf8(s));
        json_t *again;
        assert_int_equal(json_read(json_write(arena, one), 1, &again, NULL), OK);
        assert_true(str_equal(json_str(again), s));
        json_decref(again);
    }
    assert_true(i > 500);
    json_decref(list);
}

static void test_hash(void **state) {
    (void)state;
    assert_true(str_hash(STR("")) == 0xcbf29ce484222325U); /* FNV-1a's published values */
    assert_true(str_hash(STR("a")) == 0xaf63dc4c8601ec8cU);
    assert_true(str_hash(STR("foobar")) == 0x85944171f73967e8U);
}

static void test_status_names(void **state) {
    (void)state;
    for (int i = OK; i <= FAILED; i++) {
        assert_string_not_equal(status_name((enum status)i), "unknown");
        for (int j = OK; j < i; j++)
            assert_string_not_equal(status_name((enum status)i), status_name((enum status)j));
    }
    assert_string_equal(status_name(NOT_FOUND), "not-found");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equality), cmocka_unit_test(test_order),
        cmocka_unit_test(test_search),   cmocka_unit_test(test_slices),
        cmocka_unit_test(test_cut),      cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_utf8),     cmocka_unit_test(test_naughty_strings),
        cmocka_unit_test(test_hash),     cmocka_unit_test(test_status_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
