/* SPDX-License-Identifier: Apache-2.0 */
/* Private to vault/: the keys themselves. */
#pragma once

#include "vault/vault.h"

enum { VAULT_KEY_LEN = 32, VAULT_KEYS_MAX = 16, VAULT_KEY_ID_MAX = 32 };

struct vault_key {
    char id[VAULT_KEY_ID_MAX];
    size_t id_len;
    unsigned char bytes[VAULT_KEY_LEN];
};

struct vault {
    size_t count;
    struct vault_key keys[VAULT_KEYS_MAX]; /* the first one seals */
};

static inline struct str vault_key_id(const struct vault_key *key) {
    return str_of(key->id, key->id_len);
}
