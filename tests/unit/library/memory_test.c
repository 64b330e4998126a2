/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, at each allocation in turn: ours, OpenSSL's and jansson's. The library says so or
 * refuses the token; it never accepts what it would not have accepted, tells less of an identity, ends the
 * process, or is the worse for it afterwards. */
#include "library/support.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <stdlib.h>

/* ---- allocations that fail at will: ours are wrapped by the linker, the libraries' by their own hooks ----
 */

static long until_failure = LONG_MAX;
static bool fails_once; /* else every later one fails too */
static bool has_failed;

static bool fails(void) {
    if (until_failure == LONG_MAX || --until_failure > 0)
        return false;
    until_failure = fails_once ? LONG_MAX : 1;
    has_failed = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    return fails() ? NULL : __real_realloc(memory, size);
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return size == 0 || fails() ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return fails() ? NULL : __real_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    free(memory);
}

/* ---- what is tried ---- */

struct attempt {
    const char *token;
    const char *keys; /* NULL: a shared secret */
    const char *identity;
};

static struct chatelaine_issuer *make_issuer(const struct attempt *attempt) {
    struct chatelaine_issuer *issuer =
        chatelaine_issuer_new("acme", attempt->keys != NULL ? CHATELAINE_KEY_SET : CHATELAINE_HMAC);
    if (issuer == NULL)
        return NULL;
    chatelaine_issuer_set_iss(issuer, "https://acme.example");
    chatelaine_issuer_add_audience(issuer, "chat");
    if (attempt->keys != NULL)
        chatelaine_issuer_set_keys(issuer, attempt->keys, strlen(attempt->keys));
    else
        chatelaine_issuer_add_secret(issuer, secret_a, strlen(secret_a));
    return issuer;
}

/* NULL where it could not be made. */
static struct chatelaine_verifier *try_verifier(const struct attempt *attempt) {
    struct chatelaine_verifier *verifier = NULL;
    struct chatelaine_error *error = NULL;
    struct chatelaine_issuer *issuer = make_issuer(attempt);
    if (issuer == NULL)
        return NULL;
    const struct chatelaine_issuer *const issuers[] = {issuer};
    enum chatelaine_status status = chatelaine_verifier_new(issuers, 1, &verifier, &error);
    assert_true((status == CHATELAINE_OK) == (verifier != NULL));
    assert_true((status == CHATELAINE_INVALID) == (error != NULL));
    chatelaine_error_free(error);
    chatelaine_issuer_free(issuer);
    return verifier;
}

static void check(const struct attempt *attempt, const struct chatelaine_verifier *verifier,
                  struct chatelaine_result *result) {
    enum chatelaine_status status =
        chatelaine_verify_at(verifier, attempt->token, strlen(attempt->token), NOW, result);
    const char *identity = chatelaine_result_identity_json(result);
    const char *subject = chatelaine_result_subject(result);
    if (status == CHATELAINE_OK) { /* then it is told whole, or not at all */
        assert_true(identity == NULL || strcmp(identity, attempt->identity) == 0);
        assert_true(subject == NULL || strcmp(subject, "ada") == 0);
        const char *plan = chatelaine_result_text(result, "metadata.plan");
        const char *metadata = chatelaine_result_json(result, "metadata");
        assert_true(plan == NULL || strcmp(plan, "gold") == 0);
        assert_true(metadata == NULL || strcmp(metadata, "{\"plan\":\"gold\",\"since\":2019}") == 0);
    } else {
        assert_true(status == CHATELAINE_NO_MEMORY || status == CHATELAINE_REFUSED);
        assert_true(identity == NULL && subject == NULL);
    }
}

/* From nothing to an identity, with the nth allocation failing. */
static void try_all(const struct attempt *attempt) {
    struct chatelaine_verifier *verifier = try_verifier(attempt);
    struct chatelaine_result *result = verifier != NULL ? chatelaine_result_new() : NULL;
    if (result != NULL)
        check(attempt, verifier, result);
    if (result != NULL && attempt->keys != NULL &&
        chatelaine_verifier_set_keys(verifier, "acme", attempt->keys, strlen(attempt->keys), NULL) ==
            CHATELAINE_OK)
        check(attempt, verifier, result);
    long left = until_failure;
    until_failure = LONG_MAX;
    chatelaine_result_free(result);
    chatelaine_verifier_free(verifier);
    until_failure = left;
}

static void must_work(const struct attempt *attempt) {
    struct chatelaine_verifier *verifier = try_verifier(attempt);
    struct chatelaine_result *result = chatelaine_result_new();
    assert_non_null(verifier);
    assert_int_equal(chatelaine_verify_at(verifier, attempt->token, strlen(attempt->token), NOW, result),
                     CHATELAINE_OK);
    assert_string_equal(chatelaine_result_identity_json(result), attempt->identity);
    chatelaine_result_free(result);
    chatelaine_verifier_free(verifier);
}

static void fail_everywhere(const struct attempt *attempt, bool once) {
    long tried = 0;
    fails_once = once;
    must_work(attempt);
    do {
        has_failed = false;
        until_failure = ++tried;
        try_all(attempt);
        until_failure = LONG_MAX;
        if (tried % 16 == 0)
            must_work(attempt);
    } while (has_failed);
    assert_true(tried > 30);
    must_work(attempt);
}

static const char told[] =
    "{\"sub\":\"ada\",\"auth_time\":1799999000,\"sid\":\"s-1\",\"email\":\"ada@acme.example\",\"name\":\"Ada "
    "L\\u00f6velace\",\"scope\":\"balance:read "
    "card:freeze\",\"age\":42,\"metadata\":{\"plan\":\"gold\",\"since\":2019},"
    "\"https://acme.example/tier\":\"platinum\"}";

static void test_secret(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct attempt attempt = {sign_with_secret(arena, secret_a, claims), NULL, told};
    fail_everywhere(&attempt, true);
    fail_everywhere(&attempt, false);
}

static void test_public_key(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct attempt attempt = {sign_with_jwk(arena, ec_private, "ES256", claims), ec_public, told};
    fail_everywhere(&attempt, true);
    fail_everywhere(&attempt, false);
}

/* A token that is not good stays so, whatever is lacking. */
static void test_forged(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *token = sign_with_secret(arena, secret_b, claims);
    const struct attempt attempt = {token, NULL, told};
    struct chatelaine_verifier *verifier = try_verifier(&attempt);
    struct chatelaine_result *result = chatelaine_result_new();
    long tried = 0;
    do {
        has_failed = false;
        until_failure = ++tried;
        assert_int_not_equal(chatelaine_verify_at(verifier, token, strlen(token), NOW, result),
                             CHATELAINE_OK);
        until_failure = LONG_MAX;
    } while (has_failed);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_SIGNATURE_MISMATCH);
    chatelaine_result_free(result);
    chatelaine_verifier_free(verifier);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_public_key),
        cmocka_unit_test(test_forged),
    };
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        return 1; /* OpenSSL has allocated already */
    json_set_alloc_funcs(__wrap_malloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
