/* SPDX-License-Identifier: Apache-2.0 */
/* An environment with all that a server needs of it, read in one snapshot. */
#pragma once

#include "store/document.h"
#include "store/environment.h"
#include "store/key.h"
#include "store/revocation.h"
#include "store/secret.h"

struct store_loaded {
    struct store_environment environment;
    struct store_documents tools;
    struct store_documents knowledge;
    struct store_secrets secrets;         /* the usable ones, of every purpose */
    struct store_key key;                 /* the key that it was found by; all empty when found by id */
    struct store_revocations revocations; /* the latest STORE_REVOCATIONS_LOADED */
};

FIBER NODISCARD enum status store_load_by_id_wait(struct store *store, struct arena *arena, struct str id,
                                                  struct store_loaded *loaded);
/* `lookup`: a publishable key, or a secret key's SHA-256 in lower-case hexadecimal; `is_secret` says which it
 * must be. NOT_FOUND: no such key, or revoked. */
FIBER NODISCARD enum status store_load_by_key_wait(struct store *store, struct arena *arena,
                                                   struct str lookup, bool is_secret,
                                                   struct store_loaded *loaded);
