/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenID providers say in their metadata: of an environment's issuer, or, with both empty, of single
 * sign-on. One server for all reads them again: the one that claims it. */
#pragma once

#include "store/store.h"

struct store_discovery {
    struct str issuer;            /* its name in the configuration */
    struct str provider;          /* whose metadata were read */
    struct str key_set_url;       /* what they named when they were last read; empty: they never were */
    int64_t read_at;              /* the last time that they could be used */
    int64_t next_at;              /* the next try */
    int64_t failures;             /* in a row */
    struct str problem, sentence; /* of the last try: a word, and for people; empty: none */
};
struct store_discoveries {
    struct store_discovery *at;
    size_t count;
};
FIBER NODISCARD enum status store_discovery_list_wait(struct store *store, struct arena *arena,
                                                      struct str environment, struct store_discoveries *list);
/* Whoever gets OK reads them; nobody else does until `until`. `next_at` as it was seen, 0: there is no row
 * yet. CONFLICT: somebody else is at it. */
FIBER NODISCARD enum status store_discovery_claim_wait(struct store *store, struct str environment,
                                                       struct str issuer, int64_t next_at, int64_t until);
/* What came of it: with `problem`, the metadata could not be used, and what they said before stays. */
FIBER NODISCARD enum status store_discovery_settle_wait(struct store *store, struct str environment,
                                                        const struct store_discovery *discovery);
