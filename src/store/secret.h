/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of an environment, sealed by vault, which see. */
#pragma once

#include "store/store.h"

/* Purposes. The name is the issuer's in the configuration (its tokens are signed by HMAC); empty (it signs
 * the calls to the environment's tools); or what the configuration refers to by it (a model's API key). */
#define STORE_SECRET_VISITOR_SIGNING STR("visitor-signing")
#define STORE_SECRET_TOOL_SIGNING    STR("tool-signing")
#define STORE_SECRET_NAMED           STR("named")

struct store_secret {
    struct str id; /* sec_… */
    struct str environment;
    struct str purpose, name;
    struct str hint;   /* the first characters, to tell it from others; may be empty */
    struct str sealed; /* as vault_seal gave it; row identity: table "secrets", environment, id, purpose */
    int64_t created_at;
    int64_t expires_at; /* verifies until then; 0: until it is replaced or killed */
    int64_t revoked_at; /* killed */
    int64_t last_used_at;
};
struct store_secrets {
    struct store_secret *at;
    size_t count;
};

/* Inserts `secret` as it stands, its id included (it is part of what was sealed; `created_at` 0 means now).
 * Others of the same environment, purpose and name that have no end yet, or a later one, end at
 * `others_expire_at` (0: they are left alone; now or before: they are revoked). NOT_FOUND: no such
 * environment. */
FIBER NODISCARD enum status store_secret_put_wait(struct store *store, struct arena *arena,
                                                  const struct store_secret *secret, int64_t others_expire_at,
                                                  const struct store_audit *audit);
/* Newest first; `only_usable` leaves out revoked and expired ones. `purpose` and `name` empty: any. */
FIBER NODISCARD enum status store_secret_list_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str purpose,
                                                   struct str name, bool only_usable,
                                                   struct store_secrets *secrets);
/* At once and for ever; the sealed text is removed with it. NOT_FOUND: no such secret, or it is killed
 * already. */
FIBER NODISCARD enum status store_secret_kill_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str id,
                                                   const struct store_audit *audit);
/* Remembers that it was used, to the minute: a second call within one writes nothing. */
FIBER NODISCARD enum status store_secret_used_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str id);
/* For changing the master key: all secrets that still hold something, of all environments, by (environment,
 * id) after those given. */
FIBER NODISCARD enum status store_secret_scan_wait(struct store *store, struct arena *arena,
                                                   struct str after_environment, struct str after_id,
                                                   unsigned limit, struct store_secrets *secrets);
/* Puts `sealed` in the place of `old_sealed`. CONFLICT: it is another by now, or the secret was killed. */
FIBER NODISCARD enum status store_secret_reseal_wait(struct store *store, struct arena *arena,
                                                     struct str environment, struct str id,
                                                     struct str old_sealed, struct str sealed);
