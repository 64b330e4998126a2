/* SPDX-License-Identifier: Apache-2.0 */
/* Environments: each of one product, with its configuration. batch.h makes one. */
#pragma once

#include "store/store.h"

struct store_environment {
    struct str id;      /* env_… */
    struct str product; /* id */
    struct str product_name;
    struct str name;   /* unique in the product */
    struct str config; /* JSON document */
    int64_t version;   /* of config and name: rises by one with each change of them */
    int64_t created_at, updated_at;
};
struct store_environments {
    struct store_environment *at;
    size_t count;
};

FIBER NODISCARD enum status store_environment_find_wait(struct store *store, struct arena *arena,
                                                        struct str id, struct store_environment *environment);
FIBER NODISCARD enum status store_environment_find_named_wait(struct store *store, struct arena *arena,
                                                              struct str product, struct str name,
                                                              struct store_environment *environment);
/* Of one product by name, or, where `product` is empty, of all by id; `after` is the last row's name or id.
 */
FIBER NODISCARD enum status store_environment_list_wait(struct store *store, struct arena *arena,
                                                        struct str product, struct str after, unsigned limit,
                                                        struct store_environments *environments);
/* Saves `config` where the version is still `version`; gives the new one. CONFLICT: somebody else was faster;
 * or NOT_FOUND. */
FIBER NODISCARD enum status
store_environment_set_config_wait(struct store *store, struct arena *arena, struct str id, int64_t version,
                                  struct str config, const struct store_audit *audit, int64_t *new_version);
FIBER NODISCARD enum status store_environment_rename_wait(struct store *store, struct arena *arena,
                                                          struct str id, int64_t version, struct str name,
                                                          const struct store_audit *audit);
/* With all that it holds but its audit log. */
FIBER NODISCARD enum status store_environment_delete_wait(struct store *store, struct arena *arena,
                                                          struct str id, int64_t version,
                                                          const struct store_audit *audit);
