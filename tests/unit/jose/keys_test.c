/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys are taken, and which of them is chosen: every rule both ways. */
#include "jose/make_keys.h"

#include <openssl/ec.h>

/* Why the one key of `text` was skipped; NULL where it was taken. */
static const char *why_skipped(const char *text, enum jose_key_choice choice) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, text, choice);
    assert_int_equal(jose_key_set_count(keys) + jose_key_set_skipped_count(keys), 1);
    const struct jose_skipped_key *skipped = jose_key_set_skipped_at(keys, 0);
    const char *why = skipped != NULL ? skipped->why : NULL;
    jose_key_set_release(keys);
    assert_int_equal(ERR_peek_error(), 0);
    return why;
}

#define assert_taken(text)   assert_null(why_skipped((text), JOSE_ALL_KEYS))
#define assert_skipped(text) assert_non_null(why_skipped((text), JOSE_ALL_KEYS))

/* ---- members: RFC 7518 section 6, RFC 8037 section 2 ---- */

static void test_rsa_sizes(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        size_t bytes;
        bool taken;
    } sizes[] = {{127, false}, {128, false}, {255, false},  {256, true},
                 {512, true},  {1024, true}, {1025, false}, {2048, false}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *bytes = arena_alloc(arena, sizes[i].bytes);
        memset(bytes, 0xAB, sizes[i].bytes); /* odd, its first bit is set */
        struct str n = base64url_encode(arena, str_of(bytes, sizes[i].bytes));
        const char *text = arena_print(arena, "{'kty':'RSA','e':'AQAB','n':'%.*s'}", STR_ARG(n)).at;
        assert_true((why_skipped(text, JOSE_PUBLIC_KEYS) == NULL) == sizes[i].taken);
    }
    assert_skipped("{'kty':'RSA','e':'AQAB'}");
    assert_skipped("{'kty':'RSA','e':'AQAB','n':''}");
    assert_skipped("{'kty':'RSA','e':'AQAB','n':1}");
    assert_skipped("{'kty':'RSA','e':'AQAB','n':'+/=='}");
}

static void test_rsa_even_modulus(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    unsigned char bytes[256];
    memset(bytes, 0xAA, sizeof bytes);
    struct str n = base64url_encode(arena, str_of(bytes, sizeof bytes));
    assert_skipped(arena_print(arena, "{'kty':'RSA','e':'AQAB','n':'%.*s'}", STR_ARG(n)).at);
}

static void test_rsa_exponents(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        const char *e;
        bool taken;
    } exponents[] = {{"Aw", true},
                     {"AQAB", true},
                     {"AAEAAQ", true},
                     {"__________8", true},
                     {"AQ", false},
                     {"AA", false},
                     {"Ag", false},
                     {"AQAA", false},
                     {"", false},
                     {"Af________8", true},
                     {"Af__________8", false},
                     {"//8", false}};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        const char *text = arena_print(arena, "{'kty':'RSA','n':'" RSA_A2_N "','e':'%s'}", exponents[i].e).at;
        if ((why_skipped(text, JOSE_PUBLIC_KEYS) == NULL) != exponents[i].taken)
            fail_msg("exponent %s", exponents[i].e);
    }
}

static void test_rsa_private(void **state) {
    (void)state;
    assert_taken(RSA_A2_PRIVATE);
    assert_skipped("{" RSA_A2_MEMBERS ",'d':'AQ'}");                    /* another's private half */
    assert_skipped("{" RSA_A2_MEMBERS ",'d':'" RSA_A2_D "','p':'AQ'}"); /* some primes but not all */
    assert_skipped("{" RSA_A2_MEMBERS ",'d':'" RSA_A2_D "','oth':[]}"); /* more than two primes */
    assert_null(why_skipped("{" RSA_A2_MEMBERS ",'d':'nonsense'}", JOSE_PUBLIC_KEYS)); /* dropped unread */
}

static void test_ec_points(void **state) {
    (void)state;
    assert_taken(EC_A3);
    assert_taken(EC_A3_PRIVATE);
    /* one bit off the curve; both zero; too short; too long; wrong curve's name; unknown curve; missing */
    assert_skipped("{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4'}");
    assert_skipped("{'kty':'EC','crv':'P-256','x':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA','y':'"
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}");
    assert_skipped("{'kty':'EC','crv':'P-256','x':'zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURQ','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','crv':'P-256','x':'AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','crv':'P-384','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','crv':'secp256k1','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','crv':'Ed25519','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_"
                   "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_FEzRu9m36HLN_"
                   "tue659LNpXW6pCyStikYjKIWI5a0'}");
    assert_skipped("{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'}");
    assert_skipped("{" EC_A3_MEMBERS ",'d':'870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE'}"); /* another's */
    assert_skipped("{" EC_A3_MEMBERS ",'d':''}");
}

static void test_okp_keys(void **state) {
    (void)state;
    assert_taken(OKP);
    assert_taken(OKP_PRIVATE);
    assert_skipped("{'kty':'OKP','crv':'Ed25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ'}");
    assert_skipped("{'kty':'OKP','crv':'Ed448','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}");
    assert_skipped("{'kty':'OKP','crv':'X25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}");
    assert_skipped("{'kty':'OKP','crv':'P-256','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}");
    assert_skipped("{" OKP_MEMBERS ",'d':'870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE'}"); /* another's */
}

/* Zeros, the neutral element and their like: with such a key anybody signs, by a signature of zeros. The key
 * sets of others have held keys that were never filled in. */
static void test_points_of_small_order(void **state) {
    (void)state;
    static const char *const keys[] = {
        "{'kty':'OKP','crv':'Ed448','x':'"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty':'OKP','crv':'Ed448','x':'"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA'}",
        "{'kty':'OKP','crv':'Ed448','x':'"
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty':'OKP','crv':'Ed448','x':'"
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA'}",
        "{'kty':'OKP','crv':'Ed448','x':'_v____________________________________7_____________________________"
        "______8A'}",
        "{'kty':'OKP','crv':'Ed448','x':'_v____________________________________7_____________________________"
        "______-A'}",
        "{'kty':'OKP','crv':'Ed448','x':'______________________________________7_____________________________"
        "______8A'}",
        "{'kty':'OKP','crv':'Ed25519','x':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty':'OKP','crv':'Ed25519','x':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA'}",
        "{'kty':'OKP','crv':'Ed25519','x':'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty':'OKP','crv':'Ed25519','x':'7P_______________________________________38'}",
        "{'kty':'OKP','crv':'Ed25519','x':'7f_______________________________________38'}",
        "{'kty':'OKP','crv':'Ed25519','x':'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
        "{'kty':'OKP','crv':'Ed25519','x':'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU'}",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_skipped(keys[i]);
}

static void test_symmetric_keys(void **state) {
    (void)state;
    assert_taken(OCT_A1);
    assert_taken("{'kty':'oct','k':'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'}");
    assert_skipped("{'kty':'oct','k':'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg'}"); /* 31 bytes */
    assert_skipped("{'kty':'oct','k':''}");
    assert_skipped("{'kty':'oct'}");
    assert_non_null(why_skipped(OCT_A1, JOSE_PUBLIC_KEYS));
}

/* ---- purpose: RFC 7517 sections 4.1 to 4.5 ---- */

static void test_purposes(void **state) {
    (void)state;
    assert_taken("{" EC_A3_MEMBERS ",'use':'sig'}");
    assert_skipped("{" EC_A3_MEMBERS ",'use':'enc'}");
    assert_skipped("{" EC_A3_MEMBERS ",'use':'SIG'}");
    assert_skipped("{" EC_A3_MEMBERS ",'use':1}");
    assert_taken("{" EC_A3_MEMBERS ",'key_ops':['verify']}");
    assert_taken("{" EC_A3_MEMBERS ",'key_ops':['sign','verify']}");
    assert_skipped("{" EC_A3_MEMBERS ",'key_ops':[]}");
    assert_skipped("{" EC_A3_MEMBERS ",'key_ops':['encrypt']}");
    assert_skipped("{" EC_A3_MEMBERS ",'key_ops':'verify'}");
    assert_skipped("{" EC_A3_MEMBERS ",'key_ops':['verify',7]}");
    assert_non_null(why_skipped("{" EC_A3_MEMBERS ",'key_ops':['sign']}", JOSE_PUBLIC_KEYS));
    assert_taken("{" EC_A3_MEMBERS ",'alg':'ES256'}");
    assert_skipped("{" EC_A3_MEMBERS ",'alg':'ES384'}");
    assert_skipped("{" EC_A3_MEMBERS ",'alg':'RS256'}");
    assert_skipped("{" EC_A3_MEMBERS ",'alg':'HS256'}");
    assert_skipped("{" EC_A3_MEMBERS ",'alg':'none'}");
    assert_skipped("{" EC_A3_MEMBERS ",'alg':['ES256']}");
    assert_skipped("{" EC_A3_MEMBERS ",'kid':7}");
    assert_skipped("{'kty':'unknown'}");
    assert_skipped("{'kty':'ec'}");
}

static void test_documents(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const refused[] = {"",
                                          "[]",
                                          "{}",
                                          "null",
                                          "'keys'",
                                          "{'keys':{}}",
                                          "{'keys':null}",
                                          "{'a':1}",
                                          "{'a':'text'}",
                                          "{'keys':[]}x",
                                          "{'keys':[],'keys':[]}"};
    struct jose_key_set *keys;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *why = NULL;
        assert_int_equal(jose_key_set_read(json_text(arena, refused[i]), JOSE_PUBLIC_KEYS, &keys, &why),
                         INVALID);
        assert_non_null(why);
    }
    keys = keys_read(arena, "{'keys':[]}", JOSE_PUBLIC_KEYS);
    assert_int_equal(jose_key_set_count(keys), 0);
    jose_key_set_release(keys);
    /* One bad key among good ones takes nothing from them. */
    keys =
        keys_read(arena, "{'keys':[1,null,{},{'kty':'EC'}," EC_A3 ",{'kty':'future'}," OKP "],'other':true}",
                  JOSE_PUBLIC_KEYS);
    assert_int_equal(jose_key_set_count(keys), 2);
    assert_int_equal(jose_key_set_skipped_count(keys), 5);
    jose_key_set_release(keys);
    char *large = arena_alloc(arena, (1 << 20) + 1);
    memset(large, ' ', (1 << 20) + 1);
    assert_int_equal(jose_key_set_read(str_of(large, (1 << 20) + 1), JOSE_PUBLIC_KEYS, &keys, NULL),
                     TOO_LARGE);
}

static void test_many_keys(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *document = json_pack("{s:[]}", "keys");
    for (int i = 0; i < 200; i++) {
        json_t *key;
        assert_int_equal(json_read(json_text(arena, OKP), JSON_DEPTH_TOKEN, &key, NULL), OK);
        json_object_set_new(key, "kid", json_from_str(arena_print(arena, "k%d", i)));
        json_array_append_new(json_object_get(document, "keys"), key);
    }
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_json(document, JOSE_PUBLIC_KEYS, &keys, NULL), OK);
    assert_int_equal(jose_key_set_count(keys), 128);
    assert_int_equal(jose_key_set_skipped_count(keys), 72);
    assert_non_null(jose_key_set_skipped_at(keys, 31));
    assert_null(jose_key_set_skipped_at(keys, 32));
    jose_key_set_release(keys);
}

/* ---- choosing ---- */

static enum jose_verdict choose(const char *keys_text, const char *header) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *signer = keys_read(arena, EC_A3_PRIVATE, JOSE_ALL_KEYS);
    struct jose_key_set *keys = keys_read(arena, keys_text, JOSE_PUBLIC_KEYS);
    struct str token = token_signed(arena, key_only(signer), "ES256", header, "{}");
    struct jose_jws jws;
    assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    enum jose_verdict verdict = jose_verify(&jws, keys, 0, NULL);
    jose_key_set_release(signer);
    jose_key_set_release(keys);
    return verdict;
}

#define WITH(members, more) "{" members "," more "}"
#define SET(keys)           "{'keys':[" keys "]}"
#define EC_OTHER                                                                                             \
    "'kty':'EC','crv':'P-256','x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4','y':'"                       \
    "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM'"

static void test_choice_by_kid(void **state) {
    (void)state;
    static const char kid_a[] = "{'alg':'ES256','kid':'a'}";
    assert_int_equal(choose(SET(WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a), JOSE_VALID);
    assert_int_equal(choose(SET(WITH(EC_OTHER, "'kid':'b'") "," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
                     JOSE_VALID);
    assert_int_equal(choose(SET(WITH(EC_A3_MEMBERS, "'kid':'A'")), kid_a), JOSE_UNKNOWN_KID);
    assert_int_equal(choose(SET(EC_A3), kid_a),
                     JOSE_UNKNOWN_KID); /* a key without an id is not meant by an id */
    assert_int_equal(choose(SET(""), kid_a), JOSE_UNKNOWN_KID);
    assert_int_equal(choose(SET(WITH(EC_OTHER, "'kid':'a'")), kid_a), JOSE_BAD_SIGNATURE);
    assert_int_equal(choose(SET(WITH(OKP_MEMBERS, "'kid':'a'")), kid_a), JOSE_NO_FITTING_KEY);
    assert_int_equal(choose(SET(WITH(EC_A3_MEMBERS, "'kid':''")), "{'alg':'ES256','kid':''}"), JOSE_VALID);
}

static void test_choice_without_kid(void **state) {
    (void)state;
    static const char no_kid[] = "{'alg':'ES256'}";
    assert_int_equal(choose(SET(EC_A3), no_kid), JOSE_VALID);
    assert_int_equal(choose(SET(WITH(EC_A3_MEMBERS, "'kid':'a'")), no_kid), JOSE_VALID);
    assert_int_equal(choose(SET(OKP "," EC_A3 "," RSA_A2), no_kid), JOSE_VALID); /* one of its kind */
    assert_int_equal(choose(SET(EC_A3 ",{" EC_OTHER "}"), no_kid), JOSE_SEVERAL_KEYS);
    assert_int_equal(choose(SET(OKP "," RSA_A2), no_kid), JOSE_NO_FITTING_KEY);
    assert_int_equal(choose(SET(""), no_kid), JOSE_NO_FITTING_KEY);
    assert_int_equal(choose(SET(WITH(EC_OTHER, "'use':'enc'") "," EC_A3), no_kid), JOSE_VALID);
}

/* RFC 7517 section 4.5 */
static void test_kids_that_stand_twice(void **state) {
    (void)state;
    static const char kid_a[] = "{'alg':'ES256','kid':'a'}";
    /* the same key twice is one */
    assert_int_equal(
        choose(SET(WITH(EC_A3_MEMBERS, "'kid':'a'") "," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
        JOSE_VALID);
    /* of other kinds, told apart by `alg` */
    assert_int_equal(
        choose(SET(WITH(RSA_A2_MEMBERS, "'kid':'a'") "," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
        JOSE_VALID);
    /* either could be meant */
    assert_int_equal(choose(SET(WITH(EC_OTHER, "'kid':'a'") "," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
                     JOSE_SEVERAL_KEYS);
    /* one that cannot be read could have been meant */
    assert_int_equal(choose(SET("{'kty':'EC','kid':'a'}," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
                     JOSE_SEVERAL_KEYS);
    /* but not one for another purpose */
    assert_int_equal(
        choose(SET(WITH(EC_OTHER, "'kid':'a','use':'enc'") "," WITH(EC_A3_MEMBERS, "'kid':'a'")), kid_a),
        JOSE_VALID);
}

static void test_key_binds_algorithm(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *signer = keys_read(arena, RSA_A2_PRIVATE, JOSE_ALL_KEYS);
    struct jose_key_set *keys = keys_read(arena, "{" RSA_A2_MEMBERS ",'alg':'RS256'}", JOSE_PUBLIC_KEYS);
    static const struct {
        const char *alg;
        enum jose_verdict verdict;
    } cases[] = {{"RS256", JOSE_VALID}, {"RS512", JOSE_NO_FITTING_KEY}, {"PS256", JOSE_NO_FITTING_KEY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str token;
        struct jose_jws jws;
        assert_int_equal(
            jose_sign(key_only(signer), algorithm_named(cases[i].alg), NULL, STR("{}"), arena, &token), OK);
        assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
        assert_int_equal(jose_verify(&jws, keys, 0, NULL), cases[i].verdict);
    }
    jose_key_set_release(signer);
    jose_key_set_release(keys);
}

/* ---- shared secrets ---- */

static struct str token_by_secret(struct arena *arena, struct str secret, const char *alg, const char *kid) {
    struct jose_key_set *keys;
    struct str token;
    json_auto_t *header = kid != NULL ? json_pack("{s:s}", "kid", kid) : NULL;
    assert_int_equal(jose_key_set_from_secrets(&secret, 1, &keys), OK);
    assert_int_equal(jose_sign(key_only(keys), algorithm_named(alg), header, STR("{}"), arena, &token), OK);
    jose_key_set_release(keys);
    return token;
}

static void test_secrets_overlap(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct str old_and_new[] = {STR("the-old-secret-of-forty-two-characters-abc"),
                                      STR("the-new-secret-of-forty-two-characters-abc")};
    struct jose_key_set *both;
    struct jose_jws jws;
    assert_int_equal(jose_key_set_from_secrets(old_and_new, 2, &both), OK);
    for (size_t i = 0; i < 2; i++) {
        struct str token = token_by_secret(arena, old_and_new[i], "HS256", i == 0 ? NULL : "whatever");
        assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
        assert_int_equal(jose_verify(&jws, both, 0, NULL), JOSE_VALID);
    }
    struct str token =
        token_by_secret(arena, STR("a-third-secret-of-forty-two-characters-abc"), "HS256", NULL);
    assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_int_equal(jose_verify(&jws, both, 0, NULL), JOSE_BAD_SIGNATURE);
    jose_key_set_release(both);
}

/* RFC 7518 section 3.2 */
static void test_secret_lengths(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        const char *alg;
        size_t min;
    } cases[] = {{"HS256", 32}, {"HS384", 48}, {"HS512", 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[64];
        memset(bytes, 's', sizeof bytes);
        struct str token = token_by_secret(arena, str_of(bytes, sizeof bytes), cases[i].alg, NULL);
        struct jose_jws jws;
        struct jose_key_set *keys;
        assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
        assert_int_equal(jose_algorithm_min_secret(jws.algorithm), cases[i].min);
        struct str shorter = str_of(bytes, cases[i].min - 1);
        enum status status = jose_key_set_from_secrets(&shorter, 1, &keys);
        assert_int_equal(status, i == 0 ? INVALID : OK);
        if (status == OK) {
            assert_int_equal(jose_verify(&jws, keys, 0, NULL), JOSE_SECRET_TOO_SHORT);
            jose_key_set_release(keys);
        }
    }
    struct str empty = STR("");
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_secrets(&empty, 1, &keys), INVALID);
    struct str many[17];
    for (size_t i = 0; i < 17; i++)
        many[i] = STR("a-secret-of-more-than-thirty-two-bytes");
    assert_int_equal(jose_key_set_from_secrets(many, 17, &keys), TOO_LARGE);
}

/* A key and its document may look like a secret, and one like the other: neither verifies for the other. */
static void test_kinds_never_mix(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *public = keys_read(arena, EC_A3, JOSE_PUBLIC_KEYS);
    struct jose_jws jws;
    struct str token = token_by_secret(arena, STR("a-secret-of-more-than-thirty-two-bytes"), "HS256", NULL);
    assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_int_equal(jose_verify(&jws, public, 0, NULL), JOSE_NO_FITTING_KEY);
    assert_false(
        jose_key_verify(key_only(public), algorithm_named("HS256"), jws.signing_input, jws.signature));
    jose_key_set_release(public);
}

/* ---- certificates ---- */

static void test_certificate_map(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("RS256");
    struct jose_key_set *signer = keys_from(arena, pkey, "c1");
    json_auto_t *map = json_object();
    json_object_set_new(map, "c1", json_from_str(certificate_pem(arena, pkey, 1000, 2000)));
    json_object_set_new(map, "c2",
                        json_string("-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n"));
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_json(map, JOSE_PUBLIC_KEYS, &keys, NULL), OK);
    assert_int_equal(jose_key_set_skipped_count(keys), 1);
    assert_str(jose_key_kid(key_only(keys)), "c1");
    struct str token;
    struct jose_jws jws;
    assert_int_equal(jose_sign(key_only(signer), algorithm_named("RS256"), NULL, STR("{}"), arena, &token),
                     OK);
    assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_int_equal(jose_verify(&jws, keys, 999, NULL), JOSE_KEY_NOT_IN_TIME);
    assert_int_equal(jose_verify(&jws, keys, 1000, NULL), JOSE_VALID);
    assert_int_equal(jose_verify(&jws, keys, 2000, NULL), JOSE_VALID);
    assert_int_equal(jose_verify(&jws, keys, 2001, NULL), JOSE_KEY_NOT_IN_TIME);
    jose_key_set_release(signer);
    jose_key_set_release(keys);
    EVP_PKEY_free(pkey);
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_certificates_of_every_kind(void **state) {
    (void)state;
    static const char *const algs[] = {"ES256", "ES384", "ES512", "EdDSA", "Ed448"};
    AUTO_ARENA arena = arena_new();
    json_auto_t *map = json_object();
    for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
        EVP_PKEY *pkey = pkey_for(algs[i]);
        json_object_set_new(map, algs[i], json_from_str(certificate_pem(arena, pkey, 0, 1)));
        EVP_PKEY_free(pkey);
    }
    EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    EVP_PKEY *foreign = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
    json_object_set_new(map, "weak", json_from_str(certificate_pem(arena, weak, 0, 1)));
    json_object_set_new(map, "foreign", json_from_str(certificate_pem(arena, foreign, 0, 1)));
    EVP_PKEY_free(weak);
    EVP_PKEY_free(foreign);
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_json(map, JOSE_PUBLIC_KEYS, &keys, NULL), OK);
    assert_int_equal(jose_key_set_count(keys), sizeof algs / sizeof *algs);
    assert_int_equal(jose_key_set_skipped_count(keys), 2);
    jose_key_set_release(keys);
}

/* CVE-2020-0601: a curve spelled out by its parameters, which only looks like a known one. */
static void test_explicit_curve_parameters(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_group_name(context, "P-256"), 1);
    assert_int_equal(EVP_PKEY_CTX_set_ec_param_enc(context, 0), 1); /* explicit */
    assert_int_equal(EVP_PKEY_generate(context, &pkey), 1);
    EVP_PKEY_CTX_free(context);
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_pem(public_pem(arena, pkey), STR_NONE, JOSE_PUBLIC_KEYS, &keys, NULL),
                     INVALID);
    assert_int_equal(
        jose_key_set_from_pem(certificate_pem(arena, pkey, 0, 1), STR_NONE, JOSE_PUBLIC_KEYS, &keys, NULL),
        INVALID);
    EVP_PKEY_free(pkey);
    assert_int_equal(ERR_peek_error(), 0);
}

/* Keys that sign nothing here. */
static void test_foreign_key_types(void **state) {
    (void)state;
    static const char *const types[] = {"X25519", "X448"};
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, types[i]);
        assert_int_equal(
            jose_key_set_from_pem(public_pem(arena, pkey), STR_NONE, JOSE_PUBLIC_KEYS, &keys, NULL), INVALID);
        EVP_PKEY_free(pkey);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

/* A map with one member that is no certificate is no map: better no keys than half of something else. */
static void test_map_or_not(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys;
    struct str text = json_text(arena, "{'a':'-----BEGIN CERTIFICATE-----','b':'x'}");
    assert_int_equal(jose_key_set_read(text, JOSE_PUBLIC_KEYS, &keys, NULL), INVALID);
}

/* ---- signing and verifying, every algorithm ---- */

static void assert_changes_break(struct arena *arena, const struct jose_key *key,
                                 const struct jose_algorithm *algorithm, struct str input,
                                 struct str signature) {
    char *changed = (char *)arena_copy(arena, signature).at;
    for (size_t i = 0; i < signature.len; i += 1 + signature.len / 16) {
        changed[i] = (char)(changed[i] ^ 1);
        assert_false(jose_key_verify(key, algorithm, input, str_of(changed, signature.len)));
        changed[i] = (char)(changed[i] ^ 1);
    }
    assert_false(jose_key_verify(key, algorithm, str_slice(input, 1, input.len), signature));
    assert_false(jose_key_verify(key, algorithm, input, str_slice(signature, 0, signature.len - 1)));
    assert_false(jose_key_verify(key, algorithm, input, str_slice(signature, 1, signature.len)));
    assert_false(
        jose_key_verify(key, algorithm, input, arena_join(arena, 2, (struct str[]){signature, STR("\1")})));
    assert_false(
        jose_key_verify(key, algorithm, input, arena_join(arena, 2, (struct str[]){{"\0", 1}, signature})));
    assert_false(jose_key_verify(key, algorithm, input, STR("")));
    /* A context that met bad signatures serves good ones as before. */
    assert_true(jose_key_verify(key, algorithm, input, signature));
}

static void test_every_algorithm(void **state) {
    (void)state;
    size_t count = 0;
    const struct jose_algorithm *algorithm;
    for (; (algorithm = jose_algorithm_at(count)) != NULL; count++) {
        AUTO_ARENA arena = arena_new();
        const char *name = arena_terminated(arena, jose_algorithm_name(algorithm));
        bool is_symmetric = jose_algorithm_is_symmetric(algorithm);
        EVP_PKEY *pkey = is_symmetric ? NULL : pkey_for(name);
        struct jose_key_set *keys =
            is_symmetric ? keys_read(arena, OCT_A1, JOSE_ALL_KEYS) : keys_from(arena, pkey, "k");
        struct str signature;
        struct str input = STR("header.payload");
        assert_int_equal(jose_key_sign(key_only(keys), algorithm, input, arena, &signature), OK);
        assert_true(jose_key_verify(key_only(keys), algorithm, input, signature));
        assert_changes_break(arena, key_only(keys), algorithm, input, signature);
        const struct jose_algorithm *other;
        for (size_t i = 0; (other = jose_algorithm_at(i)) != NULL; i++) {
            bool is_same = other == algorithm ||
                           (jose_key_fits(key_only(keys), other) && name[0] == 'E' && name[1] == 'd');
            assert_true(jose_key_verify(key_only(keys), other, input, signature) == is_same);
        }
        /* Its public half, given out and read again, verifies too. */
        json_auto_t *jwk = jose_key_public_jwk(key_only(keys));
        assert_true((jwk == NULL) == is_symmetric);
        if (jwk != NULL) {
            struct jose_key_set *public;
            assert_int_equal(jose_key_set_from_json(jwk, JOSE_PUBLIC_KEYS, &public, NULL), OK);
            assert_true(jose_key_verify(key_only(public), algorithm, input, signature));
            assert_false(jose_key_set_leaked_private(public));
            assert_int_equal(jose_key_sign(key_only(public), algorithm, input, arena, &signature), INVALID);
            jose_key_set_release(public);
        }
        jose_key_set_release(keys);
        EVP_PKEY_free(pkey);
        assert_int_equal(ERR_peek_error(), 0);
    }
    assert_int_equal(count, 15);
}

static void test_sets_of_algorithms(void **state) {
    (void)state;
    assert_int_equal(jose_algorithms_symmetric() & jose_algorithms_asymmetric(), 0);
    assert_int_equal(jose_algorithms_symmetric() | jose_algorithms_asymmetric(), 0x7FFF);
    assert_int_equal(__builtin_popcount(jose_algorithms_symmetric()), 3);
}

static void test_pem(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("ES256");
    struct jose_key_set *keys;
    const char *why = NULL;
    assert_int_equal(jose_key_set_from_pem(public_pem(arena, pkey), STR("k"), JOSE_PUBLIC_KEYS, &keys, NULL),
                     OK);
    assert_false(jose_key_is_private(key_only(keys)));
    jose_key_set_release(keys);
    assert_int_equal(jose_key_set_from_pem(private_pem(arena, pkey), STR("k"), JOSE_PUBLIC_KEYS, &keys, &why),
                     INVALID);
    assert_non_null(why);
    assert_int_equal(
        jose_key_set_from_pem(certificate_pem(arena, pkey, 0, 9), STR("k"), JOSE_PUBLIC_KEYS, &keys, NULL),
        OK);
    jose_key_set_release(keys);
    assert_int_equal(
        jose_key_set_from_pem(STR("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"), STR_NONE,
                              JOSE_PUBLIC_KEYS, &keys, NULL),
        INVALID);
    assert_int_equal(jose_key_set_from_pem(STR(""), STR_NONE, JOSE_ALL_KEYS, &keys, NULL), INVALID);
    EVP_PKEY_free(pkey);
    assert_int_equal(ERR_peek_error(), 0);
}

/* An encrypted key would have OpenSSL ask at the terminal: it is refused instead. */
static void test_encrypted_pem(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("EdDSA");
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_256_cbc(), "secret", 6, NULL, NULL), 1);
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_from_pem(bio_text(arena, bio), STR_NONE, JOSE_ALL_KEYS, &keys, NULL),
                     INVALID);
    EVP_PKEY_free(pkey);
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_sign_headers(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys =
        keys_read(arena, "{" OKP_MEMBERS ",'kid':'k1','d':'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'}",
                  JOSE_ALL_KEYS);
    struct str token;
    struct jose_jws jws;
    json_auto_t *header = json_pack("{s:s}", "typ", "at+jwt");
    assert_int_equal(jose_sign(key_only(keys), algorithm_named("EdDSA"), header, STR("{}"), arena, &token),
                     OK);
    assert_int_equal(jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    assert_str(jws.header, "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}");
    static const char *const refused[] = {"{'alg':'none'}", "{'crit':['a']}", "{'b64':false}",
                                          "{'zip':'DEF'}", "[]"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        json_t *bad;
        assert_int_equal(json_read(json_text(arena, refused[i]), JSON_DEPTH_TOKEN, &bad, NULL), OK);
        assert_int_equal(jose_sign(key_only(keys), algorithm_named("EdDSA"), bad, STR("{}"), arena, &token),
                         INVALID);
        json_decref(bad);
    }
    assert_int_equal(jose_sign(key_only(keys), algorithm_named("ES256"), NULL, STR("{}"), arena, &token),
                     INVALID);
    jose_key_set_release(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa_sizes),
        cmocka_unit_test(test_rsa_even_modulus),
        cmocka_unit_test(test_rsa_exponents),
        cmocka_unit_test(test_rsa_private),
        cmocka_unit_test(test_ec_points),
        cmocka_unit_test(test_okp_keys),
        cmocka_unit_test(test_points_of_small_order),
        cmocka_unit_test(test_symmetric_keys),
        cmocka_unit_test(test_purposes),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_choice_by_kid),
        cmocka_unit_test(test_choice_without_kid),
        cmocka_unit_test(test_kids_that_stand_twice),
        cmocka_unit_test(test_key_binds_algorithm),
        cmocka_unit_test(test_secrets_overlap),
        cmocka_unit_test(test_secret_lengths),
        cmocka_unit_test(test_kinds_never_mix),
        cmocka_unit_test(test_certificate_map),
        cmocka_unit_test(test_certificates_of_every_kind),
        cmocka_unit_test(test_explicit_curve_parameters),
        cmocka_unit_test(test_foreign_key_types),
        cmocka_unit_test(test_map_or_not),
        cmocka_unit_test(test_every_algorithm),
        cmocka_unit_test(test_sets_of_algorithms),
        cmocka_unit_test(test_pem),
        cmocka_unit_test(test_encrypted_pem),
        cmocka_unit_test(test_sign_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
