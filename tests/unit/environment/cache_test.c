/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread's cache of environments asks the store, and how often. */
#include "../store/fixture.h"
#include "environment/environment.h"
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

#define STORY(name)                                                                                          \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
STORY(what_was_found_is_not_asked_for_again)
STORY(a_configuration_that_does_not_read_is_not_read_again_at_once)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_found_is_not_asked_for_again),
        cmocka_unit_test(test_a_configuration_that_does_not_read_is_not_read_again_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
