/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators' API tokens. */
#pragma once

#include "store/store.h"

struct store_administrator;

struct store_api_token {
    struct str id;   /* tok_… */
    struct str hash; /* where it is made */
    struct str administrator;
    struct str name, hint;
    struct str scopes;  /* words with spaces between */
    struct str product; /* id; empty: any */
    int64_t created_at, expires_at, last_used_at;
};
struct store_api_tokens {
    struct store_api_token *at;
    size_t count;
};
FIBER NODISCARD enum status store_api_token_create_wait(struct store *store,
                                                        const struct store_api_token *token,
                                                        const struct store_audit *audit);
FIBER NODISCARD enum status store_api_token_find_wait(struct store *store, struct arena *arena,
                                                      struct str hash, int64_t now,
                                                      struct store_api_token *token,
                                                      struct store_administrator *administrator);
FIBER NODISCARD enum status store_api_token_list_wait(struct store *store, struct arena *arena,
                                                      struct str administrator,
                                                      struct store_api_tokens *tokens);
FIBER NODISCARD enum status store_api_token_used_wait(struct store *store, struct str hash, int64_t at,
                                                      int64_t before);
FIBER NODISCARD enum status store_api_token_remove_wait(struct store *store, struct str administrator,
                                                        struct str id, const struct store_audit *audit);
