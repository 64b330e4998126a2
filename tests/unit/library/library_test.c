/* SPDX-License-Identifier: Apache-2.0 */
/* libchatelaine through its header: settings, keys, identities and refusals. */
#include "identity/identity.h"
#include "library/support.h"
#include "library/words.h"

#include <stdio.h>

struct fixture {
    struct arena *arena;
    struct chatelaine_result *result;
};

static int begin(void **state) {
    static struct fixture fixture;
    fixture.arena = arena_new();
    fixture.result = chatelaine_result_new();
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *fixture = *state;
    chatelaine_result_free(fixture->result);
    arena_free(fixture->arena);
    return 0;
}

static enum chatelaine_status verify(const struct chatelaine_verifier *verifier, const char *token,
                                     struct chatelaine_result *result) {
    return chatelaine_verify_at(verifier, token, strlen(token), NOW, result);
}

#define assert_refused(verifier, token, result, expected)                                                    \
    do {                                                                                                     \
        assert_int_equal(verify((verifier), (token), (result)), CHATELAINE_REFUSED);                         \
        assert_string_equal(chatelaine_detail_word(chatelaine_result_detail(result)), (expected));           \
    } while (0)

/* ---- identities ---- */

static void test_identity(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_result *result = fixture->result;
    struct chatelaine_issuer *issuer = hmac_issuer(secret_a);
    chatelaine_issuer_set_iss(issuer, "https://acme.example");
    chatelaine_issuer_add_audience(issuer, "web");
    chatelaine_issuer_add_audience(issuer, "chat");
    chatelaine_issuer_add_algorithm(issuer, "HS256");
    chatelaine_issuer_set_leeway(issuer, 30);
    struct chatelaine_verifier *verifier = make_verifier(issuer);

    char *token = strdup(sign_with_secret(fixture->arena, secret_a, claims));
    assert_int_equal(verify(verifier, token, result), CHATELAINE_OK);
    memset(token, 'x', strlen(token)); /* the caller's again, and so is the verifier */
    free(token);
    chatelaine_verifier_free(verifier);

    assert_string_equal(chatelaine_result_subject(result), "ada");
    assert_string_equal(chatelaine_result_email(result), "ada@acme.example");
    assert_string_equal(chatelaine_result_name(result), "Ada Lövelace");
    assert_string_equal(chatelaine_result_issuer_name(result), "acme");
    assert_string_equal(chatelaine_result_token_id(result), "t-1");
    assert_string_equal(chatelaine_result_session_id(result), "s-1");
    assert_null(chatelaine_result_key_id(result));
    assert_int_equal(chatelaine_result_issued_at(result), 1799999990);
    assert_int_equal(chatelaine_result_expires_at(result), 1800000600);
    assert_int_equal(chatelaine_result_usable_until(result), 1800000630);
    assert_int_equal(chatelaine_result_authenticated_at(result), 1799999000);
    assert_int_equal(chatelaine_result_permission_count(result), 2);
    assert_string_equal(chatelaine_result_permission_at(result, 1), "card:freeze");
    assert_null(chatelaine_result_permission_at(result, 2));
    assert_true(chatelaine_result_has_permission(result, "balance:read"));
    assert_false(chatelaine_result_has_permission(result, "balance"));
    assert_string_equal(chatelaine_result_text(result, "metadata.plan"), "gold");
    assert_string_equal(chatelaine_result_text(result, "https://acme.example/tier"), "platinum");
    assert_string_equal(chatelaine_result_json(result, "metadata"), "{\"plan\":\"gold\",\"since\":2019}");
    assert_string_equal(chatelaine_result_json(result, "age"), "42");
    assert_null(chatelaine_result_text(result, "age"));
    assert_null(chatelaine_result_text(result, "none"));
    assert_null(chatelaine_result_json(result, "iss")); /* about the token, not about the user */
    const char *json = chatelaine_result_identity_json(result);
    assert_ptr_equal(json, chatelaine_result_identity_json(result));
    assert_non_null(strstr(json, "\"sub\":\"ada\""));
    assert_null(strstr(json, "\"iss\""));
    assert_non_null(strstr(chatelaine_result_claims_json(result), "\"iss\":\"https://acme.example\""));
    assert_int_equal(chatelaine_result_reason(result), CHATELAINE_NO_REASON);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_NO_DETAIL);
    assert_null(chatelaine_result_explanation(result));
    assert_false(chatelaine_result_keys_may_be_stale(result));
}

static void test_mapping_and_permissions(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_result *result = fixture->result;
    struct chatelaine_issuer *issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_mapping(issuer, "tier", "https://acme.example/tier");
    chatelaine_issuer_add_mapping(issuer, "plan", "/metadata/plan");
    chatelaine_issuer_add_permission_claim(issuer, "aud");
    struct chatelaine_verifier *verifier = make_verifier(issuer);
    assert_int_equal(verify(verifier, sign_with_secret(fixture->arena, secret_a, claims), result),
                     CHATELAINE_OK);
    assert_string_equal(chatelaine_result_identity_json(result),
                        "{\"sub\":\"ada\",\"tier\":\"platinum\",\"plan\":\"gold\"}");
    assert_null(chatelaine_result_email(result));
    assert_true(chatelaine_result_has_permission(result, "mail"));
    assert_false(chatelaine_result_has_permission(result, "balance:read"));
    chatelaine_verifier_free(verifier);
}

static void test_types(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_issuer *issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_type(issuer, "application/at+jwt");
    struct chatelaine_verifier *verifier = make_verifier(issuer);
    assert_refused(verifier, sign_with_secret(fixture->arena, secret_a, claims), fixture->result,
                   "typ-not-allowed");
    chatelaine_verifier_free(verifier);
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_type(issuer, "at+jwt");
    chatelaine_issuer_add_type(issuer, "JWT");
    verifier = make_verifier(issuer);
    assert_int_equal(verify(verifier, sign_with_secret(fixture->arena, secret_a, claims), fixture->result),
                     CHATELAINE_OK);
    chatelaine_verifier_free(verifier);
}

static void test_public_keys(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(issuer, ed_public, strlen(ed_public));
    struct chatelaine_verifier *verifier = make_verifier(issuer);
    const char *ed = sign_with_jwk(fixture->arena, ed_private, "EdDSA", claims);
    const char *ec = sign_with_jwk(fixture->arena, ec_private, "ES256", claims);
    assert_int_equal(verify(verifier, ed, fixture->result), CHATELAINE_OK);
    assert_string_equal(chatelaine_result_key_id(fixture->result), "ed");
    assert_refused(verifier, ec, fixture->result, "unknown-kid");
    assert_true(chatelaine_result_keys_may_be_stale(fixture->result));
    assert_non_null(strstr(chatelaine_result_explanation(fixture->result), "`ec`"));

    struct chatelaine_error *error;
    assert_int_equal(chatelaine_verifier_set_keys(verifier, "acme", ec_public, strlen(ec_public), &error),
                     CHATELAINE_OK);
    assert_null(error);
    assert_int_equal(verify(verifier, ec, fixture->result), CHATELAINE_OK);
    assert_refused(verifier, ed, fixture->result, "unknown-kid");

    assert_int_equal(chatelaine_verifier_set_keys(verifier, "acme", "[]", 2, &error), CHATELAINE_INVALID);
    assert_true(strlen(chatelaine_error_message(error)) > 0);
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_set_keys(verifier, "acme", "[]", 2, NULL), CHATELAINE_INVALID);
    assert_int_equal(chatelaine_verifier_set_keys(verifier, "other", "[]", 2, NULL), CHATELAINE_NOT_FOUND);
    assert_int_equal(verify(verifier, ec, fixture->result), CHATELAINE_OK); /* as they were */
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", NULL, 0, &error), CHATELAINE_INVALID);
    chatelaine_error_free(error);
    chatelaine_verifier_free(verifier);
}

static void test_secrets_rotate(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_issuer *issuer = hmac_issuer(secret_a);
    struct chatelaine_verifier *verifier = make_verifier(issuer);
    const char *a = sign_with_secret(fixture->arena, secret_a, claims);
    const char *b = sign_with_secret(fixture->arena, secret_b, claims);
    assert_int_equal(verify(verifier, a, fixture->result), CHATELAINE_OK);
    assert_refused(verifier, b, fixture->result, "signature-mismatch");

    const struct chatelaine_bytes both[] = {{secret_a, strlen(secret_a)}, {secret_b, strlen(secret_b)}};
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", both, 2, NULL), CHATELAINE_OK);
    assert_int_equal(verify(verifier, a, fixture->result), CHATELAINE_OK);
    assert_int_equal(verify(verifier, b, fixture->result), CHATELAINE_OK);

    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", both + 1, 1, NULL), CHATELAINE_OK);
    assert_refused(verifier, a, fixture->result, "signature-mismatch");

    const struct chatelaine_bytes short_one = {"short", 5};
    struct chatelaine_error *error;
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", &short_one, 1, &error),
                     CHATELAINE_INVALID);
    assert_non_null(strstr(chatelaine_error_message(error), "32 bytes"));
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", both, 17, NULL), CHATELAINE_INVALID);
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "other", both, 2, NULL), CHATELAINE_NOT_FOUND);
    assert_int_equal(verify(verifier, b, fixture->result), CHATELAINE_OK);

    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", NULL, 0, NULL), CHATELAINE_OK);
    assert_refused(verifier, b, fixture->result, "secret-missing");
    assert_int_equal(chatelaine_verifier_set_keys(verifier, "acme", ed_public, strlen(ed_public), &error),
                     CHATELAINE_INVALID);
    chatelaine_error_free(error);
    chatelaine_verifier_free(verifier);
}

/* RFC 8725 section 2.1: the public key as an HMAC's secret. */
static void test_modes_do_not_mix(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(issuer, ec_public, strlen(ec_public));
    struct chatelaine_verifier *verifier = make_verifier(issuer);
    assert_refused(verifier, sign_with_secret(fixture->arena, ec_public, claims), fixture->result,
                   "alg-not-allowed");
    chatelaine_verifier_free(verifier);

    verifier = make_verifier(hmac_issuer(secret_a));
    assert_refused(verifier, sign_with_jwk(fixture->arena, ec_private, "ES256", claims), fixture->result,
                   "alg-not-allowed");
    chatelaine_verifier_free(verifier);
}

static void test_several_issuers(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_issuer *one = hmac_issuer(secret_a);
    struct chatelaine_issuer *two = chatelaine_issuer_new("two", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_key_set_url(two, "https://two.example/keys");
    const struct chatelaine_issuer *const issuers[] = {one, two};
    struct chatelaine_verifier *verifier;
    assert_int_equal(chatelaine_verifier_new(issuers, 2, &verifier, NULL), CHATELAINE_OK);
    chatelaine_issuer_free(one);
    chatelaine_issuer_free(two);
    assert_string_equal(chatelaine_verifier_issuer_name(verifier, 0), "acme");
    assert_string_equal(chatelaine_verifier_issuer_name(verifier, 1), "two");
    assert_null(chatelaine_verifier_issuer_name(verifier, 2));
    assert_null(chatelaine_verifier_key_set_url(verifier, "acme"));
    assert_null(chatelaine_verifier_key_set_url(verifier, "three"));
    assert_string_equal(chatelaine_verifier_key_set_url(verifier, "two"), "https://two.example/keys");
    const char *ed = sign_with_jwk(fixture->arena, ed_private, "EdDSA", claims);
    assert_int_equal(verify(verifier, sign_with_secret(fixture->arena, secret_a, claims), fixture->result),
                     CHATELAINE_OK);
    assert_string_equal(chatelaine_result_issuer_name(fixture->result), "acme");
    assert_refused(verifier, ed, fixture->result, "key-set-missing");
    assert_string_equal(chatelaine_result_issuer_name(fixture->result), "two");
    assert_int_equal(chatelaine_verifier_set_keys(verifier, "two", ed_public, strlen(ed_public), NULL),
                     CHATELAINE_OK);
    assert_int_equal(verify(verifier, ed, fixture->result), CHATELAINE_OK);
    assert_string_equal(chatelaine_result_issuer_name(fixture->result), "two");
    chatelaine_verifier_free(verifier);
}

/* ---- refusals ---- */

static void test_refusals(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_result *result = fixture->result;
    struct chatelaine_verifier *verifier = make_verifier(hmac_issuer(secret_a));
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_NO_DETAIL); /* nothing yet */
    assert_int_equal(chatelaine_verify(verifier, NULL, 0, result), CHATELAINE_REFUSED);
    assert_int_equal(chatelaine_result_reason(result), CHATELAINE_MISSING_TOKEN);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_TOKEN_ABSENT);
    assert_null(chatelaine_result_issuer_name(result));

    assert_refused(verifier, "no token", result, "malformed");
    char *large = malloc(20000);
    memset(large, 'a', 20000);
    assert_int_equal(chatelaine_verify(verifier, large, 20000, result), CHATELAINE_REFUSED);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_TOKEN_TOO_LARGE);
    free(large);

    const char *token = sign_with_secret(fixture->arena, secret_a, claims);
    assert_int_equal(chatelaine_verify_at(verifier, token, strlen(token), NOW + 659, result), CHATELAINE_OK);
    assert_int_equal(chatelaine_verify_at(verifier, token, strlen(token), NOW + 660, result),
                     CHATELAINE_REFUSED);
    assert_int_equal(chatelaine_result_reason(result), CHATELAINE_EXPIRED);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_EXP_PASSED);
    assert_non_null(strstr(chatelaine_result_explanation(result), "2027-01-15"));
    assert_null(chatelaine_result_subject(result)); /* nothing of it is told */
    assert_null(chatelaine_result_identity_json(result));
    assert_null(chatelaine_result_claims_json(result));
    assert_null(chatelaine_result_text(result, "sub"));
    assert_null(chatelaine_result_json(result, "sub"));
    assert_int_equal(chatelaine_result_expires_at(result), 0);
    assert_int_equal(chatelaine_result_permission_count(result), 0);
    assert_null(chatelaine_result_permission_at(result, 0));
    assert_false(chatelaine_result_has_permission(result, "balance:read"));

    assert_refused(verifier, sign_with_secret(fixture->arena, secret_a, "{\"sub\":\"ada\"}"), result,
                   "exp-missing");
    assert_refused(verifier, sign_with_secret(fixture->arena, secret_a, "{\"exp\":1800000600}"), result,
                   "sub-missing");
    chatelaine_verifier_free(verifier);
}

static void test_clock_by_default(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_verifier *verifier = make_verifier(hmac_issuer(secret_a));
    const char *ended = sign_with_secret(fixture->arena, secret_a, "{\"sub\":\"ada\",\"exp\":1500000000}");
    const char *good = sign_with_secret(fixture->arena, secret_a, "{\"sub\":\"ada\",\"exp\":253402300000}");
    assert_int_equal(chatelaine_verify(verifier, ended, strlen(ended), fixture->result), CHATELAINE_REFUSED);
    assert_int_equal(chatelaine_result_detail(fixture->result), CHATELAINE_EXP_PASSED);
    assert_int_equal(chatelaine_verify(verifier, good, strlen(good), fixture->result), CHATELAINE_OK);
    chatelaine_verifier_free(verifier);
}

static void test_refusing_oneself(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_result *result = fixture->result;
    struct chatelaine_verifier *verifier = make_verifier(hmac_issuer(secret_a));
    assert_int_equal(verify(verifier, sign_with_secret(fixture->arena, secret_a, claims), result),
                     CHATELAINE_OK);
    assert_string_equal(chatelaine_result_subject(result), "ada");
    assert_int_equal(chatelaine_result_refuse(result, (enum chatelaine_detail)999, NULL), CHATELAINE_INVALID);
    assert_string_equal(chatelaine_result_subject(result), "ada");
    assert_int_equal(chatelaine_result_refuse(result, CHATELAINE_REVOKED, "Signed out at noon."),
                     CHATELAINE_REFUSED);
    assert_null(chatelaine_result_subject(result));
    assert_int_equal(chatelaine_result_reason(result), CHATELAINE_BAD_CLAIM);
    assert_int_equal(chatelaine_result_detail(result), CHATELAINE_REVOKED);
    assert_string_equal(chatelaine_result_explanation(result), "Signed out at noon.");
    assert_int_equal(chatelaine_result_refuse(result, CHATELAINE_FETCH_STATUS, NULL), CHATELAINE_REFUSED);
    assert_null(chatelaine_result_explanation(result));
    assert_int_equal(chatelaine_result_reason(result), CHATELAINE_JWKS_FETCH_FAILED);
    chatelaine_verifier_free(verifier);
}

/* ---- settings that are wrong: where, and why ---- */

static void expect_error(struct chatelaine_issuer *issuer, const char *place) {
    struct chatelaine_verifier *verifier = (struct chatelaine_verifier *)issuer;
    struct chatelaine_error *error;
    const struct chatelaine_issuer *const issuers[] = {issuer};
    assert_int_equal(chatelaine_verifier_new(issuers, 1, &verifier, &error), CHATELAINE_INVALID);
    assert_null(verifier);
    assert_string_equal(chatelaine_error_place(error), place);
    assert_true(strlen(chatelaine_error_message(error)) > 10);
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_new(issuers, 1, &verifier, NULL), CHATELAINE_INVALID);
    chatelaine_issuer_free(issuer);
}

static void test_errors_of_settings(void **state) {
    (void)state;
    struct chatelaine_issuer *issuer = hmac_issuer(secret_a);
    chatelaine_issuer_set_leeway(issuer, 61);
    expect_error(issuer, "/issuers/0/leewaySeconds");
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_algorithm(issuer, "HS256");
    chatelaine_issuer_add_algorithm(issuer, "none");
    expect_error(issuer, "/issuers/0/algorithms/1");
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_audience(issuer, "fine");
    chatelaine_issuer_add_audience(issuer, "");
    expect_error(issuer, "/issuers/0/audiences/1");
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_set_iss(issuer, "\xff");
    expect_error(issuer, "/issuers/0/issuer");
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_mapping(issuer, "tier", "/a~2");
    expect_error(issuer, "/issuers/0/mapping/tier");
    issuer = hmac_issuer(secret_a);
    chatelaine_issuer_add_mapping(issuer, "\xff", "a");
    expect_error(issuer, "/issuers/0/mapping");
    expect_error(hmac_issuer("too short"), "/issuers/0/secrets");
    issuer = hmac_issuer(secret_a);
    for (int i = 0; i < 16; i++)
        chatelaine_issuer_add_secret(issuer, secret_a, strlen(secret_a));
    expect_error(issuer, "/issuers/0/secrets");
    issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_add_secret(issuer, secret_a, strlen(secret_a));
    expect_error(issuer, "/issuers/0/secrets");
    issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(issuer, "{", 1);
    expect_error(issuer, "/issuers/0/keys");
    issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(issuer, ed_private,
                               strlen(ed_private)); /* it has been shown: no longer a secret */
    expect_error(issuer, "/issuers/0/keys");
    issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_key_set_url(issuer, "ftp://acme.example/");
    expect_error(issuer, "/issuers/0/keySetUrl");
    expect_error(chatelaine_issuer_new("a name", CHATELAINE_HMAC), "/issuers/0/name");
    expect_error(chatelaine_issuer_new("\xff", CHATELAINE_HMAC), "/issuers/0/name");
    expect_error(chatelaine_issuer_new("acme", (enum chatelaine_mode)3), "/issuers/0/mode");

    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    const struct chatelaine_issuer *const none[] = {NULL};
    assert_int_equal(chatelaine_verifier_new(none, 0, &verifier, &error), CHATELAINE_INVALID);
    assert_string_equal(chatelaine_error_place(error), "");
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_new(NULL, 0, &verifier, &error), CHATELAINE_INVALID);
    assert_string_equal(chatelaine_error_message(error), "At least one issuer is needed.");
    chatelaine_error_free(error);
}

/* An issuer for which there was no memory is told of in one place: when the verifier is made. */
static void test_no_issuer_is_no_memory(void **state) {
    (void)state;
    chatelaine_issuer_set_iss(NULL, "https://acme.example");
    chatelaine_issuer_add_audience(NULL, "chat");
    chatelaine_issuer_add_algorithm(NULL, "RS256");
    chatelaine_issuer_add_type(NULL, "JWT");
    chatelaine_issuer_set_leeway(NULL, 5);
    chatelaine_issuer_add_mapping(NULL, "tier", "tier");
    chatelaine_issuer_add_permission_claim(NULL, "scope");
    chatelaine_issuer_add_secret(NULL, secret_a, strlen(secret_a));
    chatelaine_issuer_set_keys(NULL, ed_private, strlen(ed_private));
    chatelaine_issuer_set_key_set_url(NULL, "https://acme.example/keys");
    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    const struct chatelaine_issuer *const none[] = {NULL};
    assert_int_equal(chatelaine_verifier_new(none, 1, &verifier, &error), CHATELAINE_NO_MEMORY);
    assert_null(verifier);
    assert_null(error);
    chatelaine_issuer_free(NULL);
}

static void test_settings_as_json(void **state) {
    struct fixture *fixture = *state;
    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    static const char settings[] = "{\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\",\"issuer\":"
                                   "\"https://acme.example\",\"audiences\":[\"chat\"]}]}";
    assert_int_equal(chatelaine_verifier_new_from_json(settings, strlen(settings), &verifier, &error),
                     CHATELAINE_OK);
    const char *token = sign_with_secret(fixture->arena, secret_a, claims);
    assert_refused(verifier, token, fixture->result, "secret-missing");
    const struct chatelaine_bytes secret = {secret_a, strlen(secret_a)};
    assert_int_equal(chatelaine_verifier_set_secrets(verifier, "acme", &secret, 1, &error), CHATELAINE_OK);
    assert_int_equal(verify(verifier, token, fixture->result), CHATELAINE_OK);
    chatelaine_verifier_free(verifier);

    static const char off[] = "{\"enforcement\":\"off\",\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\"}]}";
    assert_int_equal(chatelaine_verifier_new_from_json(off, strlen(off), &verifier, &error), CHATELAINE_OK);
    assert_refused(verifier, token, fixture->result, "sign-in-off");
    chatelaine_verifier_free(verifier);

    /* Identity providers by their fields: what they decide need not be said. */
    static const char provider[] =
        "{\"issuers\":[{\"name\":\"clerk\",\"mode\":\"key-set\",\"provider\":{\"id\":\"clerk\",\"fields\":"
        "{\"instanceUrl\":\"https://a.clerk.accounts.dev\",\"clientId\":\"c\"},\"origins\":[\"https://"
        "acme.example\"]}}]}";
    assert_int_equal(chatelaine_verifier_new_from_json(provider, strlen(provider), &verifier, &error),
                     CHATELAINE_OK);
    assert_refused(verifier, token, fixture->result, "alg-not-allowed");
    chatelaine_verifier_free(verifier);
    static const char incomplete[] =
        "{\"issuers\":[{\"name\":\"a\",\"mode\":\"key-set\",\"provider\":{\"id\":"
        "\"auth0\",\"fields\":{\"clientId\":\"c\"}}}]}";
    assert_int_equal(chatelaine_verifier_new_from_json(incomplete, strlen(incomplete), &verifier, &error),
                     CHATELAINE_INVALID);
    assert_string_equal(chatelaine_error_place(error), "/issuers/0/provider/fields/tenantDomain");
    chatelaine_error_free(error);

    assert_int_equal(chatelaine_verifier_new_from_json("null", 4, &verifier, &error), CHATELAINE_INVALID);
    assert_non_null(strstr(chatelaine_error_message(error), "JSON object"));
    chatelaine_error_free(error);

    static const char misspelt[] =
        "{\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\",\"audience\":\"chat\"}]}";
    assert_int_equal(chatelaine_verifier_new_from_json(misspelt, strlen(misspelt), &verifier, &error),
                     CHATELAINE_INVALID);
    assert_string_equal(chatelaine_error_place(error), "/issuers/0/audience");
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_new_from_json("{\n,", 3, &verifier, &error), CHATELAINE_INVALID);
    assert_non_null(strstr(chatelaine_error_message(error), "Line 2"));
    chatelaine_error_free(error);
    assert_int_equal(chatelaine_verifier_new_from_json("", 0, &verifier, NULL), CHATELAINE_INVALID);
}

/* ---- words ---- */

static void test_words_are_the_servers(void **state) {
    (void)state;
    for (enum identity_detail i = 0; i < IDENTITY_DETAILS; i++) {
        const struct identity_words *words = identity_words(i);
        enum chatelaine_detail detail = words_detail(i);
        enum chatelaine_reason reason = chatelaine_detail_reason(detail);
        enum identity_detail back;
        assert_int_not_equal(detail, CHATELAINE_NO_DETAIL); /* a new detail needs a number in the header */
        assert_true(words_find(detail, &back) && back == i);
        assert_string_equal(chatelaine_detail_word(detail), words->detail);
        assert_string_equal(chatelaine_detail_sentence(detail), words->sentence);
        assert_string_equal(chatelaine_detail_fix(detail), words->fix);
        assert_string_equal(chatelaine_reason_word(reason), identity_reason_name(words->reason));
        assert_string_equal(chatelaine_reason_visitor_sentence(reason),
                            identity_visitor_sentence(words->reason));
        assert_int_equal((int)detail / 100, reason); /* the hundreds say the reason */
    }
    assert_null(chatelaine_detail_word(CHATELAINE_NO_DETAIL));
    assert_null(chatelaine_detail_word((enum chatelaine_detail)(-1)));
    assert_null(chatelaine_reason_word(CHATELAINE_NO_REASON));
    assert_null(chatelaine_reason_word((enum chatelaine_reason)7));
    assert_int_equal(chatelaine_detail_reason((enum chatelaine_detail)7), CHATELAINE_NO_REASON);
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", CHATELAINE_VERSION_MAJOR, CHATELAINE_VERSION_MINOR,
             CHATELAINE_VERSION_PATCH);
    assert_string_equal(chatelaine_version(), version);
}

static void test_free_takes_null(void **state) {
    (void)state;
    chatelaine_issuer_free(NULL);
    chatelaine_verifier_free(NULL);
    chatelaine_result_free(NULL);
    chatelaine_error_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_identity, begin, end),
        cmocka_unit_test_setup_teardown(test_mapping_and_permissions, begin, end),
        cmocka_unit_test_setup_teardown(test_types, begin, end),
        cmocka_unit_test_setup_teardown(test_public_keys, begin, end),
        cmocka_unit_test_setup_teardown(test_secrets_rotate, begin, end),
        cmocka_unit_test_setup_teardown(test_modes_do_not_mix, begin, end),
        cmocka_unit_test_setup_teardown(test_several_issuers, begin, end),
        cmocka_unit_test_setup_teardown(test_refusals, begin, end),
        cmocka_unit_test_setup_teardown(test_clock_by_default, begin, end),
        cmocka_unit_test_setup_teardown(test_refusing_oneself, begin, end),
        cmocka_unit_test(test_errors_of_settings),
        cmocka_unit_test(test_no_issuer_is_no_memory),
        cmocka_unit_test_setup_teardown(test_settings_as_json, begin, end),
        cmocka_unit_test(test_words_are_the_servers),
        cmocka_unit_test(test_free_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
