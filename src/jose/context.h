/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's contexts, made ready once and used again: setting one up costs more than an HMAC. They belong to
 * the calling thread and are only good until its next call of the same function. */
#pragma once

#include "jose/key.h"

/* Hashes into `digest` (JOSE_HASH_MAX bytes); the algorithm's hash_len of them count. False if the library
 * fails. */
bool jose_context_hash(enum jose_hash hash, struct str input, unsigned char *digest);

/* Ready for EVP_PKEY_verify of RSA and EC. NULL if the library fails. */
EVP_PKEY_CTX *jose_context_verify(const struct jose_key *key, const struct jose_algorithm *algorithm);

/* Ready for EVP_MAC_update. NULL if the library fails. */
EVP_MAC_CTX *jose_context_mac(const struct jose_key *key, const struct jose_algorithm *algorithm);

/* A key set has gone: no thread's context outlives its keys for longer than until that thread's next use. */
void jose_context_forget(void);

/* Padding and hash of an RSA signature, for signing and verifying alike. */
bool jose_context_set_scheme(EVP_PKEY_CTX *context, const struct jose_algorithm *algorithm);
