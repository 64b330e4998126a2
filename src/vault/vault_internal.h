/* SPDX-License-Identifier: Apache-2.0 */
/* Private to vault/: the keys themselves. */
#pragma once

#include "vault/vault.h"

#include <stdatomic.h>

enum { VAULT_KEY_LEN = 32, VAULT_KEYS_MAX = 16, VAULT_KEY_ID_MAX = 32 };

struct vault_key {
    char id[VAULT_KEY_ID_MAX];
    size_t id_len;
    unsigned char bytes[VAULT_KEY_LEN];
};

/* Keys only come, while others look: one that is read anew is written behind those there are, and counted
 * when it is whole. */
struct vault {
    _Atomic size_t count;
    _Atomic size_t sealing; /* which of them seals */
    bool is_from_file;
    struct vault_key keys[VAULT_KEYS_MAX];
};

static inline struct str vault_key_id(const struct vault_key *key) {
    return str_of(key->id, key->id_len);
}
