/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(digests_are_those_of_the_standard)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
