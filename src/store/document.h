/* SPDX-License-Identifier: Apache-2.0 */
/* Tools and knowledge: named JSON documents of an environment. batch.h writes them. */
#pragma once

#include "store/store.h"

struct store_document {
    struct str id; /* tool_…, know_… */
    struct str environment;
    struct str name; /* a tool's name, a knowledge snippet's own id: unique in the environment */
    struct str document;
    int64_t version; /* rises by one with each change */
    int64_t created_at, updated_at;
};
struct store_documents {
    struct store_document *at;
    size_t count;
};
enum store_document_kind { STORE_TOOL, STORE_KNOWLEDGE };

FIBER NODISCARD enum status store_document_find_wait(struct store *store, struct arena *arena,
                                                     enum store_document_kind kind, struct str environment,
                                                     struct str name, struct store_document *stored);
FIBER NODISCARD enum status store_document_list_wait(struct store *store, struct arena *arena,
                                                     enum store_document_kind kind, struct str environment,
                                                     struct store_documents *documents); /* all, by name */
