/* SPDX-License-Identifier: Apache-2.0 */
/* Third-party vectors, to the last case: tests/vectors/README.md says where they come from. */
#include "base/encode.h"
#include "base/json.h"
#include "jose/jose.h"
#include "unit/unit.h"

#include <openssl/err.h>
#include <string.h>

struct vectors {
    struct arena *arena;
    json_t *document;
    size_t cases;
};

static struct vectors load(const char *name) {
    struct vectors vectors = {arena_new(), NULL, 0};
    struct str path = arena_print(vectors.arena, "%s/%s", TEST_VECTORS, name);
    struct str text = read_whole_file(vectors.arena, path.at);
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &vectors.document, NULL), OK);
    return vectors;
}

static void unload(struct vectors *vectors) {
    assert_int_equal(vectors->cases, json_get_int(vectors->document, "numberOfTests", -1));
    json_decref(vectors->document);
    arena_free(vectors->arena);
    assert_int_equal(ERR_peek_error(), 0); /* OpenSSL's queue is left as it was found */
}

static struct str hex_of(struct arena *arena, const json_t *object, const char *name) {
    struct str bytes;
    assert_int_equal(hex_decode(arena, json_get_str(object, name), &bytes), OK);
    return bytes;
}

static bool is_expected_valid(const json_t *test) {
    return str_equal(json_get_str(test, "result"), STR("valid"));
}

static void expect(const json_t *test, bool accepted, bool expected) {
    if (accepted != expected)
        fail_msg("case %lld (%.*s): %s", (long long)json_get_int(test, "tcId", 0),
                 STR_ARG(json_get_str(test, "comment")), accepted ? "accepted" : "refused");
}

static bool verify_text(struct arena *arena, struct str token, const struct jose_key_set *keys) {
    struct jose_jws jws;
    return jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL) == OK &&
           jose_verify(&jws, keys, 0, NULL) == JOSE_VALID;
}

/* ---- JSON Web Signatures ---- */

/* Cases that the collection accepts and we refuse, each for its reason. */
static bool is_refused_by_us(int64_t id) {
    switch (id) {
    case 346: /* a PS384 token, but the key says that it is for PS256 alone (RFC 7517 section 4.4) */
    case 350:
    case 347: /* the key's `alg` is "ES521": no such algorithm */
    case 351:
    case 372: /* a '?' amid the base64url of the header */
    case 373: /* … of the payload (RFC 7515 section 2: only its alphabet) */
        return true;
    default:
        return false;
    }
}

/* Cases that the collection calls invalid for their padding, but from which the padding was lost: letter for
 * letter they are the valid case 357, which the test makes sure of. */
static bool is_valid_after_all(int64_t id) {
    return id == 367 || id == 370;
}

static void test_wycheproof_jws(void **state) {
    (void)state;
    struct vectors vectors = load("wycheproof/json_web_signature_test.json");
    struct str case_357 = STR_NONE;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;
    size_t accepted = 0;
    json_array_foreach(json_get_array(vectors.document, "testGroups"), i, group) {
        const json_t *public = json_get_object(group, "public");
        struct jose_key_set *keys = NULL;
        assert_int_equal(jose_key_set_from_json(public != NULL ? public : json_get_object(group, "private"),
                                                public != NULL ? JOSE_PUBLIC_KEYS : JOSE_ALL_KEYS, &keys,
                                                NULL),
                         OK);
        json_array_foreach(json_get_array(group, "tests"), j, test) {
            int64_t id = json_get_int(test, "tcId", 0);
            struct str token = json_get_str(test, "jws");
            bool is_valid = verify_text(vectors.arena, token, keys);
            if (id == 357)
                case_357 = token;
            if (is_valid_after_all(id))
                assert_true(is_valid && str_equal(token, case_357));
            else
                expect(test, is_valid, is_expected_valid(test) && !is_refused_by_us(id));
            vectors.cases++;
            accepted += is_valid;
        }
        jose_key_set_release(keys);
    }
    assert_int_equal(vectors.cases, 401);
    assert_int_equal(accepted, 46 - 6 + 2);
    unload(&vectors);
}

/* ---- JSON Web Key sets ---- */

static void test_wycheproof_jwk(void **state) {
    (void)state;
    struct vectors vectors = load("wycheproof/json_web_key_test.json");
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;
    json_array_foreach(json_get_array(vectors.document, "testGroups"), i, group) {
        const json_t *public = json_get_object(group, "public");
        const json_t *chosen = public != NULL ? public : json_get_object(group, "private");
        struct jose_key_set *keys = NULL;
        json_array_foreach(json_get_array(group, "tests"), j, test) {
            /* Case 1: a set of both kinds is read as key-set mode reads it, which never serves a symmetric
             * key. */
            bool is_mixed = json_get_int(test, "tcId", 0) == 1;
            assert_int_equal(
                jose_key_set_from_json(chosen, is_mixed || public != NULL ? JOSE_PUBLIC_KEYS : JOSE_ALL_KEYS,
                                       &keys, NULL),
                OK);
            expect(test, verify_text(vectors.arena, json_get_str(test, "jws"), keys),
                   is_expected_valid(test));
            vectors.cases++;
            jose_key_set_release(keys);
        }
    }
    assert_int_equal(vectors.cases, 26);
    unload(&vectors);
}

/* ---- the primitives: signatures over arbitrary bytes ---- */

static const struct jose_key *only_key(struct jose_key_set *keys) {
    assert_int_equal(jose_key_set_count(keys), 1);
    return jose_key_set_at(keys, 0);
}

/* Every group's key in both its forms, PEM and JWK; both must say the same of every case. */
static void run_primitive(const char *file, const char *algorithm_name, const char *jwk_member, size_t cases,
                          size_t valid) {
    struct vectors vectors = load(file);
    const struct jose_algorithm *algorithm = jose_algorithm_find(str_from(algorithm_name));
    size_t accepted = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;
    json_array_foreach(json_get_array(vectors.document, "testGroups"), i, group) {
        struct jose_key_set *from_pem = NULL;
        struct jose_key_set *from_jwk = NULL;
        assert_int_equal(jose_key_set_from_pem(json_get_str(group, "publicKeyPem"), STR_NONE,
                                               JOSE_PUBLIC_KEYS, &from_pem, NULL),
                         OK);
        const json_t *jwk = json_get_object(group, jwk_member);
        if (jwk != NULL)
            assert_int_equal(jose_key_set_from_json(jwk, JOSE_PUBLIC_KEYS, &from_jwk, NULL), OK);
        json_array_foreach(json_get_array(group, "tests"), j, test) {
            struct str message = hex_of(vectors.arena, test, "msg");
            struct str signature = hex_of(vectors.arena, test, "sig");
            bool is_valid = jose_key_verify(only_key(from_pem), algorithm, message, signature);
            if (from_jwk != NULL)
                assert_int_equal(is_valid,
                                 jose_key_verify(only_key(from_jwk), algorithm, message, signature));
            expect(test, is_valid, is_expected_valid(test)); /* "acceptable" is refused: RSA's missing NULL */
            vectors.cases++;
            accepted += is_valid;
        }
        jose_key_set_release(from_pem);
        jose_key_set_release(from_jwk);
    }
    assert_int_equal(vectors.cases, cases);
    assert_int_equal(accepted, valid);
    unload(&vectors);
}

static void test_wycheproof_ecdsa_p256(void **state) {
    (void)state;
    run_primitive("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", "ES256", "publicKeyJwk", 262, 173);
}

static void test_wycheproof_ed25519(void **state) {
    (void)state;
    run_primitive("wycheproof/ed25519_test.json", "EdDSA", "publicKeyJwk", 151, 88);
}

static void test_wycheproof_rsa_pss(void **state) {
    (void)state;
    run_primitive("wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json", "PS256", "publicKeyJwk", 108, 63);
}

static void test_wycheproof_rsa_pkcs1(void **state) {
    (void)state;
    run_primitive("wycheproof/rsa_signature_2048_sha256_test.json", "RS256", "keyJwk", 259, 9);
}

/* Keys under 256 bits are refused when they are read; JOSE has no truncated codes, so those of 128 bits are
 * refused too. */
static void test_wycheproof_hmac(void **state) {
    (void)state;
    struct vectors vectors = load("wycheproof/hmac_sha256_test.json");
    size_t accepted = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;
    json_array_foreach(json_get_array(vectors.document, "testGroups"), i, group) {
        bool is_usable = json_get_int(group, "keySize", 0) >= 256 && json_get_int(group, "tagSize", 0) == 256;
        json_array_foreach(json_get_array(group, "tests"), j, test) {
            struct str secret = hex_of(vectors.arena, test, "key");
            struct jose_key_set *keys = NULL;
            bool is_valid = false;
            if (jose_key_set_from_secrets(&secret, 1, &keys) == OK)
                is_valid =
                    jose_key_verify(only_key(keys), jose_algorithm_find(STR("HS256")),
                                    hex_of(vectors.arena, test, "msg"), hex_of(vectors.arena, test, "tag"));
            expect(test, is_valid, is_expected_valid(test) && is_usable);
            vectors.cases++;
            accepted += is_valid;
            jose_key_set_release(keys);
        }
    }
    assert_int_equal(vectors.cases, 174);
    assert_true(accepted > 0);
    unload(&vectors);
}

/* ---- RFC 7520, the JOSE cookbook ---- */

static struct jose_key_set *cookbook_key(struct arena *arena, const json_t *document) {
    json_t *jwk = json_get_object(json_get_object(document, "input"), "key");
    struct jose_key_set *keys = NULL;
    (void)arena;
    assert_int_equal(jose_key_set_from_json(jwk, JOSE_ALL_KEYS, &keys, NULL), OK);
    return keys;
}

static void test_cookbook_keys(void **state) {
    (void)state;
    static const struct {
        const char *file;
        enum jose_key_type type;
        bool is_private;
    } files[] = {
        {"3_1.ec_public_key", JOSE_EC, false},
        {"3_2.ec_private_key", JOSE_EC, true},
        {"3_3.rsa_public_key", JOSE_RSA, false},
        {"3_4.rsa_private_key", JOSE_RSA, true},
        {"3_5.symmetric_key_mac_computation", JOSE_OCT, true},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct jose_key_set *keys;
        struct str path = arena_print(arena, "%s/jose-cookbook/%s.json", TEST_VECTORS, files[i].file);
        assert_int_equal(jose_key_set_read(read_whole_file(arena, path.at), JOSE_ALL_KEYS, &keys, NULL), OK);
        assert_int_equal(jose_key_type(only_key(keys)), files[i].type);
        assert_int_equal(jose_key_is_private(only_key(keys)), files[i].is_private);
        assert_true(jose_key_set_leaked_private(keys) == files[i].is_private);
        jose_key_set_release(keys);
    }
}

static void test_cookbook_compact(void **state) {
    (void)state;
    static const char *const files[] = {"4_1.rsa_v15_signature", "4_4.hmac-sha2_integrity_protection"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct vectors vectors = load(arena_print(arena, "jose-cookbook/%s.json", files[i]).at);
        struct jose_key_set *keys = cookbook_key(arena, vectors.document);
        struct str compact = json_get_str(json_get_object(vectors.document, "output"), "compact");
        struct jose_jws jws;
        assert_int_equal(jose_jws_parse(compact, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
        assert_int_equal(jose_verify(&jws, keys, 0, NULL), JOSE_VALID);
        assert_true(
            str_equal(jws.payload, json_get_str(json_get_object(vectors.document, "input"), "payload")));
        /* Both are reproducible: the same key makes the same signature. */
        struct str signature;
        assert_int_equal(jose_key_sign(only_key(keys), jws.algorithm, jws.signing_input, arena, &signature),
                         OK);
        assert_true(str_equal(signature, jws.signature));
        jose_key_set_release(keys);
        json_decref(vectors.document);
        arena_free(vectors.arena);
    }
}

static void refuse_cleanly(struct arena *arena, struct str text) {
    struct jose_jws jws;
    const char *why = NULL;
    assert_int_equal(jose_jws_parse(text, JOSE_TOKEN_MAX, arena, &jws, &why), INVALID);
    assert_non_null(why);
}

/* Detached content, several signatures, unprotected headers: all but the compact form is refused. */
static void test_cookbook_other_forms(void **state) {
    (void)state;
    static const char *const files[] = {"4_1.rsa_v15_signature",
                                        "4_4.hmac-sha2_integrity_protection",
                                        "4_5.signature_with_detached_content",
                                        "4_6.protecting_specific_header_fields",
                                        "4_7.protecting_content_only",
                                        "4_8.multiple_signatures"};
    static const char *const forms[] = {"json", "json_flat"};
    size_t refused = 0;
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct vectors vectors = load(arena_print(arena, "jose-cookbook/%s.json", files[i]).at);
        const json_t *output = json_get_object(vectors.document, "output");
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++) {
            const json_t *form = json_object_get(output, forms[j]);
            if (form == NULL)
                continue;
            refuse_cleanly(arena, json_write(arena, form));
            refused++;
        }
        json_decref(vectors.document);
        arena_free(vectors.arena);
    }
    assert_int_equal(refused, 11);
}

/* Detached content in compact form: two dots with nothing between them. It parses (an empty payload is a
 * payload), but proves nothing. */
static void test_cookbook_detached(void **state) {
    (void)state;
    struct vectors vectors = load("jose-cookbook/4_5.signature_with_detached_content.json");
    struct jose_key_set *keys = cookbook_key(vectors.arena, vectors.document);
    struct str compact = json_get_str(json_get_object(vectors.document, "output"), "compact");
    assert_true(str_find(compact, STR("..")) != STR_NOT_FOUND);
    assert_false(verify_text(vectors.arena, compact, keys));
    jose_key_set_release(keys);
    json_decref(vectors.document);
    arena_free(vectors.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wycheproof_jws),        cmocka_unit_test(test_wycheproof_jwk),
        cmocka_unit_test(test_wycheproof_ecdsa_p256), cmocka_unit_test(test_wycheproof_ed25519),
        cmocka_unit_test(test_wycheproof_rsa_pss),    cmocka_unit_test(test_wycheproof_rsa_pkcs1),
        cmocka_unit_test(test_wycheproof_hmac),       cmocka_unit_test(test_cookbook_keys),
        cmocka_unit_test(test_cookbook_compact),      cmocka_unit_test(test_cookbook_other_forms),
        cmocka_unit_test(test_cookbook_detached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
