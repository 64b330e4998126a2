/* SPDX-License-Identifier: Apache-2.0 */
/* The examples in the appendices of RFC 7515, 7517, 7519 and 8037. */
#include "jose/support.h"

static const char payload_a1[] =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

static void verify_example(const char *key, const char *token, const char *alg, const char *payload) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, key, JOSE_ALL_KEYS);
    struct jose_jws jws;
    const struct jose_key *used = NULL;
    assert_int_equal(jose_jws_parse(str_from(token), JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_str(jws.alg, alg);
    assert_str(jws.payload, payload);
    assert_int_equal(jose_verify(&jws, keys, 0, &used), JOSE_VALID);
    assert_ptr_equal(used, key_only(keys));
    jose_key_set_release(keys);
    assert_int_equal(ERR_peek_error(), 0);
}

/* Signing the same input anew gives the same signature, where the algorithm is deterministic. */
static void repeat_example(const char *private_key, const char *token) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, private_key, JOSE_ALL_KEYS);
    struct jose_jws jws;
    struct str signature;
    assert_int_equal(jose_jws_parse(str_from(token), JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_int_equal(jose_key_sign(key_only(keys), jws.algorithm, jws.signing_input, arena, &signature), OK);
    assert_true(str_equal(signature, jws.signature));
    jose_key_set_release(keys);
}

/* RFC 7515 appendix A.1, RFC 7519 section 3.1 */
static const char hs256[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD_A1 ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static void test_rfc7515_a1_hs256(void **state) {
    (void)state;
    verify_example(OCT_A1, hs256, "HS256", payload_a1);
    repeat_example(OCT_A1, hs256);
}

/* RFC 7515 appendix A.2 */
static const char rs256[] =
    "eyJhbGciOiJSUzI1NiJ9." PAYLOAD_A1
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb"
    "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwusC-eOkHWEsqtFZESc6"
    "BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
static void test_rfc7515_a2_rs256(void **state) {
    (void)state;
    verify_example(RSA_A2, rs256, "RS256", payload_a1);
    repeat_example(RSA_A2_PRIVATE, rs256);
}

/* RFC 7515 appendix A.3: not repeatable, ECDSA takes a random number. */
static void test_rfc7515_a3_es256(void **state) {
    (void)state;
    verify_example(EC_A3,
                   "eyJhbGciOiJFUzI1NiJ9." PAYLOAD_A1
                   ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                   "ES256", payload_a1);
}

/* RFC 7515 appendix A.5, RFC 7519 section 6.1: the unsecured form does not exist here. */
static void test_rfc7515_a5_unsecured(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_jws jws;
    assert_int_equal(
        jose_jws_parse(STR("eyJhbGciOiJub25lIn0." PAYLOAD_A1 "."), JOSE_TOKEN_MAX, arena, &jws, NULL),
        INVALID);
}

/* RFC 7517 appendix A.1: the first key is for encryption, and skipped with its reason. */
#define RFC7517_EC                                                                                           \
    "'kty':'EC','crv':'P-256','x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4','y':'"                       \
    "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM'"
#define RFC7517_RSA                                                                                          \
    "'kty':'RSA','n':'"                                                                                      \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"                \
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"               \
    "FDW2QvzqY368QQMicAtaS"                                                                                  \
    "qzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-" \
    "G_"                                                                                                     \
    "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw','e':'AQAB','alg':'RS256','kid':'2011-04-29'"
static void test_rfc7517_a1_public_keys(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(
        arena, "{'keys':[{" RFC7517_EC ",'use':'enc','kid':'1'},{" RFC7517_RSA "}]}", JOSE_PUBLIC_KEYS);
    const struct jose_key *key = key_only(keys);
    assert_str(jose_key_kid(key), "2011-04-29");
    assert_str(jose_key_alg(key), "RS256");
    assert_int_equal(jose_key_type(key), JOSE_RSA);
    assert_int_equal(jose_key_bits(key), 2048);
    assert_int_equal(jose_key_set_skipped_count(keys), 1);
    assert_str(jose_key_set_skipped_at(keys, 0)->kid, "1");
    assert_false(jose_key_set_leaked_private(keys));
    jose_key_set_release(keys);
}

/* RFC 7517 appendix A.2: a private key among those wanted for signing; its halves belong together. */
static void test_rfc7517_a2_private_key(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *text =
        "{'keys':[{" RFC7517_EC ",'d':'870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE','kid':'1'}]}";
    struct jose_key_set *keys = keys_read(arena, text, JOSE_ALL_KEYS);
    assert_true(jose_key_is_private(key_only(keys)));
    jose_key_set_release(keys);
    keys = keys_read(arena, text, JOSE_PUBLIC_KEYS);
    assert_false(jose_key_is_private(key_only(keys)));
    assert_true(jose_key_set_leaked_private(keys));
    jose_key_set_release(keys);
}

/* RFC 7517 appendix A.3: one is for key wrap, the other is the secret of RFC 7515 appendix A.1. */
static void test_rfc7517_a3_symmetric_keys(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *text =
        "{'keys':[{'kty':'oct','alg':'A128KW','k':'GawgguFyGrWKav7AX4VKUg'},{'kty':'oct','k':'" SECRET_A1
        "','kid':'HMAC key used in JWS spec Appendix A.1 example'}]}";
    struct jose_key_set *keys = keys_read(arena, text, JOSE_ALL_KEYS);
    assert_int_equal(jose_key_type(key_only(keys)), JOSE_OCT);
    assert_int_equal(jose_key_bits(key_only(keys)), 512);
    jose_key_set_release(keys);
    keys = keys_read(arena, text, JOSE_PUBLIC_KEYS);
    assert_int_equal(jose_key_set_count(keys), 0);
    assert_int_equal(jose_key_set_skipped_count(keys), 2);
    jose_key_set_release(keys);
}

/* RFC 8037 appendix A.4 and A.5; a token may call the algorithm by its newer name as well (RFC 9864). */
static const char eddsa[] =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
static void test_rfc8037_a4_ed25519(void **state) {
    (void)state;
    verify_example(OKP, eddsa, "EdDSA", "Example of Ed25519 signing");
    repeat_example(OKP_PRIVATE, eddsa);
}

/* RFC 8037 appendix A.1 and A.2: the public key is what remains of the private one. */
static void test_rfc8037_a2_public_key(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, OKP_PRIVATE, JOSE_ALL_KEYS);
    json_auto_t *jwk = jose_key_public_jwk(key_only(keys));
    assert_str(json_write_sorted(arena, jwk), "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"use\":\"sig\",\"x\":"
                                              "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
    jose_key_set_release(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc7515_a1_hs256),          cmocka_unit_test(test_rfc7515_a2_rs256),
        cmocka_unit_test(test_rfc7515_a3_es256),          cmocka_unit_test(test_rfc7515_a5_unsecured),
        cmocka_unit_test(test_rfc7517_a1_public_keys),    cmocka_unit_test(test_rfc7517_a2_private_key),
        cmocka_unit_test(test_rfc7517_a3_symmetric_keys), cmocka_unit_test(test_rfc8037_a4_ed25519),
        cmocka_unit_test(test_rfc8037_a2_public_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
