/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the opaque types of <chatelaine/chatelaine.h>. */
#pragma once

#include "identity/identity.h"

#include <chatelaine/chatelaine.h>
#include <pthread.h>

enum { SECRETS_MAX = 16 };

/* Settings being written. The JSON is an element of the server's `signIn.issuers`, so that one set of rules
 * reads both. */
struct chatelaine_issuer {
    json_t *json;
    struct chatelaine_bytes secrets[SECRETS_MAX]; /* copies */
    size_t secret_count;
    bool has_too_many_secrets;
    bool lacks_memory;
    const char *unreadable; /* the member whose text cannot be one; NULL: none */
};

struct chatelaine_error {
    char *place;
    char *message;
};

/* The keys of an issuer stand apart from its settings: they are replaced while others read. */
struct chatelaine_verifier {
    struct arena *arena;
    struct identity_sign_in sign_in;
    pthread_mutex_t lock; /* guards the pointers in `keys`, for as long as it takes to count a reference */
    struct jose_key_set **keys; /* by the issuer's index; NULL: none yet */
};

enum result_text {
    TEXT_SUBJECT,
    TEXT_EMAIL,
    TEXT_NAME,
    TEXT_TOKEN_ID,
    TEXT_SESSION_ID,
    TEXT_KEY_ID,
    TEXT_EXPLANATION,
    TEXT_IDENTITY_JSON,
    TEXT_CLAIMS_JSON,
    RESULT_TEXTS,
};

enum result_kind { RESULT_NOTHING, RESULT_IDENTITY, RESULT_REFUSAL };

struct chatelaine_result {
    struct arena *arena;
    enum result_kind kind;
    struct identity_token token;
    struct jose_key_set *keys; /* a reference, while the verification is under way */
    struct identity identity;
    struct identity_failure failure;
    const char *issuer_name;         /* in the arena, or NULL */
    const char *texts[RESULT_TEXTS]; /* those that were asked for, in the arena */
};

/* Runs `run(argument)`; false where memory ran out in it. What it has made by then must be reachable through
 * `argument`. */
NODISCARD bool library_run(void (*run)(void *argument), void *argument);

/* CHATELAINE_INVALID, with the error made where one is wanted; CHATELAINE_NO_MEMORY where it cannot be. */
enum chatelaine_status library_error(struct chatelaine_error **error, struct str place, struct str message);

struct jose_key_set *verifier_take_keys(const struct chatelaine_verifier *verifier,
                                        const struct identity_issuer *issuer); /* a reference, or NULL */
