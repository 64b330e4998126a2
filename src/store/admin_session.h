/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators' sign-ins, sessions and known devices. */
#pragma once

#include "store/administrator.h"

struct store_admin_session {
    struct str id;   /* ses_… */
    struct str hash; /* where it is made */
    struct str administrator;
    struct str method; /* "password" | "passkey" | "single-sign-on" */
    int64_t created_at, signed_in_at, used_at;
    struct str address, user_agent;
};
struct store_admin_sessions {
    struct store_admin_session *at;
    size_t count;
};

/* A sign-in: all that begins or is used up with it, in one transaction. What does not apply is empty. */
struct store_sign_in {
    struct str administrator;
    struct store_admin_session session; /* its times are set here: 0 means now */
    struct str replaces;                /* hash of the browser's session so far, which ends */
    struct str device;                  /* hash: this browser is known from now on */
    struct str attempt;                 /* whose failures are forgotten */
    struct str password_hash;           /* DENIED: it is theirs no more; empty: none was shown */
    struct str spent;                   /* hash of what may be used once: CONFLICT where it was */
    int64_t spent_until;
    int64_t totp_step; /* CONFLICT: this step, or a later one, was used already; 0: no code was shown */
    struct str recovery_code; /* hash. CONFLICT: it is none of theirs any more */
    struct str passkey;       /* credential. CONFLICT: its count is not `sign_count_before` any more */
    int64_t sign_count_before, sign_count;
    const struct store_audit *audit;
};
/* NOT_FOUND: no such administrator (any more). */
FIBER NODISCARD enum status store_admin_sign_in_wait(struct store *store,
                                                     const struct store_sign_in *sign_in);

struct store_known {
    struct store_admin_session session;
    struct store_administrator administrator;
};
/* Created after `created_after` and used after `used_after`. */
FIBER NODISCARD enum status store_admin_session_find_wait(struct store *store, struct arena *arena,
                                                          struct str hash, int64_t created_after,
                                                          int64_t used_after, struct store_known *known);
FIBER NODISCARD enum status store_admin_session_list_wait(struct store *store, struct arena *arena,
                                                          struct str administrator, int64_t created_after,
                                                          int64_t used_after,
                                                          struct store_admin_sessions *sessions);
FIBER NODISCARD enum status store_admin_session_used_wait(struct store *store, struct str hash, int64_t at,
                                                          struct str address);
/* The same session under another value, used `now`; `signed_in_at` 0: as it was. */
FIBER NODISCARD enum status store_admin_session_replace_wait(struct store *store, struct str hash,
                                                             struct str new_hash, int64_t now,
                                                             int64_t signed_in_at,
                                                             const struct store_audit *audit);
FIBER NODISCARD enum status store_admin_session_end_wait(struct store *store, struct str administrator,
                                                         struct str id, const struct store_audit *audit);
/* Whether this browser (hash) has signed in as the owner of that address since `created_after`. */
FIBER NODISCARD enum status store_admin_device_is_known_wait(struct store *store, struct str hash,
                                                             struct str email_key, int64_t created_after,
                                                             bool *is_known);
