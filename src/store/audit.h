/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: who did what. audit/audit.h makes its rows. */
#pragma once

#include "store/store.h"

/* Texts that do not apply are STR_NONE. */
/* What must still hold when an administrator's change is written: it is looked at in the same transaction, by
 * the row of the log that comes with it; where it does not, nothing is written. */
struct store_guard {
    /* Who asks, and their roles as they were read. DENIED: they have others by now, or are gone. Empty: they
     * are not looked at. */
    struct str administrator, roles;
    /* Of a request with an idempotency key: it has made something, whatever becomes of its answer. CONFLICT:
     * it is somebody else's claim by now. Empty: none. */
    struct str claim_actor, claim_key, claim;
};

struct store_audit {
    struct str id;            /* out: store makes it */
    struct str environment;   /* id; empty for what belongs to no environment (products, the installation) */
    int64_t at;               /* 0: now */
    struct str action;        /* "tool.call", "secret.generate", …: a closed word of the code */
    struct str actor;         /* administrators: "cli:<user>"; none where the visitor acts */
    struct str visitor;       /* id */
    struct str subject;       /* the verified `sub` at that time; none for an anonymous visitor */
    struct str issuer;        /* the environment's name of the issuer that verified it */
    struct str acting_for;    /* JSON of the token's `act` claim */
    struct str session;       /* id */
    struct str conversation;  /* id */
    struct str tool;          /* name */
    struct str parameters;    /* JSON array: the names */
    struct str values;        /* JSON object: only those that the tool's `auditValues` names */
    struct str token;         /* `jti`, or a prefix of the token's hash */
    struct str target;        /* what an administrator changed: kind and id or name, "tool/get_balance" */
    struct str outcome;       /* "allowed" | "refused" | "failed" */
    struct str reason;        /* the closed reasons, or status words */
    struct str detail;        /* machine-readable */
    int64_t duration_us;      /* 0 where nothing was timed */
    struct str before, after; /* JSON: what an administrator's change has changed; never a secret */
    const struct store_guard *guard; /* of what it is written with; NULL: none */
};

struct store_audits {
    struct store_audit *at;
    size_t count;
    struct str next; /* where to go on (`after`); empty: there is no more now. The page may be short, since
                        one question looks at a bounded number of rows */
};

/* All restrictions that are given hold together. Newest first; `oldest_first` turns it round (for following).
 */
struct store_audit_filter {
    struct str environment; /* empty: of no environment */
    struct str visitor, subject, actor, tool, action, outcome, reason;
    int64_t from, until; /* [from, until); 0: open */
    struct str after;    /* id of the last row of the page before, or its `next` */
    bool oldest_first;
    unsigned limit;
};

FIBER NODISCARD enum status store_audit_append_wait(struct store *store, struct arena *arena,
                                                    const struct store_audit *event);
FIBER NODISCARD enum status store_audit_list_wait(struct store *store, struct arena *arena,
                                                  const struct store_audit_filter *filter,
                                                  struct store_audits *audits);

/* Rows of the log whose time is further back than this are all there: none of that time will still be
 * committed. (Clocks of servers may differ by some seconds.) */
int64_t store_audit_settling_ms(const struct store *store);
/* Where a time stands between the ids of the log's rows. */
struct str store_audit_place(struct arena *arena, int64_t ms);
