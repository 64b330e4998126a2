/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: who did what with whose right, and what came of it. Never a token, a secret, or a value that
 * the administrator did not allow to be kept. */
#pragma once

#include "base/json.h"
#include "store/audit.h"

/* In whose name something was done: what was verified on this very request. */
struct audit_who {
    struct str visitor;       /* id */
    struct str subject;       /* `sub`; none: anonymous */
    struct str issuer;        /* its name in the environment's config */
    const json_t *acting_for; /* the token's `act` claim (RFC 8693 section 4.1), or NULL */
    struct str session;       /* id */
    struct str conversation;  /* id */
    struct str token;         /* as audit_token_id gave it; none: no token */
};

enum audit_outcome { AUDIT_ALLOWED, AUDIT_REFUSED, AUDIT_FAILED };

struct audit_event {
    struct str environment; /* id */
    struct str action;      /* AUDIT_TOOL_CALL, … */
    struct audit_who who;
    struct str tool;          /* name; none where no tool was involved */
    const json_t *parameters; /* as tool_arguments_for_audit gives it: every parameter's name, its value only
                                 where the tool says so, else null; or NULL */
    enum audit_outcome outcome;
    struct str reason;   /* where it was not allowed or failed: a word of a closed set */
    struct str detail;   /* machine-readable */
    int64_t duration_us; /* 0: not timed */
};

#define AUDIT_TOOL_CALL STR("tool.call")
#define AUDIT_IDENTIFY  STR("visitor.identify") /* a sign-in in the chat, taken or refused */
#define AUDIT_LOGOUT    STR("visitor.logout")
#define AUDIT_CARRY     STR("conversation.carry") /* an anonymous conversation became a verified visitor's */

/* How a token is named in the log: its `jti` where it has a printable one of at most 64 bytes, else "sha256:"
 * and the first 16 hexadecimal digits of the SHA-256 of what is signed in it (header.claims). */
struct str audit_token_id(struct arena *arena, struct str jti, struct str token);

/* The event as a row: pure. A value whose JSON is longer than 1 KiB is kept as its length alone. */
struct store_audit audit_row(struct arena *arena, const struct audit_event *event);

/* Writes it; OK means that it is on the disk. */
FIBER NODISCARD enum status audit_record_wait(struct store *store, const struct audit_event *event);
