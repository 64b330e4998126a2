/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: answers in the forms that all routes share. */
#pragma once

#include "base/json.h"
#include "identity/identity.h"
#include "server/front.h"

/* A problem document (RFC 9457). */
struct problem {
    unsigned status;
    struct str code;                        /* machine-readable: the last part of its `type` */
    struct str sentence;                    /* what happened, why, what to do */
    const struct identity_failure *failure; /* adds reason, reasonDetail and fix; may be NULL */
    bool for_administrator;                 /* whether the failure's explanation may be told */
};
void answer_problem(struct exchange *exchange, const struct problem *problem);
void answer_problem_with(struct exchange *exchange, const struct problem *problem,
                         const struct http_header *headers, size_t header_count); /* at most 8 */

/* JSON that no cache keeps. */
void answer_json(struct exchange *exchange, unsigned status, struct str json);
/* The same with the CORS headers for `origin` (empty: none). */
void answer_json_to_origin(struct exchange *exchange, unsigned status, struct str json, struct str origin);

/* 404: nothing is at this address. */
void answer_not_found(struct exchange *exchange);

/* 503 for what a store or another part cannot do now. */
void answer_unavailable(struct exchange *exchange);

/* 401 (RFC 6750 section 3): the visitor's token is missing or did not verify. */
void answer_unauthorized(struct exchange *exchange, const struct identity_failure *failure);
