/* SPDX-License-Identifier: Apache-2.0 */
/* Who has guessed wrong how often. */
#pragma once

#include "store/store.h"

struct store_attempts {
    int64_t failures, blocked_until, at;
    int64_t version; /* 0: there is no row */
};
FIBER NODISCARD enum status store_attempts_find_wait(struct store *store, struct str key,
                                                     struct store_attempts *attempts);
/* Where the version is still `attempts->version`. CONFLICT: another attempt was faster. */
FIBER NODISCARD enum status store_attempts_put_wait(struct store *store, struct str key,
                                                    const struct store_attempts *attempts);
