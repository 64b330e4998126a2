/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, by which an environment is found: publishable ones and secret ones. */
#pragma once

#include "store/store.h"

struct store_key {
    struct str id; /* key_… */
    struct str environment;
    bool is_secret;
    struct str text; /* publishable: the whole key. secret: its first characters, to tell it from others */
    int64_t created_at, revoked_at, last_used_at;
};
struct store_keys {
    struct store_key *at;
    size_t count;
};

/* `lookup` is what a caller will be found by: the publishable key itself, or a secret key's SHA-256 in
 * lower-case hexadecimal; `text` is what lists show. NOT_FOUND: no such environment. */
FIBER NODISCARD enum status store_key_create_wait(struct store *store, struct arena *arena,
                                                  struct str environment, bool is_secret, struct str lookup,
                                                  struct str text, const struct store_audit *audit,
                                                  struct store_key *key);
FIBER NODISCARD enum status store_key_list_wait(struct store *store, struct arena *arena,
                                                struct str environment,
                                                struct store_keys *keys); /* revoked ones too, newest first */
/* NOT_FOUND: no such key, or it is revoked already. */
FIBER NODISCARD enum status store_key_revoke_wait(struct store *store, struct arena *arena,
                                                  struct str environment, struct str id,
                                                  const struct store_audit *audit);
/* Remembers that it was used, to the minute: a second call within one writes nothing. */
FIBER NODISCARD enum status store_key_used_wait(struct store *store, struct arena *arena,
                                                struct str environment, struct str id);
