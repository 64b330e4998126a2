/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread's cache of environments asks the store, and how often. */
#include "../store/fixture.h"
#include "base/clock.h"
#include "environment/environment.h"
#include "store/environment.h"
#include "store/key.h"
#include "vault/vault.h"

#define MASTER_KEY "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static struct vault *vault_of(struct fixture *fixture) {
    struct vault *vault = NULL;
    struct str message;
    assert_ok(vault_load_text(fixture->arena, STR(MASTER_KEY), &vault, &message));
    return vault;
}

static FIBER void key_wait(struct fixture *fixture) {
    struct store_key key;
    fixture_environment_wait(fixture);
    assert_ok(store_key_create_wait(fixture->store, fixture->arena, fixture->environment, false, STR("pk_x"),
                                    STR("pk_x"), NULL, &key));
}

static FIBER void expect_wait(struct environment_cache *cache, enum status expected) {
    struct environment *environment = NULL;
    assert_int_equal(environment_find_wait(cache, STR("pk_x"), &environment), expected);
    if (expected == OK)
        environment_unref(environment);
}

static uint64_t reads_of(const struct fixture *fixture) {
    return store_statistics(fixture->store).reads;
}

static void what_was_found_is_not_asked_for_again(struct fixture *fixture) {
    struct vault *vault = vault_of(fixture);
    struct environment_cache *cache = environment_cache_new(fixture->store, vault);
    expect_wait(cache, NOT_FOUND);
    key_wait(fixture);
    environment_cache_drop(cache, fixture->environment);
    expect_wait(cache, OK);
    uint64_t before = reads_of(fixture);
    expect_wait(cache, OK);
    assert_int_equal(reads_of(fixture), before);
    environment_cache_free(cache);
    vault_free(vault);
}

static void what_was_loaded_before_a_change_is_not_served_after_it(struct fixture *fixture) {
    struct vault *vault = vault_of(fixture);
    struct environment_cache *cache = environment_cache_new(fixture->store, vault);
    struct environment *environment = NULL;
    key_wait(fixture);
    expect_wait(cache, OK);
    assert_ok(environment_peek(cache, STR("pk_x"), &environment));
    uint64_t generation = environment->generation;
    environment_changed(fixture->environment);
    assert_int_equal(environment_peek(cache, STR("pk_x"), &environment), UNAVAILABLE);
    expect_wait(cache, OK);
    assert_ok(environment_peek(cache, STR("pk_x"), &environment));
    assert_true(environment->generation > generation);
    environment_cache_free(cache);
    vault_free(vault);
}

/* Everybody who knows the key could otherwise make the store and the log busy with each request. */
static void a_configuration_that_does_not_read_is_not_read_again_at_once(struct fixture *fixture) {
    struct vault *vault = vault_of(fixture);
    struct environment_cache *cache = environment_cache_new(fixture->store, vault);
    int64_t version;
    key_wait(fixture);
    assert_ok(store_environment_set_config_wait(fixture->store, fixture->arena, fixture->environment, 1,
                                                STR("{\"unheardOf\":true}"), NULL, &version));
    expect_wait(cache, INVALID);
    uint64_t before = reads_of(fixture);
    for (int i = 0; i < 100; i++)
        expect_wait(cache, INVALID);
    assert_int_equal(reads_of(fixture), before);
    assert_int_equal(environment_cache_count(cache), 0);

    assert_ok(store_environment_set_config_wait(fixture->store, fixture->arena, fixture->environment, version,
                                                STR("{}"), NULL, &version));
    environment_cache_drop(cache, fixture->environment);
    expect_wait(cache, OK);
    environment_cache_free(cache);
    vault_free(vault);
}

static FIBER struct store_key key_of_wait(struct fixture *fixture) {
    struct store_keys keys;
    assert_ok(store_key_list_wait(fixture->store, fixture->arena, fixture->environment, &keys));
    assert_int_equal(keys.count, 1);
    return keys.at[0];
}

static FIBER void until_used_wait(struct fixture *fixture, int64_t at_ms) {
    for (int i = 0; i < 500 && key_of_wait(fixture).last_used_at != at_ms; i++)
        assert_ok(fiber_sleep_wait(10));
    assert_int_equal(key_of_wait(fixture).last_used_at, at_ms);
}

/* Not by whoever brings it, and not each time. */
static void that_a_key_is_used_is_noted_once_in_a_while(struct fixture *fixture) {
    enum { NOW = 1763721000, MINUTE_MS = 60000 };
    const int64_t now_ms = NOW * 1000LL;
    struct vault *vault = vault_of(fixture);
    struct environment_cache *cache = environment_cache_new(fixture->store, vault);
    clock_hold_ms(now_ms);
    key_wait(fixture);
    assert_int_equal(key_of_wait(fixture).last_used_at, 0);
    expect_wait(cache, OK);
    until_used_wait(fixture, now_ms);
    uint64_t writes = store_statistics(fixture->store).writes;
    clock_hold_ms(now_ms + 9 * MINUTE_MS);
    for (int i = 0; i < 100; i++)
        expect_wait(cache, OK);
    assert_ok(fiber_sleep_wait(50));
    assert_int_equal(store_statistics(fixture->store).writes, writes);
    clock_hold_ms(now_ms + 10 * MINUTE_MS);
    for (int i = 0; i < 100; i++)
        expect_wait(cache, OK);
    until_used_wait(fixture, now_ms + 10 * MINUTE_MS);
    assert_int_equal(store_statistics(fixture->store).writes, writes + 1);
    clock_hold_ms(-1);
    environment_cache_free(cache);
    vault_free(vault);
}

#define STORY(name)                                                                                          \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
STORY(what_was_found_is_not_asked_for_again)
STORY(a_configuration_that_does_not_read_is_not_read_again_at_once)
STORY(that_a_key_is_used_is_noted_once_in_a_while)

static void test_changed(void **state) {
    (void)state;
    fixture_run(what_was_loaded_before_a_change_is_not_served_after_it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_what_was_found_is_not_asked_for_again),
        cmocka_unit_test(test_a_configuration_that_does_not_read_is_not_read_again_at_once),
        cmocka_unit_test(test_that_a_key_is_used_is_noted_once_in_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
