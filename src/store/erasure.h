/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing, in pieces, each a commit of its own. */
#pragma once

#include "store/store.h"

struct store_visitor;

struct store_erased {
    int64_t conversations, messages, sessions, audit_rows;
};

/* All of a visitor but the audit log's rows, which are made nameless. What was begun and not finished,
 * and what was written to the log behind it, is left to store_erasure_resume_wait. `audit` is written with
 * the first piece. */
FIBER NODISCARD enum status store_visitor_erase_wait(struct store *store, struct arena *arena,
                                                     const struct store_visitor *visitor,
                                                     const struct store_audit *audit,
                                                     struct store_erased *erased);
FIBER NODISCARD enum status store_conversation_erase_wait(struct store *store, struct arena *arena,
                                                          struct str environment, struct str id,
                                                          const struct store_audit *audit, int64_t *messages);
/* Finishes what was begun before `before`; how many visitors. */
FIBER NODISCARD enum status store_erasure_resume_wait(struct store *store, int64_t before, size_t *finished);
