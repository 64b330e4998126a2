/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/environment.h"

#include "admin/admin_internal.h"

enum { CONFIG_MAX = 256 * 1024 };

enum status admin_config_check(struct arena *arena, const json_t *config, struct admin_error *error) {
    if (!json_is_object(config))
        return admin_refuse(error, arena, INVALID, STR_NONE, "A configuration is a JSON object.");
    if (json_write(arena, config).len > CONFIG_MAX)
        return admin_refuse(error, arena, TOO_LARGE, STR_NONE, "A configuration is at most 256 KiB.");
    struct environment_config read = {0};
    struct environment_error problem = {STR_NONE, STR_NONE};
    enum status status = environment_config_read(arena, config, &read, &problem);
    environment_config_release(&read);
    if (status == OK)
        return OK;
    *error = (struct admin_error){problem.pointer, problem.sentence};
    return status;
}

/* ---- making ---- */

enum status admin_environment_create_wait(const struct admin *admin, struct arena *arena, struct str product,
                                          struct str name, const json_t *config,
                                          struct store_environment *environment,
                                          struct store_key *publishable, struct admin_error *error) {
    struct store_product of;
    struct str key;
    TRY(admin_name_check(arena, name, error));
    json_auto_t *empty = json_object();
    if (config == NULL)
        config = empty;
    TRY(admin_config_check(arena, config, error));
    TRY(admin_product_find_wait(admin, arena, product, &of, error));
    struct store_audit audit =
        admin_audit(admin, STR_NONE, STR("environment.create"), admin_target(arena, "environment", name));
    enum status status = store_environment_create_wait(admin->store, arena, of.id, name,
                                                       json_write(arena, config), &audit, environment);
    TRY(admin_store_error(error, arena, status, "an environment of that name in this product"));
    return admin_key_issue_wait(admin, arena, environment, false, publishable, &key, error);
}

/* ---- finding ---- */

static FIBER enum status find_wait(const struct admin *admin, struct arena *arena, struct str product,
                                   struct str environment, struct store_environment *found,
                                   struct admin_error *error) {
    if (str_starts_with(environment, STR("env_")))
        return store_environment_find_wait(admin->store, arena, environment, found);
    if (str_is_empty(product))
        return admin_refuse(error, arena, INVALID, STR_NONE,
                            "Say which product the environment '%.*s' is of, or give the environment's id.",
                            STR_ARG(environment));
    struct store_product of;
    TRY(admin_product_find_wait(admin, arena, product, &of, error));
    return store_environment_find_named_wait(admin->store, arena, of.id, environment, found);
}

enum status admin_environment_find_wait(const struct admin *admin, struct arena *arena, struct str product,
                                        struct str environment, struct store_environment *found,
                                        struct admin_error *error) {
    *error = (struct admin_error){STR_NONE, STR_NONE};
    enum status status = find_wait(admin, arena, product, environment, found, error);
    if (status == OK || !str_is_empty(error->sentence))
        return status;
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE, "There is no environment '%.*s' here.",
                            STR_ARG(environment));
    return admin_store_error(error, arena, status, "the environment");
}

/* ---- changing ---- */

enum status admin_environment_set_config_wait(const struct admin *admin, struct arena *arena,
                                              struct store_environment *environment, int64_t version,
                                              const json_t *config, bool *changed,
                                              struct admin_error *error) {
    TRY(admin_config_check(arena, config, error));
    struct str text = json_write(arena, config);
    *changed = !str_equal(text, environment->config);
    if (!*changed && (version == 0 || version == environment->version))
        return OK;
    struct store_audit audit = admin_audit(admin, environment->id, STR("environment.set-config"),
                                           admin_target(arena, "environment", environment->id));
    enum status status = store_environment_set_config_wait(admin->store, arena, environment->id,
                                                           version == 0 ? environment->version : version,
                                                           text, &audit, &environment->version);
    if (status == CONFLICT)
        return admin_refuse(
            error, arena, status, STR_NONE,
            "The configuration was changed by somebody else meanwhile. Read it again and repeat your "
            "change.");
    TRY(admin_store_error(error, arena, status, "the environment"));
    environment->config = text;
    return OK;
}

enum status admin_environment_rename_wait(const struct admin *admin, struct arena *arena,
                                          const struct store_environment *environment, struct str name,
                                          struct admin_error *error) {
    TRY(admin_name_check(arena, name, error));
    struct store_audit audit = admin_audit(admin, environment->id, STR("environment.rename"),
                                           admin_target(arena, "environment", environment->id));
    return admin_store_error(
        error, arena, store_environment_rename_wait(admin->store, arena, environment->id, name, &audit),
        "an environment of that name in this product");
}

enum status admin_environment_delete_wait(const struct admin *admin, struct arena *arena,
                                          const struct store_environment *environment,
                                          struct admin_error *error) {
    struct store_audit audit = admin_audit(admin, environment->id, STR("environment.delete"),
                                           admin_target(arena, "environment", environment->id));
    return admin_store_error(error, arena,
                             store_environment_delete_wait(admin->store, arena, environment->id, &audit),
                             "the environment");
}
