/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* FIPS 180-4, the examples of one block, of none, and of two. */
static void digests_are_those_of_the_standard(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_true(str_equal(digest_sha256_hex(arena, STR("abc")),
                          STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    assert_true(str_equal(digest_sha256_hex(arena, STR_NONE),
                          STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
    assert_true(
        str_equal(digest_sha256_hex(arena, STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                  STR("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")));
    assert_int_equal(digest_sha256(arena, STR("abc")).len, DIGEST_SHA256_LEN);
}

/* The reference implementation's vectors for 128 bits: key 00 01 … 0f, texts of none and of one byte. */
static void keyed_hashes_are_those_of_siphash(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct hash_key key;
    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (unsigned char)i;
    struct hash_value none = digest_keyed(&key, STR(""));
    struct hash_value one = digest_keyed(&key, str_of("\0", 1));
    assert_true(
        str_equal(hex_encode(arena, str_of(&none, sizeof none)), STR("a3817f04ba25a8e66df67214c7550293")));
    assert_true(
        str_equal(hex_encode(arena, str_of(&one, sizeof one)), STR("da87c1d86b99af44347659119b22fc45")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(digests_are_those_of_the_standard),
                                       cmocka_unit_test(keyed_hashes_are_those_of_siphash)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
