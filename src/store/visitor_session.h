/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors' sessions: the chat sessions in which somebody signed in. */
#pragma once

#include "store/seen.h"

struct store_session {
    struct str id; /* ses_… */
    struct str environment, visitor;
    struct str issuer;
    struct str token; /* as audit_token_id named the one that was last signed in with */
    int64_t token_ends_at;
    struct str provider_session; /* `sid` */
    struct str client;           /* "Firefox on Linux" */
    int64_t started_at, seen_at, ended_at, revoked_at;
    struct str subject, name; /* out: the visitor's */
};
struct store_sessions {
    struct store_session *at;
    size_t count;
    struct str next;
};

/* Creates it or brings it up to date, with what is known of its visitor. Nothing where the visitor was
 * erased. */
FIBER NODISCARD enum status store_session_note_wait(struct store *store, struct arena *arena,
                                                    const struct store_session *session);
/* Newest first. */
FIBER NODISCARD enum status store_session_list_wait(struct store *store, struct arena *arena,
                                                    const struct store_seen_filter *filter,
                                                    struct store_sessions *list);
FIBER NODISCARD enum status store_session_find_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str id,
                                                    struct store_session *session);
