/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

#include "unit/unit.h"

/* RFC 4648 section 10. */
static const struct {
    const char *bytes;
    const char *base64;
    const char *base64url;
    const char *hex;
} rfc_examples[] = {
    {"", "", "", ""},
    {"f", "Zg==", "Zg", "66"},
    {"fo", "Zm8=", "Zm8", "666f"},
    {"foo", "Zm9v", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
    {"\xFB\xEF\xFF", "++//", "--__", "fbefff"},
};

static void test_rfc_examples(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof rfc_examples / sizeof rfc_examples[0]; i++) {
        struct str bytes = str_from(rfc_examples[i].bytes);
        struct str back;
        assert_str(base64_encode(arena, bytes), rfc_examples[i].base64);
        assert_str(base64url_encode(arena, bytes), rfc_examples[i].base64url);
        assert_str(hex_encode(arena, bytes), rfc_examples[i].hex);
        assert_int_equal(base64_decode(arena, str_from(rfc_examples[i].base64), &back), OK);
        assert_str(back, rfc_examples[i].bytes);
        assert_int_equal(base64url_decode(arena, str_from(rfc_examples[i].base64url), &back), OK);
        assert_str(back, rfc_examples[i].bytes);
        assert_int_equal(hex_decode(arena, str_from(rfc_examples[i].hex), &back), OK);
        assert_str(back, rfc_examples[i].bytes);
    }
}

static void test_every_byte_comes_back(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    unsigned char bytes[259];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct str given = str_of(bytes, len);
        struct str back;
        assert_int_equal(base64url_decode(arena, base64url_encode(arena, given), &back), OK);
        assert_true(str_equal(given, back));
        assert_int_equal(base64_decode(arena, base64_encode(arena, given), &back), OK);
        assert_true(str_equal(given, back));
        assert_int_equal(hex_decode(arena, hex_encode(arena, given), &back), OK);
        assert_true(str_equal(given, back));
    }
}

static void test_what_is_refused(void **state) {
    (void)state;
    static const struct str bad_base64url[] = {
        STR_STATIC("Z"),    STR_STATIC("Zg=="),   STR_STATIC("Zm8="),  STR_STATIC("Zh"),
        STR_STATIC("Zm9"),  STR_STATIC("Zm9v\n"), STR_STATIC(" Zm9v"), STR_STATIC("Zm9vZ"),
        STR_STATIC("++//"), STR_STATIC("Zm\0v"),  STR_STATIC("Zm9v."), STR_STATIC("Zm9\xC3\xA9"),
        STR_STATIC("===="), STR_STATIC("_w_w=")};
    static const struct str bad_base64[] = {
        STR_STATIC("Z"),    STR_STATIC("Zg"),       STR_STATIC("Zg="),    STR_STATIC("Zg==="),
        STR_STATIC("Zh=="), STR_STATIC("Zm9="),     STR_STATIC("Zm=v"),   STR_STATIC("===="),
        STR_STATIC("="),    STR_STATIC("--__"),     STR_STATIC("Zm9v\n"), STR_STATIC("Zg==Zg=="),
        STR_STATIC("A==="), STR_STATIC("Zm9v Zm9v")};
    static const struct str bad_hex[] = {STR_STATIC("0"),   STR_STATIC("0g"),   STR_STATIC("0x"),
                                         STR_STATIC(" 00"), STR_STATIC("00\n"), STR_STATIC("\xC3\xA9")};
    AUTO_ARENA arena = arena_new();
    struct str bytes;
    for (size_t i = 0; i < sizeof bad_base64url / sizeof bad_base64url[0]; i++)
        assert_int_equal(base64url_decode(arena, bad_base64url[i], &bytes), INVALID);
    for (size_t i = 0; i < sizeof bad_base64 / sizeof bad_base64[0]; i++)
        assert_int_equal(base64_decode(arena, bad_base64[i], &bytes), INVALID);
    for (size_t i = 0; i < sizeof bad_hex / sizeof bad_hex[0]; i++)
        assert_int_equal(hex_decode(arena, bad_hex[i], &bytes), INVALID);
}

/* One value, one spelling: of all two-digit texts exactly the 256 canonical ones are read. */
static void test_one_spelling(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    unsigned accepted = 0;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            char text[2] = {(char)first, (char)second};
            struct str bytes;
            if (base64url_decode(arena, str_of(text, 2), &bytes) != OK)
                continue;
            accepted++;
            assert_true(str_equal(base64url_encode(arena, bytes), str_of(text, 2)));
        }
        arena_reset(arena);
    }
    assert_int_equal(accepted, 256);
}

/* Each place of a group, and of what is behind the last whole one, takes its 64 digits and no other byte. */
static void test_foreign_digits(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t place = 0; place < 9; place++) {
        unsigned accepted = 0;
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[11] = "AAAAAAAAAAA";
            struct str bytes;
            text[place] = (char)byte;
            accepted += base64url_decode(arena, str_of(text, sizeof text), &bytes) == OK ? 1 : 0;
        }
        assert_int_equal(accepted, 64);
        arena_reset(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_examples),    cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_one_spelling),
        cmocka_unit_test(test_foreign_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
