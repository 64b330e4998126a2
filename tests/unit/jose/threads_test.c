/* SPDX-License-Identifier: Apache-2.0 */
/* One key set, many threads: each verifies by it while others let it go, and other sets take its place. */
#include "jose/make_keys.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 60 };

static const char *const algs[] = {"HS256", "RS256", "PS256", "ES256", "EdDSA", "Ed448"};
enum { ALGS = sizeof algs / sizeof *algs };

struct shared {
    struct jose_key_set *keys[ALGS];
    struct str tokens[ALGS];
};

static void *verify_all(void *argument) {
    const struct shared *shared = argument;
    struct jose_key_set *mine[ALGS];
    size_t wrong = 0;
    for (size_t i = 0; i < ALGS; i++)
        mine[i] = jose_key_set_retain(shared->keys[i]);
    for (size_t round = 0; round < ROUNDS; round++) {
        AUTO_ARENA arena = arena_new();
        for (size_t i = 0; i < ALGS; i++) {
            struct jose_jws jws;
            bool is_parsed = jose_jws_parse(shared->tokens[i], JOSE_TOKEN_MAX, arena, &jws, NULL) == OK;
            wrong += !is_parsed || jose_verify(&jws, mine[i], 0, NULL) != JOSE_VALID;
            wrong += is_parsed && jose_verify(&jws, mine[(i + 1) % ALGS], 0, NULL) == JOSE_VALID;
            jws.signing_input.len--;
            wrong += is_parsed && jose_verify(&jws, mine[i], 0, NULL) == JOSE_VALID;
        }
    }
    for (size_t i = 0; i < ALGS; i++)
        jose_key_set_release(mine[i]);
    return (void *)wrong;
}

static void test_shared_keys(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct shared shared;
    for (size_t i = 0; i < ALGS; i++) {
        EVP_PKEY *pkey = i == 0 ? NULL : pkey_for(algs[i]);
        const struct jose_algorithm *algorithm =
            algorithm_named(strcmp(algs[i], "Ed448") == 0 ? "EdDSA" : algs[i]);
        shared.keys[i] = i == 0 ? keys_read(arena, OCT_A1, JOSE_ALL_KEYS) : keys_from(arena, pkey, NULL);
        assert_int_equal(
            jose_sign(key_only(shared.keys[i]), algorithm, NULL, STR("{}"), arena, &shared.tokens[i]), OK);
        EVP_PKEY_free(pkey);
    }
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_all, &shared), 0);
    size_t wrong = 0;
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (size_t)result;
    }
    for (size_t i = 0; i < ALGS; i++)
        jose_key_set_release(shared.keys[i]);
    assert_int_equal(wrong, 0);
}

/* More keys than a thread keeps contexts for: they take turns, and none is taken for another. */
static void test_more_keys_than_contexts(void **state) {
    (void)state;
    enum { MANY = 150 };
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *sets[MANY];
    struct str signatures[MANY];
    for (size_t i = 0; i < MANY; i++) {
        struct str secret = arena_print(arena, "the-secret-of-environment-number-%03zu-0123456789", i);
        assert_int_equal(jose_key_set_from_secrets(&secret, 1, &sets[i]), OK);
        assert_int_equal(
            jose_key_sign(key_only(sets[i]), algorithm_named("HS256"), STR("input"), arena, &signatures[i]),
            OK);
    }
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++) {
            for (size_t j = 0; j < MANY; j++)
                assert_true(jose_key_verify(key_only(sets[i]), algorithm_named("HS256"), STR("input"),
                                            signatures[j]) == (i == j));
        }
    }
    for (size_t i = 0; i < MANY; i++)
        jose_key_set_release(sets[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared_keys),
        cmocka_unit_test(test_more_keys_than_contexts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
