/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors. */
#pragma once

#include "store/store.h"

struct store_visitor {
    struct str id; /* vis_… */
    struct str environment;
    struct str issuer, subject; /* both, or neither: an anonymous visitor */
    int64_t created_at;
};

/* Finds the visitor whom `issuer` (its name in the config) calls `subject`, or makes it. */
FIBER NODISCARD enum status store_visitor_resolve_wait(struct store *store, struct arena *arena,
                                                       struct str environment, struct str issuer,
                                                       struct str subject, struct store_visitor *visitor);
/* `resume_hash`: of the key that proves that this is the same browser; SHA-256 in hexadecimal. */
FIBER NODISCARD enum status store_visitor_find_anonymous_wait(struct store *store, struct arena *arena,
                                                              struct str environment, struct str resume_hash,
                                                              struct store_visitor *visitor);
FIBER NODISCARD enum status store_visitor_find_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str id,
                                                    struct store_visitor *visitor);
