/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Token Best Current Practices: a test for each threat (RFC 8725 section 2) and each recommendation
 * (section 3), and for what its successor (draft-ietf-oauth-rfc8725bis) adds. Each shows both sides: the
 * attack refused for its reason, and the honest token beside it accepted. tests/integration/rfc8725.test.mjs
 * does the same over HTTP. */
#include "identity/support.h"

#include "base/buffer.h"
#include "jose/make_keys.h"

#define KEY_SET                                                                                              \
    "{'keys':[{" RSA_A2_MEMBERS ",'kid':'rsa'},{" EC_A3_MEMBERS ",'kid':'ec'},{" OKP_MEMBERS ",'kid':'ed'}]" \
    "}"
#define BY_KEYS   "{'name':'acme','mode':'key-set'}"
#define BY_SECRET "{" HMAC_ISSUER "}"
#define CLAIMS    "{'sub':'ada','exp':1800000300}"
#define RSA_HEAD  "{'alg':'RS256','kid':'rsa'}"
#define EC_HEAD   "{'alg':'ES256','kid':'ec'}"

/* ---- what comes of a token ---- */

static void judge(const char *issuer, struct jose_key_set *keys, struct str token, bool is_accepted,
                  enum identity_detail detail, int line) {
    struct outcome outcome = verify_text(issuer, keys, token);
    bool is_right =
        is_accepted ? outcome.status == OK : outcome.status == INVALID && outcome.failure.detail == detail;
    if (!is_right)
        print_error("got %s, expected %s\n",
                    outcome.status == OK ? "an identity" : identity_words(outcome.failure.detail)->detail,
                    is_accepted ? "an identity" : identity_words(detail)->detail);
    _assert_true(is_right, "the verdict", __FILE__, line);
    _assert_true(is_accepted == (outcome.identity.user_text.at != NULL), "an identity", __FILE__, line);
    outcome_free(&outcome);
    assert_int_equal(ERR_peek_error(), 0);
}

static void judge_by_keys(const char *issuer, struct str token, bool is_accepted, enum identity_detail detail,
                          int line) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, KEY_SET, JOSE_PUBLIC_KEYS);
    judge(issuer, keys, token, is_accepted, detail, line);
    jose_key_set_release(keys);
}

static void judge_by_secret(const char *issuer, struct str token, bool is_accepted,
                            enum identity_detail detail, int line) {
    struct jose_key_set *keys = secret_keys(SECRET);
    judge(issuer, keys, token, is_accepted, detail, line);
    jose_key_set_release(keys);
}

#define keys_accept(issuer, token) judge_by_keys((issuer), (token), true, IDENTITY_DETAILS, __LINE__)
#define keys_refuse(issuer, token, detail)                                                                   \
    judge_by_keys((issuer), (token), false, IDENTITY_##detail, __LINE__)
#define secret_accepts(issuer, token) judge_by_secret((issuer), (token), true, IDENTITY_DETAILS, __LINE__)
#define secret_refuses(issuer, token, detail)                                                                \
    judge_by_secret((issuer), (token), false, IDENTITY_##detail, __LINE__)

/* ---- tokens ---- */

static struct str by(struct arena *arena, const char *private_key, const char *alg, const char *header,
                     const char *claims) {
    struct jose_key_set *keys = keys_read(arena, private_key, JOSE_ALL_KEYS);
    struct str token = token_signed(arena, key_only(keys), alg, header, claims);
    jose_key_set_release(keys);
    return token;
}

static struct str by_rsa(struct arena *arena, const char *claims) {
    return by(arena, RSA_A2_PRIVATE, "RS256", RSA_HEAD, claims);
}

static struct str by_ec(struct arena *arena, const char *header, const char *claims) {
    return by(arena, EC_A3_PRIVATE, "ES256", header, claims);
}

static struct str by_bytes(struct arena *arena, struct str secret, const char *alg, struct str header,
                           struct str claims) {
    struct jose_key_set *keys;
    struct str signature;
    assert_int_equal(jose_key_set_from_secrets(&secret, 1, &keys), OK);
    struct str input = arena_join(
        arena, 3, (struct str[]){base64url_encode(arena, header), STR("."), base64url_encode(arena, claims)});
    assert_int_equal(jose_key_sign(key_only(keys), algorithm_named(alg), input, arena, &signature), OK);
    jose_key_set_release(keys);
    return arena_join(arena, 3, (struct str[]){input, STR("."), base64url_encode(arena, signature)});
}

static struct str by_secret(struct arena *arena, const char *header, const char *claims) {
    return by_bytes(arena, STR(SECRET), "HS256", json_text(arena, header), json_text(arena, claims));
}

/* ---- 2.1, 3.1 ---- */

static void none_in_every_spelling(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str claims = json_text(arena, CLAIMS);
    for (unsigned upper = 0; upper < 16; upper++) {
        char name[] = "none";
        for (unsigned i = 0; i < 4; i++) {
            if ((upper >> i & 1U) != 0)
                name[i] = (char)(name[i] - 'a' + 'A');
        }
        struct str header = json_text(arena, arena_print(arena, "{'alg':'%s'}", name).at);
        keys_refuse(BY_KEYS, token_of(arena, header, claims, STR("")), MALFORMED);
        keys_refuse(BY_KEYS, token_of(arena, header, claims, STR("x")), ALG_NOT_ALLOWED);
        secret_refuses(BY_SECRET, token_of(arena, header, claims, STR("x")), ALG_NOT_ALLOWED);
        secret_refuses(BY_SECRET, by_bytes(arena, STR(SECRET), "HS256", header, claims), ALG_NOT_ALLOWED);
    }
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", CLAIMS));
}

static void the_public_key_as_a_secret(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str n;
    assert_int_equal(base64url_decode(arena, STR(RSA_A2_N), &n), OK);
    const struct str guesses[] = {n, STR(RSA_A2_N), json_text(arena, RSA_A2), json_text(arena, KEY_SET)};
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        struct str token =
            by_bytes(arena, guesses[i], "HS256", json_text(arena, "{'alg':'HS256','kid':'rsa'}"),
                     json_text(arena, CLAIMS));
        keys_refuse(BY_KEYS, token, ALG_NOT_ALLOWED);
    }
    keys_accept(BY_KEYS, by_rsa(arena, CLAIMS));
}

static void only_what_the_settings_allow(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *issuer = "{'name':'acme','mode':'key-set','algorithms':['ES256']}";
    keys_refuse(issuer, by_rsa(arena, CLAIMS), ALG_NOT_ALLOWED);
    keys_accept(issuer, by_ec(arena, EC_HEAD, CLAIMS));
    const char *hmac = "{" HMAC_ISSUER ",'algorithms':['HS512']}";
    secret_refuses(hmac, by_secret(arena, "{'alg':'HS256'}", CLAIMS), ALG_NOT_ALLOWED);
    secret_accepts(hmac, by_bytes(arena, STR(SECRET), "HS512", json_text(arena, "{'alg':'HS512'}"),
                                  json_text(arena, CLAIMS)));
}

/* "Each key MUST be used with exactly one algorithm, and this MUST be checked when the cryptographic
 * operation is performed." */
static void a_key_for_its_own_algorithm(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *bound =
        keys_read(arena, "{" RSA_A2_MEMBERS ",'kid':'rsa','alg':'RS256'}", JOSE_PUBLIC_KEYS);
    struct str pss = by(arena, RSA_A2_PRIVATE, "PS256", "{'alg':'PS256','kid':'rsa'}", CLAIMS);
    judge(BY_KEYS, bound, pss, false, IDENTITY_KEY_UNFIT, __LINE__);
    judge(BY_KEYS, bound, by_rsa(arena, CLAIMS), true, IDENTITY_DETAILS, __LINE__);
    jose_key_set_release(bound);
    /* The header names one algorithm, the signature is another's. */
    keys_refuse(BY_KEYS, by(arena, RSA_A2_PRIVATE, "PS256", RSA_HEAD, CLAIMS), SIGNATURE_MISMATCH);
    keys_accept(BY_KEYS, pss);
}

/* ---- 3.2 ---- */

static void only_appropriate_algorithms(void **state) {
    (void)state;
    static const char *const unfit[] = {"RS1",    "HS1",    "MD5",     "ES256K", "RSA1_5", "RSA-OAEP", "dir",
                                        "A128KW", "A256KW", "ECDH-ES", "ES224",  "HS224",  "RS224"};
    AUTO_ARENA arena = arena_new();
    struct str claims = json_text(arena, CLAIMS);
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++) {
        struct str header = json_text(arena, arena_print(arena, "{'alg':'%s'}", unfit[i]).at);
        keys_refuse(BY_KEYS, token_of(arena, header, claims, STR("x")), ALG_NOT_ALLOWED);
        secret_refuses(BY_SECRET, by_bytes(arena, STR(SECRET), "HS256", header, claims), ALG_NOT_ALLOWED);
    }
    keys_accept(BY_KEYS, by_rsa(arena, CLAIMS));
    keys_accept(BY_KEYS, by(arena, OKP_PRIVATE, "EdDSA", "{'alg':'EdDSA','kid':'ed'}", CLAIMS));
}

/* ---- 3.3, 2.3 ---- */

/* Every bit of the signing input and of the signature counts. */
static void every_bit_is_verified(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, KEY_SET, JOSE_PUBLIC_KEYS);
    struct identity_sign_in sign_in = settings(arena, BY_KEYS);
    struct str token = by(arena, OKP_PRIVATE, "EdDSA", "{'alg':'EdDSA','kid':'ed'}", CLAIMS);
    char *text = arena_terminated(arena, token);
    for (size_t i = 0; i < 7 * token.len; i++) {
        struct identity_token changed = {.text = STR_NONE};
        struct identity identity = {.subject = STR_NONE};
        struct identity_failure failure;
        char bit = (char)(1U << i % 7);
        text[i / 7] ^= bit;
        assert_false(identity_token_read(str_of(text, token.len), arena, &changed, &failure) == OK &&
                     identity_verify(&sign_in.issuers[0], keys, &changed, NOW, arena, &identity, &failure) ==
                         OK);
        text[i / 7] ^= bit;
    }
    judge(BY_KEYS, keys, str_of(text, token.len), true, IDENTITY_DETAILS, __LINE__);
    identity_sign_in_release(&sign_in);
    jose_key_set_release(keys);
}

/* Nothing encrypted is taken, so nothing is decrypted before it is proven: five parts, or a token in a token.
 */
static void nothing_encrypted(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str inner = by_rsa(arena, CLAIMS);
    struct str jwe = arena_join(
        arena, 2,
        (struct str[]){base64url_encode(arena, json_text(arena, "{'alg':'RSA-OAEP','enc':'A256GCM'}")),
                       STR(".AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA")});
    keys_refuse(BY_KEYS, jwe, MALFORMED);
    secret_refuses(
        BY_SECRET,
        by_bytes(arena, STR(SECRET), "HS256", json_text(arena, "{'alg':'HS256','cty':'JWT'}"), inner),
        CLAIMS_MALFORMED);
    keys_accept(BY_KEYS, inner);
}

/* ---- 3.4, 2.5 ---- */

static size_t usable(struct arena *arena, const char *document) {
    struct jose_key_set *keys = keys_read(arena, document, JOSE_PUBLIC_KEYS);
    size_t count = jose_key_set_count(keys);
    jose_key_set_release(keys);
    return count;
}

static void points_that_are_none(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str zero32 = base64url_encode(arena, str_of((char[32]){0}, 32));
    static const char one_byte[32] = {1};
    struct str one32 = base64url_encode(arena, str_of(one_byte, 32));
    /* off the curve, the origin, coordinates beyond the field, of the wrong length */
    assert_int_equal(usable(arena,
                            "{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',"
                            "'y':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'}"),
                     0);
    assert_int_equal(usable(arena, arena_print(arena, "{'kty':'EC','crv':'P-256','x':'%.*s','y':'%.*s'}",
                                               STR_ARG(zero32), STR_ARG(zero32))
                                       .at),
                     0);
    assert_int_equal(usable(arena,
                            "{'kty':'EC','crv':'P-256','x':'__________________________________________8',"
                            "'y':'__________________________________________8'}"),
                     0);
    assert_int_equal(usable(arena, "{'kty':'EC','crv':'P-256','x':'AQ','y':'AQ'}"), 0);
    assert_int_equal(usable(arena, "{'kty':'EC','crv':'P-256K','x':'AQ','y':'AQ'}"), 0);
    assert_int_equal(usable(arena, EC_A3), 1);
    /* Points of small order are of no use to forge by, whether or not the key is taken in. */
    for (size_t i = 0; i < 2; i++) {
        struct str x = i == 0 ? zero32 : one32;
        struct jose_key_set *keys = keys_read(
            arena, arena_print(arena, "{'kty':'OKP','crv':'Ed25519','kid':'ed','x':'%.*s'}", STR_ARG(x)).at,
            JOSE_PUBLIC_KEYS);
        char forged[64] = {0};
        for (size_t r = 0; r < 2; r++) {
            forged[0] =
                (char)r; /* R of small order, S of zero: verifies for every text where it is allowed */
            struct str token = token_of(arena, json_text(arena, "{'alg':'EdDSA','kid':'ed'}"),
                                        json_text(arena, CLAIMS), str_of(forged, sizeof forged));
            struct outcome outcome = verify_text(BY_KEYS, keys, token);
            assert_int_equal(outcome.status, INVALID);
            outcome_free(&outcome);
        }
        jose_key_set_release(keys);
    }
    keys_accept(BY_KEYS, by_ec(arena, EC_HEAD, CLAIMS));
}

/* CVE-2022-21449: r and s of zero; and what lies at and above the order of the group. */
static void psychic_signatures(void **state) {
    (void)state;
    static const char order[] = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa"
                                "\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    AUTO_ARENA arena = arena_new();
    const struct str zero = str_of((char[32]){0}, 32);
    const struct str values[] = {zero, str_of(order, 32)};
    struct str good = by_ec(arena, EC_HEAD, CLAIMS);
    struct jose_jws jws;
    assert_int_equal(jose_jws_parse(good, JOSE_TOKEN_MAX, arena, &jws, NULL), OK);
    struct str r = str_slice(jws.signature, 0, 32);
    struct str s = str_from_index(jws.signature, 32);
    for (size_t i = 0; i < 2; i++) {
        const struct str forged[][2] = {{values[i], values[i]}, {r, values[i]}, {values[i], s}, {s, r}};
        for (size_t j = 0; j < 4; j++) {
            struct str signature = arena_join(arena, 2, forged[j]);
            keys_refuse(BY_KEYS,
                        token_of(arena, json_text(arena, EC_HEAD), json_text(arena, CLAIMS), signature),
                        SIGNATURE_MISMATCH);
        }
    }
    keys_accept(BY_KEYS, good);
}

/* ---- 3.5, 2.2 ---- */

static void secrets_of_enough_entropy(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys;
    const struct str weak[] = {STR("secret"), STR("password"), STR("a passphrase that someone chose"),
                               STR("")};
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        assert_int_equal(jose_key_set_from_secrets(&weak[i], 1, &keys), INVALID);
    /* 32 bytes serve HS256, and nothing longer (RFC 7518 section 3.2). */
    struct str short_secret = STR("exactly-thirty-two-bytes-of-text");
    assert_int_equal(jose_key_set_from_secrets(&short_secret, 1, &keys), OK);
    struct str header = json_text(arena, "{'alg':'HS256'}");
    struct str claims = json_text(arena, CLAIMS);
    judge(BY_SECRET, keys, token_of(arena, json_text(arena, "{'alg':'HS512'}"), claims, STR("x")), false,
          IDENTITY_SECRET_TOO_SHORT, __LINE__);
    judge(BY_SECRET, keys, by_bytes(arena, short_secret, "HS256", header, claims), true, IDENTITY_DETAILS,
          __LINE__);
    jose_key_set_release(keys);
}

static void keys_of_enough_bits(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (unsigned bits = 1024; bits <= 2048; bits *= 2) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
        struct jose_key_set *keys = NULL;
        bool is_taken =
            jose_key_set_from_pem(public_pem(arena, pkey), STR("k"), JOSE_PUBLIC_KEYS, &keys, NULL) == OK;
        assert_int_equal(is_taken, bits == 2048);
        if (is_taken) {
            struct jose_key_set *private_keys = keys_from(arena, pkey, "k");
            judge(BY_KEYS, keys,
                  token_signed(arena, key_only(private_keys), "RS256", "{'alg':'RS256','kid':'k'}", CLAIMS),
                  true, IDENTITY_DETAILS, __LINE__);
            jose_key_set_release(private_keys);
        }
        jose_key_set_release(keys);
        EVP_PKEY_free(pkey);
    }
    /* A key that asks for nothing but the exponent 1 verifies everything. */
    assert_int_equal(usable(arena, "{'kty':'RSA','n':'" RSA_A2_N "','e':'AQ'}"), 0);
    assert_int_equal(usable(arena, RSA_A2), 1);
}

/* ---- 3.6, 2.4 ---- */

static void nothing_compressed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    secret_refuses(BY_SECRET, by_secret(arena, "{'alg':'HS256','zip':'DEF'}", CLAIMS), MALFORMED);
    secret_refuses(BY_SECRET, by_secret(arena, "{'alg':'HS256','zip':null}", CLAIMS), MALFORMED);
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", CLAIMS));
}

/* ---- 3.7, 2.6 ---- */

static void claims_in_utf8(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str header = json_text(arena, "{'alg':'HS256'}");
    struct str plain = json_text(arena, CLAIMS);
    AUTO_BUFFER utf16 = BUFFER_EMPTY;
    AUTO_BUFFER utf32 = BUFFER_EMPTY;
    for (size_t i = 0; i < plain.len; i++) {
        buffer_append(&utf16, str_of((char[]){plain.at[i], 0}, 2));
        buffer_append(&utf32, str_of((char[]){0, 0, 0, plain.at[i]}, 4));
    }
    const struct str wrong[] = {
        buffer_text(&utf16),
        buffer_text(&utf32),
        STR("{\"sub\":\"ad\xe9\",\"exp\":1800000300}"),           /* Latin 1 */
        STR("{\"sub\":\"\xc0\xa1\",\"exp\":1800000300}"),         /* overlong */
        STR("{\"sub\":\"\xed\xa0\x80\",\"exp\":1800000300}"),     /* a surrogate */
        STR("{\"sub\":\"\\ud800\",\"exp\":1800000300}"),          /* … escaped */
        STR("{\"sub\":\"\xf4\x90\x80\x80\",\"exp\":1800000300}"), /* beyond Unicode */
        STR("\xef\xbb\xbf{\"sub\":\"ada\",\"exp\":1800000300}"),  /* a byte order mark */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        secret_refuses(BY_SECRET, by_bytes(arena, STR(SECRET), "HS256", header, wrong[i]), CLAIMS_MALFORMED);
        secret_refuses(BY_SECRET, by_bytes(arena, STR(SECRET), "HS256", wrong[i], plain), MALFORMED);
    }
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", "{'sub':'adä 艾达 😀','exp':1800000300}"));
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", "{'sub':'ad\\u00e4','exp':1800000300}"));
}

/* ---- 3.8 ---- */

static void issuer_and_subject(void **state) {
    (void)state;
    static const char *const wrong[] = {"'https://evil.example'",
                                        "'https://acme.example/'",
                                        "'HTTPS://ACME.EXAMPLE'",
                                        "['https://acme.example']",
                                        "null",
                                        "7",
                                        "''"};
    const char *issuer = "{'name':'acme','mode':'key-set','issuer':'https://acme.example'}";
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        keys_refuse(issuer,
                    by_rsa(arena, arena_print(arena, "{'iss':%s,'sub':'ada','exp':1800000300}", wrong[i]).at),
                    ISS_MISMATCH);
    keys_refuse(issuer, by_rsa(arena, CLAIMS), ISS_MISSING);
    keys_accept(issuer, by_rsa(arena, "{'iss':'https://acme.example','sub':'ada','exp':1800000300}"));
    /* "the cryptographic keys used … belong to the issuer": another issuer's key under this one's name. */
    EVP_PKEY *pkey = pkey_for("ES256");
    struct jose_key_set *other = keys_from(arena, pkey, "ec");
    keys_refuse(issuer,
                token_signed(arena, key_only(other), "ES256", EC_HEAD,
                             "{'iss':'https://acme.example','sub':'ada','exp':1800000300}"),
                SIGNATURE_MISMATCH);
    jose_key_set_release(other);
    EVP_PKEY_free(pkey);
    keys_refuse(issuer, by_rsa(arena, "{'iss':'https://acme.example','exp':1800000300}"), SUB_MISSING);
    keys_refuse(issuer, by_rsa(arena, "{'iss':'https://acme.example','sub':'','exp':1800000300}"),
                SUB_INVALID);
    keys_refuse(issuer, by_rsa(arena, "{'iss':'https://acme.example','sub':7,'exp':1800000300}"),
                SUB_INVALID);
}

/* Two issuers side by side: a token goes to the one that it names, and is judged by that one's keys alone. */
static void keys_of_the_issuer_alone(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in = settings(
        arena,
        "{'name':'a','mode':'key-set','issuer':'https://a.example','keys':{" RSA_A2_MEMBERS ",'kid':'k'}},"
        "{'name':'b','mode':'key-set','issuer':'https://b.example','keys':{" EC_A3_MEMBERS ",'kid':'k'}}");
    static const struct {
        const char *claims;
        size_t issuer;
        bool is_accepted;
    } cases[] = {
        {"{'iss':'https://b.example','sub':'ada','exp':1800000300}", 1, true},
        {"{'iss':'https://a.example','sub':'ada','exp':1800000300}", 0, false}, /* b's key in a's name */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct identity_token token = {.text = STR_NONE};
        struct identity identity = {.subject = STR_NONE};
        struct identity_failure failure;
        const struct identity_issuer *issuer;
        struct str text = by_ec(arena, "{'alg':'ES256','kid':'k'}", cases[i].claims);
        assert_int_equal(identity_token_read(text, arena, &token, &failure), OK);
        assert_int_equal(identity_choose_issuer(&sign_in, &token, arena, &issuer, &failure), OK);
        assert_ptr_equal(issuer, &sign_in.issuers[cases[i].issuer]);
        enum status status =
            identity_verify(issuer, issuer->pasted_keys, &token, NOW, arena, &identity, &failure);
        assert_int_equal(status == OK, cases[i].is_accepted);
        assert_true(cases[i].is_accepted || failure.detail == IDENTITY_KEY_UNFIT);
        identity_release(&identity);
    }
    identity_sign_in_release(&sign_in);
}

/* ---- 3.9, 2.7 ---- */

static void audience(void **state) {
    (void)state;
    static const char *const wrong[] = {"'shop'",     "'Chat'",       "'chat '", "''",
                                        "[]",         "null",         "7",       "['shop','chat2']",
                                        "[['chat']]", "{'chat':true}"};
    static const char *const right[] = {"'chat'", "['shop','chat']"};
    const char *issuer = "{'name':'acme','mode':'key-set','audiences':['chat']}";
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        keys_refuse(issuer,
                    by_rsa(arena, arena_print(arena, "{'aud':%s,'sub':'ada','exp':1800000300}", wrong[i]).at),
                    AUD_MISMATCH);
    keys_refuse(issuer, by_rsa(arena, CLAIMS), AUD_MISSING);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        keys_accept(
            issuer,
            by_rsa(arena, arena_print(arena, "{'aud':%s,'sub':'ada','exp':1800000300}", right[i]).at));
}

/* ---- 3.10, 2.9 ---- */

static void kid_is_a_name_and_nothing_else(void **state) {
    (void)state;
    static const char *const kids[] = {"../../../../dev/null",
                                       "/dev/null",
                                       "ec' OR '1'='1",
                                       "ec'; DROP TABLE k;--",
                                       "*)(uid=*))(|(uid=*",
                                       "ec\\u0000",
                                       "$(id)",
                                       "|id",
                                       "%00",
                                       "{{7*7}}",
                                       "https://evil.example/k",
                                       "EC",
                                       "ec ",
                                       ""};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof kids / sizeof *kids; i++) {
        struct buffer header = BUFFER_EMPTY;
        buffer_print(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", kids[i]);
        bool has_nul = strstr(kids[i], "\\u0000") != NULL;
        struct str token = token_of(arena, buffer_text(&header), json_text(arena, CLAIMS), STR("x"));
        judge_by_keys(BY_KEYS, token, false, has_nul ? IDENTITY_MALFORMED : IDENTITY_UNKNOWN_KID, __LINE__);
        buffer_free(&header);
    }
    /* Signed with what stands in an empty file. */
    unsigned char mac[EVP_MAX_MD_SIZE];
    struct str input = arena_join(
        arena, 3,
        (struct str[]){base64url_encode(arena, json_text(arena, "{'alg':'HS256','kid':'/dev/null'}")),
                       STR("."), base64url_encode(arena, json_text(arena, CLAIMS))});
    size_t len = 0;
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA2-256", NULL, "", 0, (const unsigned char *)input.at,
                              input.len, mac, sizeof mac, &len));
    secret_refuses(
        BY_SECRET,
        arena_join(arena, 3, (struct str[]){input, STR("."), base64url_encode(arena, str_of(mac, len))}),
        SIGNATURE_MISMATCH);
    keys_accept(BY_KEYS, by_ec(arena, EC_HEAD, CLAIMS));
}

static void keys_that_a_token_brings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    EVP_PKEY *pkey = pkey_for("ES256");
    struct jose_key_set *forger = keys_from(arena, pkey, NULL);
    json_auto_t *jwk = jose_key_public_jwk(key_only(forger));
    const char *const members[] = {
        arena_print(arena, "'jwk':%.*s", STR_ARG(json_write(arena, jwk))).at,
        "'jku':'https://evil.example/jwks.json'",
        "'x5u':'https://evil.example/chain.pem'",
        "'x5c':['MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A']",
        "'x5t':'AAAA'",
        "'x5t#S256':'AAAA'",
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *header = arena_print(arena, "{'alg':'ES256','kid':'ec',%s}", members[i]).at;
        keys_refuse(BY_KEYS, token_signed(arena, key_only(forger), "ES256", header, CLAIMS),
                    SIGNATURE_MISMATCH);
        keys_accept(BY_KEYS,
                    by_ec(arena, header, CLAIMS)); /* the right key; what else stands there is noise */
    }
    jose_key_set_release(forger);
    EVP_PKEY_free(pkey);
}

/* ---- 3.11, 3.12, 2.8 ---- */

static void explicit_types(void **state) {
    (void)state;
    static const char *const other[] = {
        "logout+jwt", "dpop+jwt", "secevent+jwt", "oauth-id-jag+jwt", "token-introspection+jwt",
        "JOSE",       "",         "at+jwt2"};
    static const char *const strict = "{" HMAC_ISSUER ",'types':['at+jwt']}";
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        const char *header = arena_print(arena, "{'alg':'HS256','typ':'%s'}", other[i]).at;
        secret_refuses(BY_SECRET, by_secret(arena, header, CLAIMS), TYP_NOT_ALLOWED);
        secret_refuses(strict, by_secret(arena, header, CLAIMS), TYP_NOT_ALLOWED);
    }
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256','typ':'JWT'}", CLAIMS));
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", CLAIMS));
    /* Where a type is demanded, no other is taken, nor none. */
    secret_refuses(strict, by_secret(arena, "{'alg':'HS256','typ':'JWT'}", CLAIMS), TYP_NOT_ALLOWED);
    secret_refuses(strict, by_secret(arena, "{'alg':'HS256'}", CLAIMS), TYP_NOT_ALLOWED);
    secret_accepts(strict, by_secret(arena, "{'alg':'HS256','typ':'at+jwt'}", CLAIMS));
    secret_accepts(strict, by_secret(arena, "{'alg':'HS256','typ':'application/AT+JWT'}", CLAIMS));
}

/* One provider, one key, one issuer, three kinds of tokens: each is taken where it is meant to be, and
 * nowhere else. */
static void kinds_of_tokens_are_not_confused(void **state) {
    (void)state;
    static const char *const sign_in = "{'name':'id','mode':'key-set','issuer':'https://"
                                       "op.example','audiences':['client-1'],'types':['JWT']}";
    static const char *const api = "{'name':'api','mode':'key-set','issuer':'https://op.example',"
                                   "'audiences':['https://api.example'],'types':['at+jwt']}";
    AUTO_ARENA arena = arena_new();
    struct str id_token =
        by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa','typ':'JWT'}",
           "{'iss':'https://op.example','aud':'client-1','sub':'ada','nonce':'n','exp':1800000300}");
    struct str access_token = by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa','typ':'at+jwt'}",
                                 "{'iss':'https://op.example','aud':'https://"
                                 "api.example','sub':'ada','client_id':'client-1','jti':'1',"
                                 "'exp':1800000300}");
    static const char logout_claims[] =
        "{'iss':'https://op.example','aud':'client-1','sub':'ada','jti':'2','exp':1800000300,"
        "'events':{'http://schemas.openid.net/event/backchannel-logout':{}}}";
    struct str logout_token =
        by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa','typ':'logout+jwt'}", logout_claims);
    struct str old_logout_token =
        by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa','typ':'JWT'}", logout_claims);
    keys_accept(sign_in, id_token);
    keys_refuse(sign_in, access_token, AUD_MISMATCH);
    keys_refuse(sign_in, logout_token, TYP_NOT_ALLOWED);
    keys_refuse(sign_in, old_logout_token, TYP_NOT_ALLOWED);
    keys_accept(api, access_token);
    keys_refuse(api, id_token, AUD_MISMATCH);
    keys_refuse(api, logout_token, AUD_MISMATCH);
    /* By its type alone, too, were the audience the same. */
    static const char *const any_audience =
        "{'name':'api','mode':'key-set','issuer':'https://op.example','types':['at+jwt']}";
    keys_accept(any_audience, access_token);
    keys_refuse(any_audience, id_token, TYP_NOT_ALLOWED);
    keys_refuse(any_audience, logout_token, TYP_NOT_ALLOWED);
    /* A program's token is no person's (client credentials). */
    keys_refuse(api,
                by(arena, RSA_A2_PRIVATE, "RS256", "{'alg':'RS256','kid':'rsa','typ':'at+jwt'}",
                   "{'iss':'https://op.example','aud':'https://api.example','sub':'client-1',"
                   "'client_id':'client-1','exp':1800000300}"),
                MACHINE_TOKEN);
}

/* ---- what the successor adds ---- */

static void only_the_compact_form(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str token = by_rsa(arena, CLAIMS);
    struct str rest = token;
    struct str part[3];
    for (size_t i = 0; i < 3; i++)
        assert_true(str_cut(&rest, '.', &part[i]));
    keys_refuse(BY_KEYS,
                arena_print(arena, "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",\"signature\":\"%.*s\"}",
                            STR_ARG(part[0]), STR_ARG(part[1]), STR_ARG(part[2])),
                MALFORMED);
    keys_refuse(BY_KEYS,
                arena_print(arena, "{\"payload\":\"%.*s\",\"signatures\":[{\"protected\":\"%.*s\"}]}",
                            STR_ARG(part[1]), STR_ARG(part[0])),
                MALFORMED);
    keys_refuse(BY_KEYS, arena_print(arena, "%.*s.", STR_ARG(token)), MALFORMED);
    keys_refuse(BY_KEYS, arena_print(arena, "%.*s..%.*s", STR_ARG(part[0]), STR_ARG(part[2])),
                SIGNATURE_MISMATCH); /* detached */
    keys_accept(BY_KEYS, token);
}

static void extensions_that_are_critical(void **state) {
    (void)state;
    static const char *const wrong[] = {"'crit':['b64'],'b64':false",
                                        "'b64':false",
                                        "'crit':['exp'],'exp':1",
                                        "'crit':[]",
                                        "'crit':'exp'",
                                        "'crit':null"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        secret_refuses(BY_SECRET,
                       by_secret(arena, arena_print(arena, "{'alg':'HS256',%s}", wrong[i]).at, CLAIMS),
                       MALFORMED);
    /* RFC 7797's own form: the payload as it is, signed so. */
    struct str header =
        base64url_encode(arena, json_text(arena, "{'alg':'HS256','b64':false,'crit':['b64']}"));
    secret_refuses(BY_SECRET, arena_print(arena, "%.*s.{\"sub\":\"ada\"}.AAAA", STR_ARG(header)), MALFORMED);
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256','x':[]}", CLAIMS));
}

/* CVE-2022-36083 and its like: a token that makes its reader count to two thousand million. */
static void password_based_encryption(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str header = json_text(
        arena, "{'alg':'PBES2-HS512+A256KW','enc':'A256GCM','p2c':2147483647,'p2s':'AAAAAAAAAAAAAAAA'}");
    struct str jwe = arena_join(arena, 2,
                                (struct str[]){base64url_encode(arena, header),
                                               STR(".AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA")});
    secret_refuses(BY_SECRET, jwe, MALFORMED);
    secret_refuses(BY_SECRET, token_of(arena, header, json_text(arena, CLAIMS), STR("x")), ALG_NOT_ALLOWED);
    /* Beside a signature's `alg` these members mean nothing. */
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256','enc':'A256GCM','p2c':2147483647}", CLAIMS));
}

static void members_that_stand_twice(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const headers[] = {"{'alg':'HS256','alg':'none'}", "{'alg':'none','alg':'HS256'}",
                                          "{'alg':'HS256','al\\u0067':'HS256'}",
                                          "{'alg':'HS256','x':{'a':1,'a':1}}"};
    static const char *const claims[] = {
        "{'sub':'ada','sub':'bob','exp':1800000300}", "{'sub':'bob','s\\u0075b':'ada','exp':1800000300}",
        "{'sub':'ada','exp':1,'exp':1800000300}", "{'sub':'ada','exp':1800000300,'x':[{'a':1,'a':1}]}"};
    for (size_t i = 0; i < 4; i++) {
        secret_refuses(BY_SECRET, by_secret(arena, headers[i], CLAIMS), MALFORMED);
        secret_refuses(BY_SECRET, by_secret(arena, "{'alg':'HS256'}", claims[i]), CLAIMS_MALFORMED);
    }
    secret_accepts(BY_SECRET, by_secret(arena, "{'alg':'HS256'}",
                                        "{'sub':'ada','Sub':'bob','x':{'sub':'bob'},'exp':1800000300}"));
}

#define TEST(name, function)                                                                                 \
    { "RFC 8725 " name, function, NULL, NULL, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST("2.1, 3.1 perform algorithm verification: none in every spelling", none_in_every_spelling),
        TEST("2.1, 3.1 perform algorithm verification: the public key as a secret",
             the_public_key_as_a_secret),
        TEST("3.1 perform algorithm verification: only what the settings allow",
             only_what_the_settings_allow),
        TEST("3.1 perform algorithm verification: each key with its own algorithm",
             a_key_for_its_own_algorithm),
        TEST("3.2 use appropriate algorithms", only_appropriate_algorithms),
        TEST("3.3 validate all cryptographic operations: every bit counts", every_bit_is_verified),
        TEST("2.3, 3.3 validate all cryptographic operations: nothing encrypted is taken", nothing_encrypted),
        TEST("2.5, 3.4 validate cryptographic inputs: points", points_that_are_none),
        TEST("3.4 validate cryptographic inputs: psychic signatures", psychic_signatures),
        TEST("2.2, 3.5 ensure that keys have sufficient entropy: secrets", secrets_of_enough_entropy),
        TEST("3.5 ensure that keys have sufficient entropy: key pairs", keys_of_enough_bits),
        TEST("2.4, 3.6 avoid compression", nothing_compressed),
        TEST("2.6, 3.7 use UTF-8", claims_in_utf8),
        TEST("3.8 validate issuer and subject", issuer_and_subject),
        TEST("3.8 validate issuer and subject: the issuer's own keys alone", keys_of_the_issuer_alone),
        TEST("2.7, 3.9 use and validate audience", audience),
        TEST("2.9, 3.10 do not trust received claims: kid", kid_is_a_name_and_nothing_else),
        TEST("2.9, 3.10 do not trust received claims: jwk, jku, x5u, x5c", keys_that_a_token_brings),
        TEST("2.8, 3.11 use explicit typing", explicit_types),
        TEST("2.8, 3.12 use mutually exclusive validation rules", kinds_of_tokens_are_not_confused),
        TEST("bis: the compact form alone", only_the_compact_form),
        TEST("bis: critical extensions, payloads that are not encoded", extensions_that_are_critical),
        TEST("bis: iterations of password-based encryption", password_based_encryption),
        TEST("bis: members that stand twice", members_that_stand_twice),
    };
    return cmocka_run_group_tests_name("RFC 8725", tests, NULL, NULL);
}
