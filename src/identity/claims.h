/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for claims, each a function that reads one thing. Times are seconds since 1970. */
#pragma once

#include "identity/identity.h"

enum {
    CLAIMS_DEPTH = 16,
    SUBJECT_MAX = 512,
    TOKEN_ID_MAX = 128,
    SESSION_ID_MAX = 255,
    USER_MEMBERS_MAX = 128,
    USER_TEXT_MAX = 16384,
    PERMISSIONS_MAX = 256,
    PERMISSION_LEN_MAX = 256,
};

/* What a claim is judged by. */
struct claim_check {
    const struct identity_issuer *issuer;
    const struct jose_jws *jws;
    const struct json_item *claims;
    int64_t now_s;
    struct arena *arena;
    struct identity_failure *failure;
};

struct claim_times {
    int64_t expires_at;
    int64_t issued_at; /* 0: not said */
    int64_t auth_time; /* 0: not said */
};

NODISCARD enum status claims_check_times(const struct claim_check *check,
                                         struct claim_times *times);          /* exp, nbf, iat */
NODISCARD enum status claims_check_issuer(const struct claim_check *check);   /* iss */
NODISCARD enum status claims_check_audience(const struct claim_check *check); /* aud */
NODISCARD enum status claims_check_subject(const struct claim_check *check, struct str *subject); /* sub */
NODISCARD enum status
claims_check_purpose(const struct claim_check *check); /* typ, logout tokens, machines */

/* Is one of `issuer`'s audiences in the claims' `aud`? */
bool claims_audience_matches(const struct identity_issuer *issuer, const struct json_item *claims);

/* A media type without the "application/" that may be left out of `typ` (RFC 7515 section 4.1.9). */
struct str claim_short_type(struct str type);

/* A value of the token for an administrator's eyes: bounded, printable. Absent text is "(none)". */
const char *claim_shown(struct arena *arena, struct str text);

/* What is passed on, by the mapping or by the rule for none; and the permissions. INVALID with the failure.
 */
NODISCARD enum status user_resolve(const struct claim_check *check, struct identity *identity);
