/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators. What stands for a session, a token, a code or a device, here and in the files beside it, is
 * its SHA-256 in lower-case hexadecimal; access/ makes and knows the values. */
#pragma once

#include "store/store.h"

struct store_sign_in;

struct store_administrator {
    struct str id; /* adm_… */
    struct str email, name;
    struct str password_hash;           /* libsodium's text; empty: none */
    struct str roles;                   /* JSON, as access/ writes it */
    struct str sso_issuer, sso_subject; /* the provider's account that it is linked to; empty: none */
    struct str made_by;                 /* "setup" | "invitation" | "single-sign-on" */
    int64_t totp_at;                    /* since when one-time codes are asked for; 0: they are not */
    int64_t totp_step;                  /* the last one used */
    int64_t version;
    int64_t created_at, activated_at, last_sign_in_at; /* activated: 0 until the invitation is accepted */
    int64_t passkey_count, recovery_code_count;
    int64_t invitation_expires_at; /* 0: none is open */
};
struct store_administrators {
    struct store_administrator *at;
    size_t count;
};

FIBER NODISCARD enum status store_administrator_any_wait(struct store *store, bool *any);
FIBER NODISCARD enum status store_administrator_find_wait(struct store *store, struct arena *arena,
                                                          struct str id,
                                                          struct store_administrator *administrator);
/* `email_key`: the address as it is compared. */
FIBER NODISCARD enum status store_administrator_find_email_wait(struct store *store, struct arena *arena,
                                                                struct str email_key,
                                                                struct store_administrator *administrator);
FIBER NODISCARD enum status store_administrator_find_subject_wait(struct store *store, struct arena *arena,
                                                                  struct str issuer, struct str subject,
                                                                  struct store_administrator *administrator);
FIBER NODISCARD enum status
store_administrator_find_invitation_wait(struct store *store, struct arena *arena, struct str hash,
                                         struct store_administrator *administrator);
/* By id: the order in which they were made. */
FIBER NODISCARD enum status store_administrator_list_wait(struct store *store, struct arena *arena,
                                                          struct str after, unsigned limit,
                                                          struct store_administrators *administrators);

/* What is written of an administrator. */
struct store_administrator_draft {
    struct str email, email_key, name, roles;
    bool is_owner;
    struct str password_hash, sso_issuer, sso_subject, made_by;
    bool is_active;
    bool ends_invitation; /* of a change: an open link is good no more */
};
/* The first of all, by the setup token (its hash), signed in at once. CONFLICT: there is one already.
 * NOT_FOUND: no such token. `sign_in` without `administrator`. */
FIBER NODISCARD enum status store_administrator_set_up_wait(struct store *store, struct arena *arena,
                                                            const struct store_administrator_draft *draft,
                                                            struct str setup_hash,
                                                            const struct store_sign_in *sign_in,
                                                            struct store_administrator *administrator);
/* With an invitation, or, where `invitation_hash` is empty, without. CONFLICT: the address, or the provider's
 * account, is taken. */
FIBER NODISCARD enum status store_administrator_create_wait(struct store *store, struct arena *arena,
                                                            const struct store_administrator_draft *draft,
                                                            struct str invitation_hash,
                                                            int64_t invitation_expires_at,
                                                            const struct store_audit *audit,
                                                            struct store_administrator *administrator);
/* Name and roles, where the version is still `version`; `acting_owner` (an id; empty: nobody's) must still be
 * owner. CONFLICT: it is not any more, or the version is another. DENIED: no owner would be left who has ever
 * signed in. */
FIBER NODISCARD enum status store_administrator_change_wait(struct store *store, struct str id,
                                                            int64_t version,
                                                            const struct store_administrator_draft *draft,
                                                            struct str acting_owner,
                                                            const struct store_audit *audit);
/* CONFLICT: the address is taken. NOT_FOUND: the version is another. */
FIBER NODISCARD enum status store_administrator_set_email_wait(struct store *store, struct str id,
                                                               int64_t version, struct str email,
                                                               struct str email_key, struct str name,
                                                               const struct store_audit *audit);
/* With all that they have. Refused as a change is. */
FIBER NODISCARD enum status store_administrator_delete_wait(struct store *store, struct str id,
                                                            int64_t version, struct str acting_owner,
                                                            const struct store_audit *audit);

/* A new password by whoever is signed in: all sessions but `session` (id) end, and all known devices. */
FIBER NODISCARD enum status store_administrator_set_password_wait(struct store *store, struct str id,
                                                                  struct str name, struct str password_hash,
                                                                  struct str session,
                                                                  const struct store_audit *audit);
/* The same password, hashed anew. */
FIBER NODISCARD enum status store_administrator_rehash_wait(struct store *store, struct str id,
                                                            struct str old_hash, struct str new_hash);
FIBER NODISCARD enum status store_administrator_link_wait(struct store *store, struct str id,
                                                          struct str issuer, struct str subject,
                                                          const struct store_audit *audit);
