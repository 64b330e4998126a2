/* SPDX-License-Identifier: Apache-2.0 */
/* The same tokens through libchatelaine, through libjwt, through cjose and through the bare crypto library:
 * prints µs of processor time a token. usage: library_rate CONTENDER ALGORITHM TOKENS KEY SECONDS CONTENDER:
 * chatelaine libjwt cjose bare KEY is a JWK set for chatelaine, a JWK for cjose, PEM for the others; for
 * HS256 the secret, raw.
 *
 * libjwt and cjose look at the algorithm, exp, iss, aud and sub as their users have to, by hand;
 * libchatelaine does all that it does for the server. The bare library gets the signing input and the decoded
 * signature ready-made. */
#include <chatelaine/chatelaine.h>
#include <cjose/cjose.h>
#include <jansson.h>
#include <jwt.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKENS_MAX = 20000, AT_ONCE = 32 };

struct token {
    const char *text; /* NUL-terminated */
    size_t len;
    size_t input_len; /* header and claims, with the dot between them */
    unsigned char *signature;
    size_t signature_len;
};

static struct token tokens[TOKENS_MAX];
static size_t token_count;
static const char *algorithm;
static char *key;
static size_t key_len;
static time_t now;

static const char issuer[] = "https://acme.example";
static const char audience[] = "chat";

static void die(const char *what) {
    fprintf(stderr, "library_rate: %s\n", what);
    exit(1);
}

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        die(path);
    fseek(file, 0, SEEK_END);
    *len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*len + 1);
    if (text == NULL || fread(text, 1, *len, file) != *len)
        die(path);
    text[*len] = '\0';
    fclose(file);
    return text;
}

static void read_tokens(const char *path) {
    size_t len;
    char *text = read_file(path, &len);
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && token_count < TOKENS_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        struct token *token = &tokens[token_count++];
        const char *dot = strrchr(line, '.');
        token->text = line;
        token->len = strlen(line);
        if (dot == NULL)
            die("a line that is no token");
        token->input_len = (size_t)(dot - line);
        token->signature = malloc(token->len);
        if (token->signature == NULL ||
            sodium_base642bin(token->signature, token->len, dot + 1, token->len - token->input_len - 1, NULL,
                              &token->signature_len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
            die("a signature that is none");
    }
}

/* ---- libchatelaine ---- */

static struct chatelaine_verifier *verifier;
static struct chatelaine_result *result;

static void begin_chatelaine(void) {
    bool is_hmac = strcmp(algorithm, "HS256") == 0;
    struct chatelaine_issuer *acme =
        chatelaine_issuer_new("acme", is_hmac ? CHATELAINE_HMAC : CHATELAINE_KEY_SET);
    const struct chatelaine_issuer *const issuers[] = {acme};
    chatelaine_issuer_set_iss(acme, issuer);
    chatelaine_issuer_add_audience(acme, audience);
    chatelaine_issuer_add_algorithm(acme, algorithm);
    if (is_hmac)
        chatelaine_issuer_add_secret(acme, key, key_len);
    else
        chatelaine_issuer_set_keys(acme, key, key_len);
    result = chatelaine_result_new();
    if (chatelaine_verifier_new(issuers, 1, &verifier, NULL) != CHATELAINE_OK || result == NULL)
        die("libchatelaine does not take the key");
}

static bool run_chatelaine(const struct token *token) {
    return chatelaine_verify(verifier, token->text, token->len, result) == CHATELAINE_OK &&
           chatelaine_result_subject(result) != NULL;
}

/* ---- libjwt ---- */

static jwt_alg_t jwt_algorithm;

static void begin_libjwt(void) {
    jwt_algorithm = jwt_str_alg(algorithm);
    if (jwt_algorithm == JWT_ALG_INVAL || jwt_algorithm == JWT_ALG_NONE)
        die("libjwt does not know the algorithm");
}

static bool is(const char *given, const char *expected) {
    return given != NULL && strcmp(given, expected) == 0;
}

static bool run_libjwt(const struct token *token) {
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, token->text, (const unsigned char *)key, (int)key_len) != 0)
        return false;
    bool good = jwt_get_alg(jwt) == jwt_algorithm && jwt_get_grant_int(jwt, "exp") > now &&
                is(jwt_get_grant(jwt, "iss"), issuer) && is(jwt_get_grant(jwt, "aud"), audience) &&
                jwt_get_grant(jwt, "sub") != NULL;
    jwt_free(jwt);
    return good;
}

/* ---- cjose ---- */

static cjose_jwk_t *jwk;

static void begin_cjose(void) {
    jwk = strcmp(algorithm, "HS256") == 0 ? cjose_jwk_create_oct_spec((const uint8_t *)key, key_len, NULL)
                                          : cjose_jwk_import(key, key_len, NULL);
    if (jwk == NULL)
        die("cjose does not take the key");
}

static bool check_claims(const uint8_t *text, size_t len) {
    json_t *claims = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_integer_value(json_object_get(claims, "exp")) > now &&
                is(json_string_value(json_object_get(claims, "iss")), issuer) &&
                is(json_string_value(json_object_get(claims, "aud")), audience) &&
                json_string_value(json_object_get(claims, "sub")) != NULL;
    json_decref(claims);
    return good;
}

static bool run_cjose(const struct token *token) {
    uint8_t *text;
    size_t len;
    cjose_jws_t *jws = cjose_jws_import(token->text, token->len, NULL);
    bool good = jws != NULL && is(cjose_header_get(cjose_jws_get_protected(jws), "alg", NULL), algorithm) &&
                cjose_jws_verify(jws, jwk, NULL) && cjose_jws_get_plaintext(jws, &text, &len, NULL) &&
                check_claims(text, len);
    cjose_jws_release(jws);
    return good;
}

/* ---- the bare library: OpenSSL with everything prepared; libsodium for Ed25519 ---- */

static EVP_PKEY_CTX *context;
static EVP_MD_CTX *hash;
static EVP_MD *sha256;
static EVP_MAC_CTX *mac;
static unsigned char ed25519[crypto_sign_PUBLICKEYBYTES];

static void begin_mac(void) {
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA2-256", 0),
        OSSL_PARAM_construct_end()};
    mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    if (mac == NULL || EVP_MAC_init(mac, (const unsigned char *)key, key_len, parameters) != 1)
        die("OpenSSL does not take the secret");
}

static void begin_bare(void) {
    if (strcmp(algorithm, "HS256") == 0) {
        begin_mac();
        return;
    }
    BIO *pem = BIO_new_mem_buf(key, (int)key_len);
    EVP_PKEY *pkey = PEM_read_bio_PUBKEY(pem, NULL, NULL, NULL);
    size_t len = sizeof ed25519;
    BIO_free(pem);
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    hash = EVP_MD_CTX_new();
    if (pkey == NULL)
        die("OpenSSL does not take the key");
    if (strcmp(algorithm, "EdDSA") == 0) {
        if (EVP_PKEY_get_raw_public_key(pkey, ed25519, &len) != 1)
            die("that is no Ed25519 key");
        return;
    }
    context = EVP_PKEY_CTX_new(pkey, NULL);
    if (EVP_PKEY_verify_init(context) != 1 || EVP_PKEY_CTX_set_signature_md(context, sha256) != 1)
        die("OpenSSL does not verify with the key");
    if (strcmp(algorithm, "ES256") != 0)
        return;
    for (size_t i = 0; i < token_count; i++) { /* as OpenSSL wants it */
        struct token *token = &tokens[i];
        ECDSA_SIG *signature = ECDSA_SIG_new();
        ECDSA_SIG_set0(signature, BN_bin2bn(token->signature, 32, NULL),
                       BN_bin2bn(token->signature + 32, 32, NULL));
        unsigned char *der = NULL;
        token->signature_len = (size_t)i2d_ECDSA_SIG(signature, &der);
        token->signature = der;
        ECDSA_SIG_free(signature);
    }
}

static bool run_bare(const struct token *token) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len = 0;
    const unsigned char *input = (const unsigned char *)token->text;
    if (mac != NULL)
        return EVP_MAC_init(mac, NULL, 0, NULL) == 1 && EVP_MAC_update(mac, input, token->input_len) == 1 &&
               EVP_MAC_final(mac, digest, &len, sizeof digest) == 1 &&
               CRYPTO_memcmp(digest, token->signature, len) == 0;
    if (context == NULL)
        return crypto_sign_verify_detached(token->signature, input, token->input_len, ed25519) == 0;
    return EVP_DigestInit_ex2(hash, sha256, NULL) == 1 &&
           EVP_DigestUpdate(hash, input, token->input_len) == 1 &&
           EVP_DigestFinal_ex(hash, digest, NULL) == 1 &&
           EVP_PKEY_verify(context, token->signature, token->signature_len, digest, 32) == 1;
}

/* ---- measuring ---- */

static const struct contender {
    const char *name;
    void (*begin)(void);
    bool (*run)(const struct token *token);
} contenders[] = {
    {"chatelaine", begin_chatelaine, run_chatelaine},
    {"libjwt", begin_libjwt, run_libjwt},
    {"cjose", begin_cjose, run_cjose},
    {"bare", begin_bare, run_bare},
};

static double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double measure(const struct contender *contender, double seconds) {
    size_t next = 0;
    long verified = 0;
    for (size_t i = 0; i < AT_ONCE; i++) { /* what is made once is not counted */
        if (!contender->run(&tokens[i % token_count]))
            die("a good token is refused");
    }
    double begun = processor_seconds();
    double spent = 0;
    for (; spent < seconds; spent = processor_seconds() - begun) {
        for (int i = 0; i < AT_ONCE; i++) {
            if (!contender->run(&tokens[next]))
                die("a good token is refused");
            next = next + 1 == token_count ? 0 : next + 1;
        }
        verified += AT_ONCE;
    }
    return spent / (double)verified * 1e6;
}

int main(int argc, char **argv) {
    if (argc != 6 || sodium_init() < 0)
        die("usage: library_rate CONTENDER ALGORITHM TOKENS KEY SECONDS");
    algorithm = argv[2];
    key = read_file(argv[4], &key_len);
    read_tokens(argv[3]);
    now = time(NULL);
    for (size_t i = 0; i < sizeof contenders / sizeof *contenders; i++) {
        if (strcmp(contenders[i].name, argv[1]) == 0) {
            contenders[i].begin();
            printf("%.3f\n", measure(&contenders[i], strtod(argv[5], NULL)));
            return 0;
        }
    }
    die("there is no such contender");
}
