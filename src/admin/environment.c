/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/environment.h"

#include "admin/admin_internal.h"
#include "base/clock.h"
#include "base/random.h"

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
    *error = (struct admin_error){.pointer = problem.pointer, .sentence = problem.sentence};
    return status;
}

static bool is_kept_as_is(struct str name) {
    return str_equal(name, STR("appearance")) || str_equal(name, STR("keys"));
}

/* As deep as the document, which json_read has bounded. */
static json_t *without_nulls(const json_t *value) {
    if (json_is_array(value)) {
        json_t *list = json_array();
        for (size_t i = 0; i < json_array_size(value); i++)
            json_array_append_new(list, without_nulls(json_array_get(value, i)));
        return list;
    }
    if (!json_is_object(value))
        return json_deep_copy(value);
    json_t *object = json_object();
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk)) {
        if (!json_is_null(walk.value))
            json_set(object, walk.name,
                     is_kept_as_is(walk.name) ? json_deep_copy(walk.value) : without_nulls(walk.value));
    }
    return object;
}

const json_t *admin_config_normal(struct arena *arena, const json_t *config) {
    return json_keep(arena, without_nulls(config));
}

/* ---- for the audit log ---- */

/* A stored configuration holds no secret, so the log has it in full. */
static json_t *read_config(struct arena *arena, struct str text) {
    json_t *config = NULL;
    return json_read(text, JSON_DEPTH_DOCUMENT, &config, NULL) == OK ? json_keep(arena, config) : json_null();
}

static json_t *state_of(struct arena *arena, struct str name, const json_t *config) {
    json_t *state = json_object();
    json_object_set_new(state, "name", json_from_str(name));
    if (config != NULL)
        json_object_set_new(state, "config", json_deep_copy(config));
    return json_keep(arena, state);
}

/* ---- making ---- */

struct store_key admin_publishable_key(struct arena *arena, struct str environment) {
    return (struct store_key){.id = id_new(arena, STR("key")),
                              .environment = environment,
                              .text = random_secret(arena, STR("pk_")),
                              .created_at = clock_now_ms()};
}

void admin_batch_environment(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                             const struct store_environment *environment, const struct store_key *key) {
    const json_t *config = read_config(arena, environment->config);
    struct store_audit made = admin_audit_change(admin, arena, STR_NONE, STR("environment.create"),
                                                 admin_target(arena, "environment", environment->name), NULL,
                                                 state_of(arena, environment->name, config));
    store_batch_add_environment(batch, environment, &made);
    admin_batch_key(admin, arena, batch, key);
}

enum status admin_environment_create_wait(const struct admin *admin, struct arena *arena, struct str product,
                                          struct str name, const json_t *config,
                                          struct store_environment *environment,
                                          struct store_key *publishable, struct admin_error *error) {
    struct store_product of;
    TRY(admin_name_check(arena, name, error));
    json_auto_t *empty = json_object();
    if (config == NULL)
        config = empty;
    TRY(admin_config_check(arena, config, error));
    config = admin_config_normal(arena, config);
    TRY(admin_product_find_wait(admin, arena, product, &of, error));
    int64_t now = clock_now_ms();
    *environment = (struct store_environment){.id = id_new(arena, STR("env")),
                                              .product = of.id,
                                              .product_name = of.name,
                                              .name = arena_copy(arena, name),
                                              .config = json_write(arena, config),
                                              .version = 1,
                                              .created_at = now,
                                              .updated_at = now};
    *publishable = admin_publishable_key(arena, environment->id);
    struct store_batch *batch = store_batch_new(admin->store, environment->id);
    admin_batch_environment(admin, arena, batch, environment, publishable);
    return admin_store_error(error, arena, store_batch_write_wait(batch),
                             "an environment of that name in this product");
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
    *error = (struct admin_error){.sentence = STR_NONE};
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
    config = admin_config_normal(arena, config);
    struct str text = json_write(arena, config);
    *changed = !str_equal(text, environment->config);
    if (!*changed && (version == 0 || version == environment->version))
        return OK;
    struct store_audit audit = admin_audit_change(
        admin, arena, environment->id, STR("environment.set-config"),
        admin_target(arena, "environment", environment->id), read_config(arena, environment->config), config);
    enum status status = store_environment_set_config_wait(admin->store, arena, environment->id,
                                                           version == 0 ? environment->version : version,
                                                           text, &audit, &environment->version);
    if (status == CONFLICT)
        return admin_changed_meanwhile(error, arena);
    TRY(admin_store_error(error, arena, status, "the environment"));
    environment->config = text;
    return OK;
}

static FIBER bool is_another_wait(const struct admin *admin, struct arena *arena, struct str id) {
    struct store_environment now;
    return admin->version > 0 && store_environment_find_wait(admin->store, arena, id, &now) == OK &&
           now.version != admin->version;
}

enum status admin_environment_rename_wait(const struct admin *admin, struct arena *arena,
                                          const struct store_environment *environment, struct str name,
                                          struct admin_error *error) {
    TRY(admin_name_check(arena, name, error));
    struct store_audit audit =
        admin_audit_change(admin, arena, environment->id, STR("environment.rename"),
                           admin_target(arena, "environment", environment->id),
                           state_of(arena, environment->name, NULL), state_of(arena, name, NULL));
    enum status status =
        store_environment_rename_wait(admin->store, arena, environment->id, admin->version, name, &audit);
    if (status == CONFLICT && is_another_wait(admin, arena, environment->id))
        return admin_changed_meanwhile(error, arena);
    return admin_store_error(error, arena, status, "an environment of that name in this product");
}

enum status admin_environment_delete_wait(const struct admin *admin, struct arena *arena,
                                          const struct store_environment *environment,
                                          struct admin_error *error) {
    struct store_audit audit =
        admin_audit_change(admin, arena, environment->id, STR("environment.delete"),
                           admin_target(arena, "environment", environment->id),
                           state_of(arena, environment->name, read_config(arena, environment->config)), NULL);
    enum status status =
        store_environment_delete_wait(admin->store, arena, environment->id, admin->version, &audit);
    if (status == CONFLICT)
        return admin_changed_meanwhile(error, arena);
    return admin_store_error(error, arena, status, "the environment");
}
