/* SPDX-License-Identifier: Apache-2.0 */
/* URLs that we are asked to go to. Pure. */
#pragma once

#include "egress/egress.h"

struct url {
    char *text;        /* normalized, without a fragment, NUL-terminated */
    struct str origin; /* scheme, host and port: "https://issuer.example:443" */
    bool is_https;
};

/* An absolute http or https URL with a host and without user or password; 8 KiB at most. Lives in the arena.
 */
NODISCARD enum status url_read(struct arena *arena, struct str text, struct url *url);

/* Where `location` leads from `base` (RFC 9110 section 10.2.2), under the same rules. */
NODISCARD enum status url_follow(struct arena *arena, const struct url *base, struct str location,
                                 struct url *url);
