/* SPDX-License-Identifier: Apache-2.0 */
#include "bare_verify.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RS256, ES256, EDDSA, HS256, ALGORITHMS };
enum { SIGNATURE_MAX = 512, DER_MAX = 80, SECRET_MAX = 4096 };

static int algorithm;
static EVP_PKEY_CTX *context;
static EVP_MAC_CTX *mac;
static unsigned char ed25519[crypto_sign_PUBLICKEYBYTES];
static unsigned char values[256]; /* of base64url's digits, and one more; 0 is no digit */

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "cannot prepare: %s\n", what);
    exit(1);
}

static void prepare_secret(FILE *file) {
    unsigned char secret[SECRET_MAX];
    size_t len = fread(secret, 1, sizeof secret, file);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA2-256", 0),
                                     OSSL_PARAM_construct_end()};
    mac = EVP_MAC_CTX_new(hmac);
    require(mac != NULL && EVP_MAC_init(mac, secret, len, parameters) == 1, "the secret");
}

static void prepare_key(FILE *file) {
    EVP_PKEY *key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
    size_t len = sizeof ed25519;
    require(key != NULL, "the key");
    if (algorithm == EDDSA) {
        require(sodium_init() >= 0 && EVP_PKEY_get_raw_public_key(key, ed25519, &len) == 1, "the key");
        return;
    }
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    require(context != NULL && EVP_PKEY_verify_init(context) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context, sha256) == 1 &&
                (algorithm != RS256 || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1),
            "the key's context");
}

void bare_prepare(const char *name, const char *key_file) {
    static const char *const names[ALGORITHMS] = {"RS256", "ES256", "EdDSA", "HS256"};
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    FILE *file = fopen(key_file, "rb");
    require(file != NULL, key_file);
    while (algorithm < ALGORITHMS && strcmp(name, names[algorithm]) != 0)
        algorithm++;
    require(algorithm < ALGORITHMS, name);
    for (size_t i = 0; i < sizeof digits - 1; i++)
        values[(unsigned char)digits[i]] = (unsigned char)(i + 1);
    if (algorithm == HS256)
        prepare_secret(file);
    else
        prepare_key(file);
    fclose(file);
}

/* The bytes; 0 where it is no base64url or too long. */
static size_t decode(const char *at, size_t len, unsigned char *out) {
    size_t used = 0;
    unsigned group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char value = values[(unsigned char)at[i]];
        if (value == 0 || used == SIGNATURE_MAX)
            return 0;
        group = group << 6 | (value - 1U);
        bits += 6;
        if (bits >= 8)
            out[used++] = (unsigned char)(group >> (bits -= 8));
    }
    return used;
}

static bool verify_mac(const unsigned char *text, size_t len, const unsigned char *signature,
                       size_t signature_len) {
    unsigned char expected[32];
    size_t expected_len;
    return signature_len == sizeof expected && EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(mac, text, len) == 1 &&
           EVP_MAC_final(mac, expected, &expected_len, sizeof expected) == 1 &&
           CRYPTO_memcmp(expected, signature, sizeof expected) == 0;
}

static size_t to_der(const unsigned char *raw, size_t len, unsigned char *der) {
    ECDSA_SIG *signature = ECDSA_SIG_new();
    size_t written = 0;
    if (len == 64 && ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)) == 1)
        written = (size_t)i2d_ECDSA_SIG(signature, &der);
    ECDSA_SIG_free(signature);
    return written;
}

static bool verify_hashed(const unsigned char *text, size_t len, const unsigned char *signature,
                          size_t signature_len) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned char der[DER_MAX];
    SHA256(text, len, digest);
    if (algorithm == ES256) {
        signature_len = to_der(signature, signature_len, der);
        signature = der;
    }
    return EVP_PKEY_verify(context, signature, signature_len, digest, sizeof digest) == 1;
}

bool bare_verify(const char *token, size_t len) {
    unsigned char signature[SIGNATURE_MAX];
    const char *dot = memrchr(token, '.', len);
    if (dot == NULL)
        return false;
    const unsigned char *text = (const unsigned char *)token;
    size_t text_len = (size_t)(dot - token);
    size_t signature_len = decode(dot + 1, len - text_len - 1, signature);
    switch (algorithm) {
    case HS256:
        return verify_mac(text, text_len, signature, signature_len);
    case EDDSA:
        return signature_len == crypto_sign_BYTES &&
               crypto_sign_verify_detached(signature, text, text_len, ed25519) == 0;
    default:
        return verify_hashed(text, text_len, signature, signature_len);
    }
}
