/* SPDX-License-Identifier: Apache-2.0 */
/* One verifier, used by several threads while another replaces its keys: each token is verified by a key set
 * that was in force, none is lost, and the thread sanitizer finds nothing. */
#include "library/support.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 400 };

struct shared {
    struct chatelaine_verifier *verifier;
    const char *ed;
    const char *ec;
    const char *secret_signed;
    _Atomic bool is_done;
    _Atomic unsigned accepted;
    _Atomic unsigned refused;
    _Atomic unsigned wrong;
};

static void verify_one(struct shared *shared, struct chatelaine_result *result, const char *token,
                       bool may_fail) {
    enum chatelaine_status status = chatelaine_verify_at(shared->verifier, token, strlen(token), NOW, result);
    const char *subject = chatelaine_result_subject(result);
    if (status == CHATELAINE_OK && subject != NULL && strcmp(subject, "ada") == 0)
        atomic_fetch_add(&shared->accepted, 1);
    else if (may_fail && chatelaine_result_detail(result) == CHATELAINE_UNKNOWN_KID)
        atomic_fetch_add(&shared->refused, 1);
    else
        atomic_fetch_add(&shared->wrong, 1);
}

static void *verify_many(void *argument) {
    struct shared *shared = argument;
    struct chatelaine_result *result = chatelaine_result_new();
    for (int i = 0; i < ROUNDS; i++) {
        verify_one(shared, result, shared->ed, true);
        verify_one(shared, result, shared->ec, true);
        verify_one(shared, result, shared->secret_signed, false);
    }
    chatelaine_result_free(result);
    return NULL;
}

static void *replace_keys(void *argument) {
    struct shared *shared = argument;
    const struct chatelaine_bytes both[] = {{secret_a, strlen(secret_a)}, {secret_b, strlen(secret_b)}};
    for (unsigned i = 0; !atomic_load(&shared->is_done); i++) {
        const char *keys = i % 2 == 0 ? ec_public : ed_public;
        if (chatelaine_verifier_set_keys(shared->verifier, "keys", keys, strlen(keys), NULL) !=
                CHATELAINE_OK ||
            chatelaine_verifier_set_secrets(shared->verifier, "acme", both, 1 + i % 2, NULL) != CHATELAINE_OK)
            atomic_fetch_add(&shared->wrong, 1);
    }
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct shared shared = {0};
    struct chatelaine_issuer *one = hmac_issuer(secret_a);
    struct chatelaine_issuer *two = chatelaine_issuer_new("keys", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(two, ed_public, strlen(ed_public));
    const struct chatelaine_issuer *const issuers[] = {one, two};
    assert_int_equal(chatelaine_verifier_new(issuers, 2, &shared.verifier, NULL), CHATELAINE_OK);
    chatelaine_issuer_free(one);
    chatelaine_issuer_free(two);
    shared.ed = sign_with_jwk(arena, ed_private, "EdDSA", claims);
    shared.ec = sign_with_jwk(arena, ec_private, "ES256", claims);
    shared.secret_signed = sign_with_secret(arena, secret_a, claims);

    pthread_t threads[THREADS];
    pthread_t replacer;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_many, &shared), 0);
    assert_int_equal(pthread_create(&replacer, NULL, replace_keys, &shared), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&shared.is_done, true);
    pthread_join(replacer, NULL);
    assert_int_equal(atomic_load(&shared.wrong), 0);
    assert_int_equal(atomic_load(&shared.accepted) + atomic_load(&shared.refused), THREADS * ROUNDS * 3);
    assert_true(atomic_load(&shared.accepted) >= THREADS * ROUNDS); /* those of the secret, at the least */
    chatelaine_verifier_free(shared.verifier);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
