/* SPDX-License-Identifier: Apache-2.0 */
/* Products. */
#pragma once

#include "store/store.h"

struct store_product {
    struct str id;   /* prod_… */
    struct str name; /* unique */
    int64_t created_at;
    int64_t version; /* rises by one with each change */
};
struct store_products {
    struct store_product *at;
    size_t count;
};

/* CONFLICT: the name is taken. */
FIBER NODISCARD enum status store_product_create_wait(struct store *store, struct arena *arena,
                                                      struct str name, const struct store_audit *audit,
                                                      struct store_product *product);
FIBER NODISCARD enum status store_product_find_wait(struct store *store, struct arena *arena,
                                                    struct str id_or_name, struct store_product *product);
/* By name; `after` is the last page's last name. */
FIBER NODISCARD enum status store_product_list_wait(struct store *store, struct arena *arena,
                                                    struct str after, unsigned limit,
                                                    struct store_products *products);
/* Those whose name begins with `prefix`. */
FIBER NODISCARD enum status store_product_search_wait(struct store *store, struct arena *arena,
                                                      struct str prefix, struct str after, unsigned limit,
                                                      struct store_products *products);
/* CONFLICT: somebody else was faster, or the name is taken. */
FIBER NODISCARD enum status store_product_rename_wait(struct store *store, struct arena *arena, struct str id,
                                                      int64_t version, struct str name,
                                                      const struct store_audit *audit);
/* CONFLICT also where it still has environments. */
FIBER NODISCARD enum status store_product_delete_wait(struct store *store, struct arena *arena, struct str id,
                                                      int64_t version, const struct store_audit *audit);
