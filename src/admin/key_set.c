/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/environment.h"
#include "store/change.h"

#include "admin/admin_internal.h"

static void add_urls(struct arena *arena, const struct identity_sign_in *sign_in, struct str issuer,
                     struct admin_key_sets *key_sets) {
    key_sets->at = arena_alloc_array(arena, sign_in->issuer_count, sizeof *key_sets->at);
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        const struct identity_issuer *one = &sign_in->issuers[i];
        bool is_meant = str_is_empty(issuer) || str_equal(issuer, one->name);
        if (is_meant && !str_is_empty(one->key_set_url))
            key_sets->at[key_sets->count++] =
                (struct admin_key_set){arena_copy(arena, one->name), arena_copy(arena, one->key_set_url)};
    }
}

enum status admin_key_set_list(struct arena *arena, const struct store_environment *environment,
                               struct str issuer, struct admin_key_sets *key_sets,
                               struct admin_error *error) {
    json_auto_t *document = NULL;
    struct environment_config config = {0};
    struct environment_error problem = {STR_NONE, STR_NONE};
    *key_sets = (struct admin_key_sets){NULL, 0};
    enum status status = json_read(environment->config, JSON_DEPTH_DOCUMENT, &document, NULL);
    if (status == OK)
        status = environment_config_read(arena, document, &config, &problem);
    if (status == OK)
        add_urls(arena, config.sign_in, issuer, key_sets);
    environment_config_release(&config);
    if (status != OK)
        return admin_refuse(error, arena, INVALID, problem.pointer,
                            "The environment's configuration does not read. Apply it anew.");
    if (key_sets->count > 0)
        return OK;
    if (str_is_empty(issuer))
        return admin_refuse(error, arena, NOT_FOUND, STR_NONE, "No issuer here has a key-set URL.");
    return admin_refuse(error, arena, NOT_FOUND, STR_NONE,
                        "There is no issuer '%.*s' here with a key-set URL.", STR_ARG(issuer));
}

enum status admin_key_set_refresh_wait(const struct admin *admin, struct arena *arena,
                                       const struct store_environment *environment,
                                       const struct admin_key_set *key_set, struct admin_error *error) {
    struct store_audit audit = admin_audit(admin, environment->id, STR("key-set.refresh"),
                                           admin_target(arena, "issuer", key_set->issuer));
    enum status status = store_change_announce_wait(admin->store, arena, STORE_CHANGE_KEY_SET,
                                                    environment->id, key_set->url, &audit);
    return admin_store_error(error, arena, status, "the key set");
}
