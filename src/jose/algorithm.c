/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/algorithm.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { P256, P384, P521, ED25519, ED448 };

/* STR is no constant; this is the same for tables. */
#define NAME(literal)                                                                                        \
    { "" literal, sizeof(literal) - 1 }

static const struct jose_curve curves[] = {
    [P256] = {NAME("P-256"), JOSE_EC, "prime256v1", 32, 64, 256, false},
    [P384] = {NAME("P-384"), JOSE_EC, "secp384r1", 48, 96, 384, false},
    [P521] = {NAME("P-521"), JOSE_EC, "secp521r1", 66, 132, 521, false},
    [ED25519] = {NAME("Ed25519"), JOSE_OKP, "ED25519", 32, 64, 256, true},
    [ED448] = {NAME("Ed448"), JOSE_OKP, "ED448", 57, 114, 456, false},
};

/* RFC 7518 section 3.1; RFC 8037 section 3.1; the last two RFC 9864 section 2.2. */
static const struct jose_algorithm algorithms[] = {
    /* name         key       curve             hash          padding          salt hash bits */
    {NAME("HS256"), JOSE_OCT, NULL, JOSE_SHA256, JOSE_NO_PADDING, 0, 32, 256},
    {NAME("HS384"), JOSE_OCT, NULL, JOSE_SHA384, JOSE_NO_PADDING, 0, 48, 384},
    {NAME("HS512"), JOSE_OCT, NULL, JOSE_SHA512, JOSE_NO_PADDING, 0, 64, 512},
    {NAME("RS256"), JOSE_RSA, NULL, JOSE_SHA256, JOSE_PKCS1, 0, 32, 2048},
    {NAME("RS384"), JOSE_RSA, NULL, JOSE_SHA384, JOSE_PKCS1, 0, 48, 2048},
    {NAME("RS512"), JOSE_RSA, NULL, JOSE_SHA512, JOSE_PKCS1, 0, 64, 2048},
    {NAME("PS256"), JOSE_RSA, NULL, JOSE_SHA256, JOSE_PSS, 32, 32, 2048},
    {NAME("PS384"), JOSE_RSA, NULL, JOSE_SHA384, JOSE_PSS, 48, 48, 2048},
    {NAME("PS512"), JOSE_RSA, NULL, JOSE_SHA512, JOSE_PSS, 64, 64, 2048},
    {NAME("ES256"), JOSE_EC, &curves[P256], JOSE_SHA256, JOSE_NO_PADDING, 0, 32, 256},
    {NAME("ES384"), JOSE_EC, &curves[P384], JOSE_SHA384, JOSE_NO_PADDING, 0, 48, 384},
    {NAME("ES512"), JOSE_EC, &curves[P521], JOSE_SHA512, JOSE_NO_PADDING, 0, 64, 521},
    {NAME("EdDSA"), JOSE_OKP, NULL, JOSE_NO_HASH, JOSE_NO_PADDING, 0, 0, 256},
    {NAME("Ed25519"), JOSE_OKP, &curves[ED25519], JOSE_NO_HASH, JOSE_NO_PADDING, 0, 0, 256},
    {NAME("Ed448"), JOSE_OKP, &curves[ED448], JOSE_NO_HASH, JOSE_NO_PADDING, 0, 0, 456},
};

enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms, CURVES = sizeof curves / sizeof *curves };
_Static_assert(ALGORITHMS <= 32, "a set of algorithms is one bit each");

const struct jose_algorithm *jose_algorithm_at(size_t index) {
    return index < ALGORITHMS ? &algorithms[index] : NULL;
}

const struct jose_algorithm *jose_algorithm_find(struct str name) {
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (str_equal(name, algorithms[i].name))
            return &algorithms[i];
    }
    return NULL;
}

struct str jose_algorithm_name(const struct jose_algorithm *algorithm) {
    return algorithm->name;
}

bool jose_algorithm_is_symmetric(const struct jose_algorithm *algorithm) {
    return algorithm->key_type == JOSE_OCT;
}

size_t jose_algorithm_min_secret(const struct jose_algorithm *algorithm) {
    return algorithm->key_type == JOSE_OCT ? algorithm->min_bits / 8 : 0;
}

jose_algorithms jose_algorithm_bit(const struct jose_algorithm *algorithm) {
    return (jose_algorithms)1 << (algorithm - algorithms);
}

static jose_algorithms all_of(bool symmetric) {
    jose_algorithms set = 0;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (jose_algorithm_is_symmetric(&algorithms[i]) == symmetric)
            set |= jose_algorithm_bit(&algorithms[i]);
    }
    return set;
}

jose_algorithms jose_algorithms_symmetric(void) {
    return all_of(true);
}

jose_algorithms jose_algorithms_asymmetric(void) {
    return all_of(false);
}

const struct jose_curve *jose_curve_find(struct str name) {
    for (size_t i = 0; i < CURVES; i++) {
        if (str_equal(name, curves[i].name))
            return &curves[i];
    }
    return NULL;
}

const struct jose_curve *jose_curve_find_openssl(enum jose_key_type type, const char *openssl) {
    for (size_t i = 0; i < CURVES; i++) {
        if (curves[i].type == type && strcmp(openssl, curves[i].openssl) == 0)
            return &curves[i];
    }
    return NULL;
}

static const char *const hash_names[JOSE_HASHES] = {"SHA2-256", "SHA2-384", "SHA2-512"};
static EVP_MD *hashes[JOSE_HASHES];
static EVP_MAC *hmac;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

/* A libcrypto without SHA-2 or HMAC can prove nothing: there is no way on. */
static void fetch_all(void) {
    for (size_t i = 0; i < JOSE_HASHES; i++) {
        hashes[i] = EVP_MD_fetch(NULL, hash_names[i], NULL);
        if (hashes[i] == NULL)
            abort();
    }
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (hmac == NULL)
        abort();
}

const EVP_MD *jose_hash_md(enum jose_hash hash) {
    pthread_once(&fetched, fetch_all);
    return hash < JOSE_HASHES ? hashes[hash] : NULL;
}

const char *jose_hash_name(enum jose_hash hash) {
    return hash < JOSE_HASHES ? hash_names[hash] : NULL;
}

EVP_MAC *jose_hmac(void) {
    pthread_once(&fetched, fetch_all);
    return hmac;
}
