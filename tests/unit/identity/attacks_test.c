/* SPDX-License-Identifier: Apache-2.0 */
/* What forgers try, each by name (RFC 8725 section 2). The issuer is a key set of one RSA, one EC and one
 * Ed25519 key, or a shared secret. */
#include "identity/support.h"

#include "base/buffer.h"
#include "jose/make_keys.h"

#define KEY_SET                                                                                              \
    "{'keys':[{" RSA_A2_MEMBERS ",'kid':'rsa'},{" EC_A3_MEMBERS ",'kid':'ec'},{" OKP_MEMBERS ",'kid':'ed'}]" \
    "}"
#define KEY_SET_ISSUER "{'name':'acme','mode':'key-set'}"
#define CLAIMS         "{'sub':'ada','exp':1800000300}"

static struct jose_key_set *public_keys(void) {
    AUTO_ARENA arena = arena_new();
    return keys_read(arena, KEY_SET, JOSE_PUBLIC_KEYS);
}

/* By the key set, and by the secret: refused by both, and for the reason that is named. */
static void refused_by_key_set(struct str token, enum identity_detail detail) {
    struct jose_key_set *keys = public_keys();
    struct outcome outcome = verify_text(KEY_SET_ISSUER, keys, token);
    assert_int_equal(outcome.status, INVALID);
    if (outcome.failure.detail != detail)
        print_error("%s, expected %s\n", identity_words(outcome.failure.detail)->detail,
                    identity_words(detail)->detail);
    assert_int_equal(outcome.failure.detail, detail);
    outcome_free(&outcome);
    jose_key_set_release(keys);
    assert_int_equal(ERR_peek_error(), 0);
}

static void refused_by_secret(struct str token, enum identity_detail detail) {
    struct jose_key_set *keys = secret_keys(SECRET);
    struct outcome outcome = verify_text("{" HMAC_ISSUER "}", keys, token);
    assert_int_equal(outcome.status, INVALID);
    assert_int_equal(outcome.failure.detail, detail);
    outcome_free(&outcome);
    jose_key_set_release(keys);
}

static struct str signed_by(struct arena *arena, const char *private_key, const char *alg,
                            const char *header) {
    struct jose_key_set *keys = keys_read(arena, private_key, JOSE_ALL_KEYS);
    struct str token = token_signed(arena, key_only(keys), alg, header, CLAIMS);
    jose_key_set_release(keys);
    return token;
}

static struct str by_secret(struct arena *arena, struct str secret, const char *alg, const char *header) {
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_secrets(&secret, 1, &keys), OK);
    struct str token = token_signed(arena, key_only(keys), alg, header, CLAIMS);
    jose_key_set_release(keys);
    return token;
}

/* First of all the honest tokens, or the rest would prove nothing. */
static void test_honest_tokens_pass(void **state) {
    (void)state;
    static const char *const cases[][3] = {{RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa'}"},
                                           {RSA_A2_PRIVATE, "PS384", "{'alg':'PS384','kid':'rsa'}"},
                                           {EC_A3_PRIVATE, "ES256", "{'alg':'ES256','kid':'ec'}"},
                                           {OKP_PRIVATE, "EdDSA", "{'alg':'EdDSA','kid':'ed'}"}};
    struct jose_key_set *keys = public_keys();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct outcome outcome =
            verify_text(KEY_SET_ISSUER, keys, signed_by(arena, cases[i][0], cases[i][1], cases[i][2]));
        assert_int_equal(outcome.status, OK);
        assert_str(outcome.identity.subject, "ada");
        outcome_free(&outcome);
    }
    jose_key_set_release(keys);
}

static void test_alg_none(void **state) {
    (void)state;
    static const char *const names[] = {"none", "None", "NONE", "nOnE", "noNe", "none ", ""};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str header = json_text(arena, arena_print(arena, "{'alg':'%s'}", names[i]).at);
        struct str claims = json_text(arena, CLAIMS);
        refused_by_key_set(token_of(arena, header, claims, STR("")),
                           IDENTITY_MALFORMED); /* no signature at all */
        refused_by_key_set(token_of(arena, header, claims, STR("x")), IDENTITY_ALG_NOT_ALLOWED);
        refused_by_secret(token_of(arena, header, claims, STR("x")), IDENTITY_ALG_NOT_ALLOWED);
    }
}

/* RFC 8725 section 2.1: the public key, which everybody has, taken for a shared secret. */
static void test_hmac_with_the_public_key(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("RS256");
    struct str pem = public_pem(arena, pkey);
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_pem(pem, STR("k"), JOSE_PUBLIC_KEYS, &keys, NULL), OK);
    struct str n;
    assert_int_equal(base64url_decode(arena, STR(RSA_A2_N), &n), OK);
    const struct str guesses[] = {pem, str_slice(pem, 0, pem.len - 1), n, json_text(arena, RSA_A2),
                                  STR(RSA_A2_N)};
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        struct str token = by_secret(arena, guesses[i], "HS256", "{'alg':'HS256','kid':'k'}");
        struct outcome outcome = verify_text(KEY_SET_ISSUER, keys, token);
        assert_int_equal(outcome.failure.detail, IDENTITY_ALG_NOT_ALLOWED);
        outcome_free(&outcome);
        refused_by_key_set(token, IDENTITY_ALG_NOT_ALLOWED);
        refused_by_secret(token, IDENTITY_SIGNATURE_MISMATCH);
    }
    jose_key_set_release(keys);
    EVP_PKEY_free(pkey);
}

/* The mode's wall holds even where the settings in memory are wrong: the list of algorithms is not what keeps
 * the kinds apart. */
static void test_mode_wall_without_the_list(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in = settings(arena, KEY_SET_ISSUER);
    struct identity_issuer issuer = sign_in.issuers[0];
    issuer.algorithms = ~(jose_algorithms)0;
    struct jose_key_set *keys = secret_keys(SECRET);
    struct identity_token token;
    struct identity identity;
    struct identity_failure failure;
    struct str text = by_secret(arena, STR(SECRET), "HS256", "{'alg':'HS256'}");
    assert_int_equal(identity_token_read(text, arena, &token, &failure), OK);
    assert_int_equal(identity_verify(&issuer, keys, &token, NOW, arena, &identity, &failure), INVALID);
    assert_int_equal(failure.detail, IDENTITY_ALG_NOT_ALLOWED);
    jose_key_set_release(keys);
    identity_sign_in_release(&sign_in);
}

static void test_kid_with_a_path_or_sql(void **state) {
    (void)state;
    static const char *const kids[] = {"../../../../dev/null",
                                       "/dev/null",
                                       "rsa\\u0020",
                                       "' OR 1=1 --",
                                       "rsa' UNION SELECT 'x",
                                       "|id",
                                       "%2e%2e%2f",
                                       "https://evil.example/key",
                                       "RSA",
                                       "",
                                       "\\u202ersa"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof kids / sizeof *kids; i++) {
        struct buffer header = BUFFER_EMPTY;
        buffer_print(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kids[i]);
        struct str token = token_of(arena, buffer_text(&header), json_text(arena, CLAIMS), STR("x"));
        refused_by_key_set(token, IDENTITY_UNKNOWN_KID);
        /* … nor does it make an empty file the secret */
        buffer_clear(&header);
        buffer_print(&header, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kids[i]);
        refused_by_secret(token_of(arena, buffer_text(&header), json_text(arena, CLAIMS), STR("x")),
                          IDENTITY_SIGNATURE_MISMATCH);
        buffer_free(&header);
    }
}

/* RFC 8725 section 2.9, 3.10: a key that the token brings along, or names the place of. */
static void test_keys_in_the_header(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("ES256"); /* the forger's own */
    struct jose_key_set *forger = keys_from(arena, pkey, NULL);
    json_auto_t *jwk = jose_key_public_jwk(key_only(forger));
    const char *jwk_text = arena_terminated(arena, json_write(arena, jwk));
    const char *const headers[] = {
        arena_print(arena, "{'alg':'ES256','kid':'ec','jwk':%s}", jwk_text).at,
        arena_print(arena, "{'alg':'ES256','jwk':%s}", jwk_text).at,
        "{'alg':'ES256','kid':'ec','jku':'https://evil.example/jwks.json'}",
        "{'alg':'ES256','kid':'ec','x5u':'https://evil.example/chain.pem'}",
        "{'alg':'ES256','kid':'ec','x5c':['MIIB']}",
        "{'alg':'ES256','kid':'ec','x5t':'AAAA'}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        refused_by_key_set(token_signed(arena, key_only(forger), "ES256", headers[i], CLAIMS),
                           IDENTITY_SIGNATURE_MISMATCH);
    jose_key_set_release(forger);
    EVP_PKEY_free(pkey);
}

/* CVE-2022-21449: r = s = 0 verified for every message. And what lies at and beyond the order of the group.
 */
static void test_ecdsa_psychic_signatures(void **state) {
    (void)state;
    static const char zero[32] = {0};
    static const char order[] = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa"
                                "\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    AUTO_ARENA arena = arena_new();
    char one[32] = {0};
    one[31] = 1;
    const struct str values[] = {str_of(zero, 32), str_of(one, 32), str_of(order, 32),
                                 STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                                     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")};
    struct str header = json_text(arena, "{'alg':'ES256','kid':'ec'}");
    for (size_t r = 0; r < 4; r++) {
        for (size_t s = 0; s < 4; s++) {
            struct str signature = arena_join(arena, 2, (struct str[]){values[r], values[s]});
            refused_by_key_set(token_of(arena, header, json_text(arena, CLAIMS), signature),
                               IDENTITY_SIGNATURE_MISMATCH);
        }
    }
}

static void test_signatures_of_wrong_length(void **state) {
    (void)state;
    static const char *const cases[][3] = {{RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa'}"},
                                           {RSA_A2_PRIVATE, "PS256", "{'alg':'PS256','kid':'rsa'}"},
                                           {EC_A3_PRIVATE, "ES256", "{'alg':'ES256','kid':'ec'}"},
                                           {OKP_PRIVATE, "EdDSA", "{'alg':'EdDSA','kid':'ed'}"}};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jose_jws jws;
        struct str token = signed_by(arena, cases[i][0], cases[i][1], cases[i][2]);
        assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
        const struct str zero = {"", 1};
        const struct str changed[] = {
            str_slice(jws.signature, 0, jws.signature.len - 1),
            str_slice(jws.signature, 1, jws.signature.len),
            str_slice(jws.signature, 0, 1),
            arena_join(arena, 2, (struct str[]){jws.signature, zero}),
            arena_join(arena, 2, (struct str[]){zero, jws.signature}),
            arena_join(arena, 2, (struct str[]){jws.signature, jws.signature}),
        };
        for (size_t j = 0; j < sizeof changed / sizeof *changed; j++) {
            struct str text = arena_join(
                arena, 3, (struct str[]){jws.signing_input, STR("."), base64url_encode(arena, changed[j])});
            refused_by_key_set(text, IDENTITY_SIGNATURE_MISMATCH);
        }
    }
    struct str hmac = by_secret(arena, STR(SECRET), "HS512",
                                "{'alg':'HS256'}"); /* the longer code under the shorter's name */
    refused_by_secret(hmac, IDENTITY_SIGNATURE_MISMATCH);
}

/* One key's signature under another's name, and one algorithm's under another's. */
static void test_mixed_up_keys_and_algorithms(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    refused_by_key_set(signed_by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'PS256','kid':'rsa'}"),
                       IDENTITY_SIGNATURE_MISMATCH);
    refused_by_key_set(signed_by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS512','kid':'rsa'}"),
                       IDENTITY_SIGNATURE_MISMATCH);
    refused_by_key_set(signed_by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'ES256','kid':'ec'}"),
                       IDENTITY_SIGNATURE_MISMATCH);
    refused_by_key_set(signed_by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'ec'}"),
                       IDENTITY_KEY_UNFIT);
    refused_by_key_set(signed_by(arena, EC_A3_PRIVATE, "ES256", "{'alg':'ES384','kid':'ec'}"),
                       IDENTITY_KEY_UNFIT);
    refused_by_key_set(signed_by(arena, OKP_PRIVATE, "EdDSA", "{'alg':'EdDSA','kid':'rsa'}"),
                       IDENTITY_KEY_UNFIT);
}

static void test_duplicate_members(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    refused_by_secret(by_secret(arena, STR(SECRET), "HS256", "{'alg':'HS256','alg':'none'}"),
                      IDENTITY_MALFORMED);
    refused_by_secret(by_secret(arena, STR(SECRET), "HS256", "{'alg':'none','alg':'HS256'}"),
                      IDENTITY_MALFORMED);
    refused_by_secret(by_secret(arena, STR(SECRET), "HS256", "{'alg':'HS256','al\\u0067':'none'}"),
                      IDENTITY_MALFORMED);
    assert_refused(HMAC_ISSUER, "{'sub':'ada','sub':'bob','exp':1800000300}", IDENTITY_CLAIMS_MALFORMED);
}

static void test_huge_numbers(void **state) {
    (void)state;
    static const char *const numbers[] = {"1e400", "-1e400", "123456789012345678901234567890",
                                          "18446744073709551615"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_refused(HMAC_ISSUER, arena_print(arena, "{'sub':'ada','exp':%s}", numbers[i]).at,
                       IDENTITY_CLAIMS_MALFORMED);
        assert_refused(HMAC_ISSUER,
                       arena_print(arena, "{'sub':'ada','exp':1800000300,'n':%s}", numbers[i]).at,
                       IDENTITY_CLAIMS_MALFORMED);
    }
    assert_refused(HMAC_ISSUER, "{'sub':'ada','exp':9223372036854775807}",
                   IDENTITY_EXP_INVALID); /* exp + leeway must not wrap around */
    assert_refused(HMAC_ISSUER, "{'sub':'ada','exp':1e308}", IDENTITY_EXP_INVALID);
}

static void test_a_token_of_one_megabyte(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    size_t len = 1 << 20;
    char *payload = arena_alloc(arena, len);
    memset(payload, 'a', len);
    struct str token = token_of(arena, json_text(arena, "{'alg':'HS256'}"), str_of(payload, len), STR("x"));
    refused_by_secret(token, IDENTITY_TOKEN_TOO_LARGE);
    refused_by_key_set(token, IDENTITY_TOKEN_TOO_LARGE);
}

static void test_deep_nesting(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char *deep = arena_alloc(arena, 10001);
    memset(deep, '[', 10000);
    refused_by_secret(token_of(arena, str_of(deep, 10000), STR("{}"), STR("x")), IDENTITY_MALFORMED);
    struct str header =
        arena_join(arena, 3, (struct str[]){STR("{\"alg\":\"HS256\",\"a\":"), str_of(deep, 9000), STR("}")});
    refused_by_secret(token_of(arena, header, STR("{}"), STR("x")), IDENTITY_MALFORMED);
    deep[9000] = '\0';
    assert_refused(HMAC_ISSUER, arena_print(arena, "{'sub':'ada','exp':1800000300,'a':%s}", deep).at,
                   IDENTITY_CLAIMS_MALFORMED);
}

/* Another environment's secret or key: the same claims, the same ids, and no entry. */
static void test_a_token_of_another_environment(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    refused_by_secret(by_secret(arena, STR(OTHER_SECRET), "HS256", HEADER), IDENTITY_SIGNATURE_MISMATCH);
    EVP_PKEY *pkey = pkey_for("RS256");
    struct jose_key_set *other = keys_from(arena, pkey, "rsa");
    refused_by_key_set(token_signed(arena, key_only(other), "RS256", "{'alg':'RS256','kid':'rsa'}", CLAIMS),
                       IDENTITY_SIGNATURE_MISMATCH);
    jose_key_set_release(other);
    EVP_PKEY_free(pkey);
}

/* Nothing of the claims is believed, or even read, before the signature holds: a forged token never says
 * "expired". */
static void test_signature_before_claims(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str header = json_text(arena, "{'alg':'HS256'}");
    refused_by_secret(token_of(arena, header, json_text(arena, "{'sub':'ada','exp':1}"), STR("x")),
                      IDENTITY_SIGNATURE_MISMATCH);
    refused_by_secret(token_of(arena, header, STR("not even JSON"), STR("x")), IDENTITY_SIGNATURE_MISMATCH);
    refused_by_secret(token_of(arena, header, STR(""), STR("x")), IDENTITY_SIGNATURE_MISMATCH);
}

/* A JWE has five parts; a nested or JSON-serialized token is none of ours. */
static void test_other_kinds_of_token(void **state) {
    (void)state;
    refused_by_key_set(STR("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d"), IDENTITY_MALFORMED);
    refused_by_key_set(STR("{\"payload\":\"e30\",\"signatures\":[]}"), IDENTITY_MALFORMED);
    refused_by_key_set(STR("Bearer eyJhbGciOiJSUzI1NiJ9.e30.eA"), IDENTITY_MALFORMED);
    refused_by_key_set(STR("\"eyJhbGciOiJSUzI1NiJ9.e30.eA\""), IDENTITY_MALFORMED);
    refused_by_key_set(STR("v4.public.eyJzdWIiOiJhIn0"), IDENTITY_MALFORMED);
    refused_by_key_set(STR(""), IDENTITY_TOKEN_ABSENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_tokens_pass),
        cmocka_unit_test(test_alg_none),
        cmocka_unit_test(test_hmac_with_the_public_key),
        cmocka_unit_test(test_mode_wall_without_the_list),
        cmocka_unit_test(test_kid_with_a_path_or_sql),
        cmocka_unit_test(test_keys_in_the_header),
        cmocka_unit_test(test_ecdsa_psychic_signatures),
        cmocka_unit_test(test_signatures_of_wrong_length),
        cmocka_unit_test(test_mixed_up_keys_and_algorithms),
        cmocka_unit_test(test_duplicate_members),
        cmocka_unit_test(test_huge_numbers),
        cmocka_unit_test(test_a_token_of_one_megabyte),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_a_token_of_another_environment),
        cmocka_unit_test(test_signature_before_claims),
        cmocka_unit_test(test_other_kinds_of_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
