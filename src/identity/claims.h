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

/* A NumericDate (RFC 7519 section 2), which may have a fraction; nothing before 1970 or after the year 9999.
 */
NODISCARD enum status claim_time(const struct json_item *value, int64_t *seconds);

NODISCARD enum status claims_check_times(const struct claim_check *check,
                                         struct claim_times *times);          /* exp, nbf, iat */
NODISCARD enum status claims_check_issuer(const struct claim_check *check);   /* iss */
NODISCARD enum status claims_check_audience(const struct claim_check *check); /* aud */
NODISCARD enum status claims_check_subject(const struct claim_check *check, struct str *subject); /* sub */
NODISCARD enum status
claims_check_purpose(const struct claim_check *check); /* typ, logout tokens, machines */

/* Is it what the settings name, or another form of that which the provider uses? */
bool claims_issuer_matches(const struct identity_issuer *issuer, struct str iss);
/* Is one of `issuer`'s audiences in the claims' `aud`? */
bool claims_audience_matches(const struct identity_issuer *issuer, const struct json_item *claims);

/* A media type without the "application/" that may be left out of `typ` (RFC 7515 section 4.1.9). */
struct str claim_short_type(struct str type);

/* A value of the token for an administrator's eyes: bounded, printable. Absent text is "(none)". */
const char *claim_shown(struct arena *arena, struct str text);

/* Permissions, each once. */
struct permission_list {
    struct str *at; /* room for PERMISSIONS_MAX where a provider adds to it */
    size_t count;
};
NODISCARD enum status permission_add(struct permission_list *list, struct str permission); /* TOO_LARGE */

/* iss, sub, aud, exp, iat, nbf or jti, in any case: never passed on under that name without a mapping. */
bool claim_is_about_the_token(struct str name);
/* What is passed on, by the mapping or by the rule for none; and the permissions. INVALID with the failure.
 */
NODISCARD enum status user_resolve(const struct claim_check *check, struct identity *identity);
