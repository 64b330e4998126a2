/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: what a front asks by its own configuration: in the query of /v1/authorize, or in the
 * header Chatelaine-Authorize of /v1/ext-authz/…. */
#pragma once

#include "http/http.h"

struct demand {
    struct str permission; /* that the visitor must have besides; empty: none */
    struct str cookie;     /* name of the cookie that holds the token where no header does; empty: none */
    struct str anonymous;  /* as it was written; empty: not */
    bool admits_anonymous; /* who brings no token passes without an identity */
    struct str token;      /* that was brought; empty: none */
};

/* Reads it, and the token by it: `Authorization: Bearer`, or else the cookie. OK. INVALID has been answered:
 * a parameter that is not known, perhaps misspelt (nobody is let through by not being understood), or a
 * cookie that came twice (RFC 6265 section 5.4 has no order by which one could be chosen). */
NODISCARD enum status demand_read(struct exchange *exchange, struct demand *demand);
