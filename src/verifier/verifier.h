/* SPDX-License-Identifier: Apache-2.0 */
/* A front thread's verifier: from a token to a verified identity, with the keys fetched where they must be,
 * and remembered until the token ends. Only successes are remembered; a failure is found anew each time. */
#pragma once

#include "environment/environment.h"
#include "keyset/keyset.h"

struct verifier;

/* A verified identity, shared by all who use it on this thread. Immutable. */
struct verified {
    struct identity identity;
    struct str environment_id;
    struct str issuer;   /* the configuration's name of the issuer that signed it */
    struct str header;   /* identity_user_json as base64url: for X-Chatelaine-Identity */
    struct str token_id; /* what the audit log calls the token: empty until verified_name_token */
};

struct verifier *verifier_new(struct keyset_cache *key_sets);
void verifier_free(struct verifier *verifier);

/* Verifies without waiting. OK: `*verified` is borrowed until the next wait (verified_ref keeps it). DENIED:
 * `failure` says why (its text in `arena`). UNAVAILABLE: keys must be fetched first: use _wait. */
NODISCARD enum status verifier_try(struct verifier *verifier, const struct environment *environment,
                                   struct str token, struct arena *arena, struct verified **verified,
                                   struct identity_failure *failure);

/* The same, and waits for keys where it must. OK gives a reference. DENIED as above, jwks-fetch-failed
 * included; CANCELED; or what the store failed with, where it has to say who was signed out. `environment`
 * must be held by the caller. */
FIBER NODISCARD enum status verifier_verify_wait(struct verifier *verifier,
                                                 const struct environment *environment, struct str token,
                                                 struct arena *arena, struct verified **verified,
                                                 struct identity_failure *failure);

/* Fills `token_id`, as audit_token_id would; `token` is the one that it was verified from. Where nobody asks
 * for the name, the token need not be hashed. verifier_verify_wait has done it. */
void verified_name_token(struct verified *verified, struct str token);

/* Whether the token was found good before, and still is: without looking at any that was not. */
bool verifier_remembers(struct verifier *verifier, const struct environment *environment, struct str token);

void verified_ref(struct verified *verified);
void verified_unref(struct verified *verified); /* NULL is fine */

struct verifier_metrics {
    uint64_t remembered; /* answered from memory */
    uint64_t verified;   /* by signature */
    uint64_t refused[IDENTITY_REASONS];
    uint64_t entries; /* tokens remembered now */
};
void verifier_read_metrics(const struct verifier *verifier, struct verifier_metrics *metrics);

/* ---- for an administrator who tests a token (inspect.c): nothing is remembered, and nothing counted ---- */

struct verifier_question {
    struct keyset_cache *key_sets;         /* NULL: none can be fetched here */
    const struct environment *environment; /* whose users may have been signed out */
    const struct identity_sign_in *sign_in;
    struct jose_key_set *const
        *local_keys; /* by issuer: secrets and pasted keys; NULL: none, or fetched ones */
    struct str token;
    struct str
        issuer_name; /* whose rules shall be applied, whatever the token says; empty: as the token says */
    bool refresh;    /* the keys are fetched anew before */
};

struct verifier_inspection {
    bool is_verified;
    bool is_read;      /* `token` is there */
    bool is_refreshed; /* the keys were fetched anew on the way */
    struct identity_token token;
    const struct identity_issuer *issuer; /* NULL: the token belongs to none */
    struct identity identity;             /* where it is verified; to be released */
    struct identity_failure failure;      /* else */
};

/* OK whatever the verdict; text lives in `arena`, in the token and in the settings. NOT_FOUND: no issuer of
 * that name. UNAVAILABLE: keys would have to be fetched, and cannot be here. FAILED: the store cannot say who
 * was signed out. CANCELED. */
FIBER NODISCARD enum status verifier_inspect_wait(const struct verifier_question *question,
                                                  struct arena *arena, struct verifier_inspection *result);

/* How a refusal calls what went wrong with a key set. */
enum identity_detail verifier_fetch_detail(enum keyset_problem problem);
