/* SPDX-License-Identifier: Apache-2.0 */
/* Settings and secrets of the installation, and what may be used once. */
#pragma once

#include "store/store.h"

#define STORE_SETTING_SETUP STR("setup") /* the setup token's hash */
struct store_setting {
    struct str document;
    int64_t version, updated_at;
};
FIBER NODISCARD enum status store_setting_find_wait(struct store *store, struct arena *arena, struct str name,
                                                    struct store_setting *setting);
/* Whatever stands there. */
FIBER NODISCARD enum status store_setting_put_wait(struct store *store, struct str name, struct str document,
                                                   const struct store_audit *audit);

struct store_installation_secret {
    struct str purpose, id;
    struct str sealed; /* row identity for vault: table "installation_secrets", no environment, id, purpose */
};
/* A setting with the secret of the same name: `version` 0: there must be none yet. `sealed` empty: the secret
 * stays as it is; `drops_secret`: it goes. CONFLICT: the version is another. */
FIBER NODISCARD enum status store_setting_change_wait(struct store *store, struct str name, int64_t version,
                                                      struct str document, struct str sealed,
                                                      bool drops_secret, const struct store_audit *audit);
FIBER NODISCARD enum status store_setting_delete_wait(struct store *store, struct str name, int64_t version,
                                                      const struct store_audit *audit);
FIBER NODISCARD enum status store_installation_secret_put_wait(struct store *store, struct str purpose,
                                                               struct str id, struct str sealed);
FIBER NODISCARD enum status store_installation_secret_find_wait(struct store *store, struct arena *arena,
                                                                struct str purpose, struct str id,
                                                                struct str *sealed);
/* For changing the master key: one after the other; `after_purpose` and `after_id` empty: the first. */
FIBER NODISCARD enum status store_installation_secret_scan_wait(struct store *store, struct arena *arena,
                                                                struct str after_purpose, struct str after_id,
                                                                struct store_installation_secret *secret);
FIBER NODISCARD enum status
store_installation_secret_reseal_wait(struct store *store, const struct store_installation_secret *secret,
                                      struct str resealed);
/* Marks it as used. CONFLICT: it was before. */
FIBER NODISCARD enum status store_spend_wait(struct store *store, struct str hash, int64_t until);
