/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset/life.h"

#include "unit/unit.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static void test_defaults(void **state) {
    (void)state;
    struct keyset_options options = life_defaults(&(struct keyset_options){0});
    assert_int_equal(options.life_ms, 15 * MINUTE);
    assert_int_equal(options.stale_ms, 24 * HOUR);
    assert_int_equal(options.unknown_kid_ms, 10 * SECOND);
    assert_int_equal(options.timeout_ms, 5 * SECOND);
    assert_false(options.is_private_allowed);
    options =
        life_defaults(&(struct keyset_options){.life_ms = 7, .max_sets = 3, .is_private_allowed = true});
    assert_int_equal(options.life_ms, 7);
    assert_int_equal(options.max_sets, 3);
    assert_true(options.is_private_allowed);
}

static void test_life(void **state) {
    (void)state;
    static const struct {
        const char *cache_control;
        int64_t life_ms;
    } maps[] = {
        {NULL, 15 * MINUTE},
        {"", 15 * MINUTE},
        {"public, max-age=21600, must-revalidate, no-transform", 6 * HOUR},
        {"max-age=60", 5 * MINUTE},
        {"max-age=0", 5 * MINUTE},
        {"max-age=999999999999999999999999", 24 * HOUR},
        {"max-age=9223372036854775807", 24 * HOUR},
        {"MAX-AGE=\"3600\"", HOUR},
        {"max-age", 15 * MINUTE},
        {"max-age=", 15 * MINUTE},
        {"max-age=-1", 15 * MINUTE},
        {"max-age=1e9", 15 * MINUTE},
        {"s-maxage=3600", 15 * MINUTE},
        {"max-age=3600, no-store", 5 * MINUTE},
        {"no-cache", 5 * MINUTE},
        {"x-max-age=1,,=,\"max-age=3600\"", 15 * MINUTE},
    };
    struct keyset_options options = life_defaults(&(struct keyset_options){0});
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        struct str cache_control = str_from(maps[i].cache_control);
        if (life_of(&options, true, cache_control) != maps[i].life_ms)
            fail_msg("%s", maps[i].cache_control);
    }
}

static void test_life_of_a_jwk_set(void **state) {
    (void)state;
    static const struct {
        const char *cache_control;
        int64_t life_ms;
    } sets[] = {
        {NULL, 15 * MINUTE},
        {"max-age=300", 5 * MINUTE},
        {"public, Max-Age=\"120\", immutable", 2 * MINUTE},
        {"max-age=5", MINUTE},
        {"max-age=21600", 15 * MINUTE}, /* a key that is pulled is out after a quarter of an hour */
        {"max-age=99999999999999999999", 15 * MINUTE},
        {"max-age=0", 15 * MINUTE}, /* kept all the same: else no outage could be outlived */
        {"no-cache, no-store, must-revalidate", 15 * MINUTE},
        {"max-age=abc, max-age=60", MINUTE},
        {"s-maxage=60", 15 * MINUTE},
    };
    struct keyset_options options = life_defaults(&(struct keyset_options){0});
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (life_of(&options, false, str_from(sets[i].cache_control)) != sets[i].life_ms)
            fail_msg("%s", sets[i].cache_control);
    }
    options = life_defaults(&(struct keyset_options){.life_ms = 250});
    assert_int_equal(life_of(&options, false, STR("max-age=1")), 250);
}

static void test_refresh(void **state) {
    (void)state;
    for (unsigned chance = 0; chance < 1000; chance += 111) {
        int64_t at = life_until_refresh(15 * MINUTE, chance);
        assert_true(at >= 15 * MINUTE * 75 / 100 && at <= 15 * MINUTE * 85 / 100);
    }
    assert_int_equal(life_until_refresh(1000, 500), 800);
}

static void test_retry(void **state) {
    (void)state;
    struct keyset_options options = life_defaults(&(struct keyset_options){0});
    assert_int_equal(life_until_retry(&options, 1, 0), 10 * SECOND);
    assert_int_equal(life_until_retry(&options, 2, 0), 20 * SECOND);
    assert_int_equal(life_until_retry(&options, 3, 0), 40 * SECOND);
    assert_int_equal(life_until_retry(&options, 4000000000U, 0), 5 * MINUTE);
    assert_true(life_until_retry(&options, 1, 999) < 12 * SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_life_of_a_jwk_set),
        cmocka_unit_test(test_refresh),
        cmocka_unit_test(test_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
