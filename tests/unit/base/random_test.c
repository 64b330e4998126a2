/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness, ids and the clock. */
#include "base/random.h"

#include "base/clock.h"
#include "base/encode.h"
#include "unit/unit.h"

#include <string.h>

static void test_bytes_differ(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    unsigned char first[32] = {0};
    unsigned char second[32] = {0};
    random_bytes(first, sizeof first);
    random_bytes(second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
    struct str secret = random_secret(arena, STR("sk_"));
    assert_int_equal(secret.len, 3 + 43);
    struct str bytes;
    assert_int_equal(base64url_decode(arena, str_from_index(secret, 3), &bytes), OK);
    assert_int_equal(bytes.len, 32);
    assert_false(str_equal(secret, random_secret(arena, STR("sk_"))));
}

static void test_below(void **state) {
    (void)state;
    unsigned seen[7] = {0};
    for (int i = 0; i < 7000; i++) {
        uint64_t value = random_below(7);
        assert_true(value < 7);
        seen[value]++;
    }
    for (int i = 0; i < 7; i++)
        assert_true(seen[i] > 700 && seen[i] < 1300); /* ten standard deviations */
    assert_int_equal(random_below(1), 0);
    assert_true(random_below(UINT64_MAX) < UINT64_MAX);
}

static void test_ids(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    clock_hold_ms(1700000000123);
    struct str id = id_new(arena, STR("conv"));
    assert_int_equal(id.len, 5 + 32);
    assert_true(str_starts_with(id, STR("conv_018bcfe5687b"))); /* the milliseconds, RFC 9562 section 5.7 */
    assert_int_equal(id.at[5 + 12], '7');
    assert_non_null(memchr("89ab", id.at[5 + 16], 4));
    assert_false(str_equal(id, id_new(arena, STR("conv"))));
    clock_hold_ms(1700000000124);
    assert_true(str_compare(id, id_new(arena, STR("conv"))) < 0);
    /* Also within a millisecond, more of them than it has room for, and where the clock stumbles. */
    for (int i = 0; i < 10000; i++) {
        struct str next = id_new(arena, STR("conv"));
        assert_true(i == 0 || str_compare(id, next) < 0);
        assert_int_equal(next.at[5 + 12], '7');
        id = next;
        clock_hold_ms(i % 2 == 0 ? 1700000000123 : 1700000000124);
    }
    clock_hold_ms(1600000000000); /* set back for good: followed */
    assert_true(str_compare(id_new(arena, STR("conv")), id) < 0);
    clock_hold_ms(-1);
}

static void test_clock(void **state) {
    (void)state;
    clock_hold_ms(1999);
    assert_int_equal(clock_now_ms(), 1999);
    assert_int_equal(clock_now_s(), 1);
    clock_hold_ms(-1);
    assert_true(clock_now_ms() > 1700000000000);
    int64_t before = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_differ),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
