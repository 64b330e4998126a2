/* SPDX-License-Identifier: Apache-2.0 */
/* What is older than it is kept goes. */
#pragma once

#include "store/store.h"

/* Figures, sessions, marks of tokens that have ended. Sessions that were left open by a server that
 * is gone end. */
FIBER NODISCARD enum status store_people_prune_wait(struct store *store, int64_t now_ms);
/* Of administrators: browsers known since before `device_before`, API tokens that ended before that time. */
FIBER NODISCARD enum status store_administrator_prune_wait(struct store *store, int64_t device_before,
                                                           int64_t token_before);
