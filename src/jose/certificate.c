/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in PEM: the certificates of a map (Firebase's form), and single keys for the command line. A
 * certificate's issuer is not asked: the map is trusted because of where it came from, as a JWK set is. Its
 * dates are kept for the moment of use. */
#include "jose/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

enum { PEM_MAX = 65536 };

/* Without it OpenSSL would ask at the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *buffer, int size, int for_writing, void *argument) {
    (void)buffer, (void)size, (void)for_writing, (void)argument;
    return -1;
}

static bool read_time(const ASN1_TIME *time, int64_t *seconds) {
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *seconds = timegm(&parts);
    return true;
}

static BIO *open_pem(struct str pem) {
    return pem.len <= PEM_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
}

static const char *read_certificate(struct jose_key *key, struct str pem) {
    BIO *bio = open_pem(pem);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
    EVP_PKEY *pkey = certificate != NULL ? X509_get_pubkey(certificate) : NULL;
    const char *why = "The certificate cannot be read.";
    if (pkey != NULL && read_time(X509_get0_notBefore(certificate), &key->not_before) &&
        read_time(X509_get0_notAfter(certificate), &key->not_after)) {
        if (jose_key_adopt(key, pkey, false, &why) == OK)
            why = NULL;
        pkey = NULL; /* the key's now */
    }
    EVP_PKEY_free(pkey);
    X509_free(certificate);
    BIO_free(bio);
    return why;
}

void jose_certificate_add(struct jose_key_set *set, struct str kid, struct str pem) {
    struct jose_key *key = jose_key_new(set);
    const char *why = "The key id is longer than 512 bytes.";
    ERR_set_mark();
    if (kid.len <= JOSE_KID_MAX) {
        key->kid = arena_copy(set->arena, kid);
        why = read_certificate(key, pem);
    }
    ERR_pop_to_mark();
    if (why == NULL) {
        jose_key_set_keep(set, key);
        return;
    }
    jose_key_set_skip(set, key->kid, why, true);
    EVP_PKEY_free(key->pkey);
}

static const char *read_pem(struct jose_key *key, struct str pem, enum jose_key_choice choice) {
    if (str_find(pem, STR("-----BEGIN CERTIFICATE-----")) != STR_NOT_FOUND)
        return read_certificate(key, pem);
    bool is_private = str_find(pem, STR("PRIVATE KEY-----")) != STR_NOT_FOUND;
    if (is_private && choice == JOSE_PUBLIC_KEYS)
        return "This is a private key; its public half is wanted.";
    BIO *bio = open_pem(pem);
    EVP_PKEY *pkey = NULL;
    if (bio != NULL)
        pkey = is_private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
                          : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (pkey == NULL)
        return "No unencrypted key or certificate in PEM can be read here.";
    const char *why = NULL;
    return jose_key_adopt(key, pkey, is_private, &why) == OK ? NULL : why;
}

enum status jose_key_set_from_pem(struct str pem, struct str kid, enum jose_key_choice choice,
                                  struct jose_key_set **set, const char **why) {
    struct jose_key_set *made = jose_key_set_new();
    struct jose_key *key = jose_key_new(made);
    if (kid.at != NULL)
        key->kid = arena_copy(made->arena, kid);
    ERR_set_mark();
    const char *problem = read_pem(key, pem, choice);
    ERR_pop_to_mark();
    if (why != NULL)
        *why = problem;
    jose_key_set_keep(made, key); /* so that it is freed with the set in either case */
    jose_key_set_finish(made);
    if (problem != NULL) {
        jose_key_set_release(made);
        return INVALID;
    }
    *set = made;
    return OK;
}
