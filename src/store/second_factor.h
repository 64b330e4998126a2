/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators' second factors: one-time codes, recovery codes, passkeys. */
#pragma once

#include "store/store.h"

struct store_administrator;

/* From now on codes are asked for: the secret is kept as installation secret "totp" beside it, that of the
 * set-up goes, and the recovery codes (hashes) take the place of those there were. CONFLICT: another request
 * was faster. */
#define STORE_SECRET_TOTP       STR("totp") /* of the installation's secrets; `id` is the administrator's */
#define STORE_SECRET_TOTP_DRAFT STR("totp-draft") /* until the first code of it was shown */
enum { STORE_RECOVERY_CODES = 10 };
FIBER NODISCARD enum status store_totp_confirm_wait(struct store *store, struct str administrator,
                                                    struct str sealed, int64_t step,
                                                    const struct str recovery_codes[STORE_RECOVERY_CODES],
                                                    const struct store_audit *audit);
/* Recovery codes that nothing else needs go too. */
FIBER NODISCARD enum status store_totp_remove_wait(struct store *store, struct str administrator,
                                                   bool with_recovery_codes, const struct store_audit *audit);
FIBER NODISCARD enum status
store_recovery_codes_put_wait(struct store *store, struct str administrator,
                              const struct str recovery_codes[STORE_RECOVERY_CODES],
                              const struct store_audit *audit);

struct store_passkey {
    struct str credential; /* base64url */
    struct str id;         /* pas_… */
    struct str administrator;
    struct str rp_id;
    int64_t algorithm;     /* COSE */
    struct str public_key; /* base64url, as libfido2 gives it */
    int64_t sign_count;
    struct str name;
    int64_t created_at, last_used_at;
};
struct store_passkeys {
    struct store_passkey *at;
    size_t count;
};
/* `spent` is the challenge's. CONFLICT: it was used already, or the credential is registered. */
FIBER NODISCARD enum status store_passkey_add_wait(struct store *store, const struct store_passkey *passkey,
                                                   struct str spent, int64_t spent_until,
                                                   const struct store_audit *audit);
FIBER NODISCARD enum status store_passkey_find_wait(struct store *store, struct arena *arena,
                                                    struct str credential, struct store_passkey *passkey,
                                                    struct store_administrator *administrator);
FIBER NODISCARD enum status store_passkey_list_wait(struct store *store, struct arena *arena,
                                                    struct str administrator,
                                                    struct store_passkeys *passkeys);
FIBER NODISCARD enum status store_passkey_rename_wait(struct store *store, struct str administrator,
                                                      struct str id, struct str name,
                                                      const struct store_audit *audit);
FIBER NODISCARD enum status store_passkey_remove_wait(struct store *store, struct str administrator,
                                                      struct str id, bool with_recovery_codes,
                                                      const struct store_audit *audit);
