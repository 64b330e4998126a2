/* SPDX-License-Identifier: Apache-2.0 */
/* Signing out: whose tokens are refused. A mark stands for a subject, a session of the provider's (`sid`) or
 * one token: 32 hexadecimal digits of a SHA-256, which outlive the visitor's erasure and do not say who it
 * was. */
#pragma once

#include "store/store.h"

struct store_session;
struct store_visitor;

struct str store_mark_subject(struct arena *arena, struct str issuer, struct str subject);
struct str store_mark_session(struct arena *arena, struct str issuer, struct str provider_session);
struct str store_mark_token(struct arena *arena, struct str token_id); /* as audit_token_id named it */

struct store_revocation {
    struct str mark;
    int64_t revoked_at;
};
struct store_revocations {
    struct store_revocation *at;
    size_t count;
    bool has_more; /* what is not among them may be revoked all the same: store_revocation_find_wait */
};
enum { STORE_REVOCATIONS_LOADED = 1000 };

/* Those of three marks (some may be empty) that there are. */
FIBER NODISCARD enum status store_revocation_find_wait(struct store *store, struct arena *arena,
                                                       struct str environment, const struct str marks[3],
                                                       struct store_revocations *found);

/* Tokens of that subject that were issued until now are refused; `*sessions`: how many were open and seen
 * since `open_since`. NOT_FOUND: no such verified visitor. */
FIBER NODISCARD enum status store_visitor_revoke_wait(struct store *store, struct arena *arena,
                                                      const struct store_visitor *visitor, int64_t open_since,
                                                      const struct store_audit *audit, int64_t *revoked_at,
                                                      int64_t *sessions);
FIBER NODISCARD enum status store_visitor_restore_wait(struct store *store, struct arena *arena,
                                                       const struct store_visitor *visitor,
                                                       const struct store_audit *audit);
FIBER NODISCARD enum status store_session_revoke_wait(struct store *store, struct arena *arena,
                                                      const struct store_session *session,
                                                      const struct store_audit *audit, int64_t *revoked_at);
