/* SPDX-License-Identifier: Apache-2.0 */
/* Fresh keys and certificates, in PEM. */
#pragma once

#include "jose/support.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static inline struct str bio_text(struct arena *arena, BIO *bio) {
    char *at;
    long len = BIO_get_mem_data(bio, &at);
    struct str text = arena_copy(arena, str_of(at, (size_t)len));
    BIO_free(bio);
    return text;
}

static inline struct str private_pem(struct arena *arena, EVP_PKEY *pkey) {
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
    return bio_text(arena, bio);
}

static inline struct str public_pem(struct arena *arena, EVP_PKEY *pkey) {
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
    return bio_text(arena, bio);
}

/* A key that fits the algorithm of that name. */
static inline EVP_PKEY *pkey_for(const char *alg) {
    EVP_PKEY *pkey = NULL;
    if (alg[0] == 'R' || alg[0] == 'P')
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    else if (strcmp(alg, "ES256") == 0)
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    else if (strcmp(alg, "ES384") == 0)
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    else if (strcmp(alg, "ES512") == 0)
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
    else
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, strcmp(alg, "Ed448") == 0 ? "ED448" : "ED25519");
    assert_non_null(pkey);
    return pkey;
}

static inline struct jose_key_set *keys_from(struct arena *arena, EVP_PKEY *pkey, const char *kid) {
    struct jose_key_set *keys = NULL;
    assert_int_equal(
        jose_key_set_from_pem(private_pem(arena, pkey), str_from(kid), JOSE_ALL_KEYS, &keys, NULL), OK);
    return keys;
}

/* Valid from one second to another, both since 1970. */
static inline struct str certificate_pem(struct arena *arena, EVP_PKEY *pkey, int64_t from_s, int64_t to_s) {
    X509 *certificate = X509_new();
    bool eddsa = EVP_PKEY_is_a(pkey, "ED25519") || EVP_PKEY_is_a(pkey, "ED448");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from_s);
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)to_s);
    X509_set_pubkey(certificate, pkey);
    assert_true(X509_sign(certificate, pkey, eddsa ? NULL : EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    X509_free(certificate);
    return bio_text(arena, bio);
}
