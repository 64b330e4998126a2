/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/context.h"

#include "base/memory.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <pthread.h>

/* A context holds its key by a reference of its own, a prepared HMAC what can be made of its secret. So that
 * neither stays in memory when its key set has gone, a thread lets go of all of them when it next looks, if
 * any set has gone since: sets go seldom, and contexts are soon made. Keys are told apart by their serial,
 * which is never used again. */
struct place {
    uint64_t serial; /* 0: empty */
    const struct jose_algorithm *algorithm;
    EVP_PKEY_CTX *verify;
    EVP_MAC_CTX *mac;
};

enum { PLACES = 64 }; /* keys that one thread has in use at a time; more take turns */

struct contexts {
    EVP_MD_CTX *hashes[JOSE_HASHES];
    uint64_t sets_gone; /* when it last looked */
    struct place places[PLACES];
};

static _Atomic uint64_t sets_gone;
static _Thread_local struct contexts *of_this_thread;
static pthread_key_t at_thread_end;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void clear(struct place *place) {
    EVP_PKEY_CTX_free(place->verify);
    EVP_MAC_CTX_free(place->mac);
    *place = (struct place){0};
}

static void free_contexts(void *argument) {
    struct contexts *contexts = argument;
    for (size_t i = 0; i < JOSE_HASHES; i++)
        EVP_MD_CTX_free(contexts->hashes[i]);
    for (size_t i = 0; i < PLACES; i++)
        clear(&contexts->places[i]);
    mem_free(contexts);
    of_this_thread = NULL;
}

static void prepare(void) {
    pthread_key_create(&at_thread_end, free_contexts);
}

static struct contexts *mine(void) {
    if (of_this_thread == NULL) {
        pthread_once(&prepared, prepare);
        of_this_thread = mem_alloc_zero(sizeof *of_this_thread);
        pthread_setspecific(at_thread_end, of_this_thread);
    }
    return of_this_thread;
}

bool jose_context_hash(enum jose_hash hash, struct str input, unsigned char *digest) {
    struct contexts *contexts = mine();
    EVP_MD_CTX **context = &contexts->hashes[hash];
    if (*context == NULL)
        *context = EVP_MD_CTX_new();
    return *context != NULL && EVP_DigestInit_ex2(*context, jose_hash_md(hash), NULL) == 1 &&
           EVP_DigestUpdate(*context, input.at, input.len) == 1 &&
           EVP_DigestFinal_ex(*context, digest, NULL) == 1;
}

void jose_context_forget(void) {
    atomic_fetch_add_explicit(&sets_gone, 1, memory_order_relaxed);
}

static void let_go(struct contexts *contexts) {
    uint64_t gone = atomic_load_explicit(&sets_gone, memory_order_relaxed);
    if (contexts->sets_gone == gone)
        return;
    for (size_t i = 0; i < PLACES; i++)
        clear(&contexts->places[i]);
    contexts->sets_gone = gone;
}

/* The place of this key and algorithm; emptied first where another's context stands there. */
static struct place *place_of(const struct jose_key *key, const struct jose_algorithm *algorithm) {
    let_go(mine());
    struct place *place = &mine()->places[(key->serial + (uint64_t)algorithm->hash * 21) % PLACES];
    if (place->serial != key->serial || place->algorithm != algorithm) {
        clear(place);
        place->serial = key->serial;
        place->algorithm = algorithm;
    }
    return place;
}

bool jose_context_set_scheme(EVP_PKEY_CTX *context, const struct jose_algorithm *algorithm) {
    const EVP_MD *md = jose_hash_md(algorithm->hash);
    if (EVP_PKEY_CTX_set_signature_md(context, md) != 1)
        return false;
    switch (algorithm->padding) {
    case JOSE_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case JOSE_PSS: /* RFC 7518 section 3.5: MGF1 with the same hash, and salt of its length, exactly */
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, algorithm->salt_len) == 1;
    case JOSE_NO_PADDING:
        return true;
    }
    return false;
}

EVP_PKEY_CTX *jose_context_verify(const struct jose_key *key, const struct jose_algorithm *algorithm) {
    struct place *place = place_of(key, algorithm);
    if (place->verify != NULL)
        return place->verify;
    place->verify = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (place->verify == NULL || EVP_PKEY_verify_init(place->verify) != 1 ||
        !jose_context_set_scheme(place->verify, algorithm))
        clear(place);
    return place->verify;
}

EVP_MAC_CTX *jose_context_mac(const struct jose_key *key, const struct jose_algorithm *algorithm) {
    struct place *place = place_of(key, algorithm);
    if (place->mac != NULL && EVP_MAC_init(place->mac, NULL, 0, NULL) == 1) /* the same key again */
        return place->mac;
    if (place->mac == NULL)
        place->mac = EVP_MAC_CTX_new(jose_hmac());
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)jose_hash_name(algorithm->hash), 0),
        OSSL_PARAM_construct_end(),
    };
    if (place->mac == NULL ||
        EVP_MAC_init(place->mac, (const unsigned char *)key->secret.at, key->secret.len, parameters) != 1) {
        clear(place);
        place->serial = 0;
    }
    return place->mac;
}
