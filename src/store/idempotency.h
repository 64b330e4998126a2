/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys. A request that creates may carry a key of its sender's: the first one claims it and keeps
 * its answer with it for a day, by which a repeated request is answered. */
#pragma once

#include "store/store.h"

struct store_idempotency {
    struct str actor, key;
    struct str fingerprint; /* of the request: the same key for another one is refused */
    struct str claim;       /* out: whose call it is */
    int64_t status;         /* of the answer; 0: not answered yet */
    struct str body, etag, location;
};

/* `wanted` has actor, key and fingerprint. `*known` is what stands there now; `*is_mine`: it was free, and is
 * this call's from now on. A call that has not been settled for a minute has died, and its claim is free. */
FIBER NODISCARD enum status store_idempotency_claim_wait(struct store *store, struct arena *arena,
                                                         const struct store_idempotency *wanted,
                                                         struct store_idempotency *known, bool *is_mine);
/* Keeps the answer. NOT_FOUND: it is somebody else's claim by now. */
FIBER NODISCARD enum status store_idempotency_settle_wait(struct store *store,
                                                          const struct store_idempotency *answered);
/* Frees the key: nothing was made. */
FIBER NODISCARD enum status store_idempotency_release_wait(struct store *store,
                                                           const struct store_idempotency *claimed);
