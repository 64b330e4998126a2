/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys. A request that creates may carry a key of its sender's: the first one claims it and keeps
 * its answer with it for a day, by which a repeated request is answered. */
#pragma once

#include "store/store.h"

/* Something was made by it, in one transaction with this mark (struct store_guard); its answer is not kept
 * yet, or never was, since its process has died. */
enum { STORE_IDEMPOTENCY_MADE = 1 };

struct store_idempotency {
    struct str actor, key;
    struct str fingerprint; /* of the request: the same key for another one is refused */
    struct str claim;       /* out: whose call it is */
    int64_t status;         /* of the answer; 0: not answered yet; or STORE_IDEMPOTENCY_MADE */
    struct str body, etag, location;
    bool is_dead; /* out: a minute has passed; who has not answered by now does not */
};

/* `wanted` has actor, key and fingerprint. `*known` is what stands there now; `*is_mine`: it was free, and is
 * this call's from now on. A call that has made nothing and has not been settled for a minute has died, and
 * its claim is free. */
FIBER NODISCARD enum status store_idempotency_claim_wait(struct store *store, struct arena *arena,
                                                         const struct store_idempotency *wanted,
                                                         struct store_idempotency *known, bool *is_mine);
/* Keeps the answer. NOT_FOUND: it is somebody else's claim by now. */
FIBER NODISCARD enum status store_idempotency_settle_wait(struct store *store,
                                                          const struct store_idempotency *answered);
/* Frees the key, unless something was made. */
FIBER NODISCARD enum status store_idempotency_release_wait(struct store *store,
                                                           const struct store_idempotency *claimed);
