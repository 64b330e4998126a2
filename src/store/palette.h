/* SPDX-License-Identifier: Apache-2.0 */
/* Products, environments and tools by the beginning of their names: what the dashboard's palette finds. */
#pragma once

#include "store/store.h"

struct store_search {
    struct str kind; /* "product", "environment", "tool": in this order, each by name */
    struct str id, name;
    struct str product, product_name;         /* id and name of whose it is; its own for a product */
    struct str environment, environment_name; /* the same; none for a product */
};
struct store_searches {
    struct store_search *at;
    size_t count;
};

/* At most `limit` of each kind, by name; `product` (id) empty: of all. */
FIBER NODISCARD enum status store_search_wait(struct store *store, struct arena *arena, struct str product,
                                              struct str prefix, unsigned limit,
                                              struct store_searches *found);
