/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"

static json_t *named(struct arena *arena, struct str name) {
    json_t *json = json_object();
    json_object_set_new(json, "name", json_from_str(name));
    return json_keep(arena, json);
}

enum status admin_product_create_wait(const struct admin *admin, struct arena *arena, struct str name,
                                      struct store_product *product, struct admin_error *error) {
    TRY(admin_name_check(arena, name, error));
    struct store_audit audit =
        admin_audit_change(admin, arena, STR_NONE, STR("product.create"),
                           admin_target(arena, "product", name), NULL, named(arena, name));
    return admin_store_error(error, arena,
                             store_product_create_wait(admin->store, arena, name, &audit, product),
                             "a product of that name");
}

enum status admin_product_find_wait(const struct admin *admin, struct arena *arena, struct str id_or_name,
                                    struct store_product *product, struct admin_error *error) {
    enum status status = store_product_find_wait(admin->store, arena, id_or_name, product);
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE, "There is no product '%.*s'.",
                            STR_ARG(id_or_name));
    return admin_store_error(error, arena, status, "a product of that name");
}

/* Whether a CONFLICT was one of versions: what it is now tells. */
static FIBER bool is_another_wait(const struct admin *admin, struct arena *arena, struct str id) {
    struct store_product now;
    return admin->version > 0 && store_product_find_wait(admin->store, arena, id, &now) == OK &&
           now.version != admin->version;
}

enum status admin_product_rename_wait(const struct admin *admin, struct arena *arena, struct str id_or_name,
                                      struct str name, struct admin_error *error) {
    struct store_product product;
    TRY(admin_name_check(arena, name, error));
    TRY(admin_product_find_wait(admin, arena, id_or_name, &product, error));
    struct store_audit audit = admin_audit_change(admin, arena, STR_NONE, STR("product.rename"),
                                                  admin_target(arena, "product", product.id),
                                                  named(arena, product.name), named(arena, name));
    enum status status =
        store_product_rename_wait(admin->store, arena, product.id, admin->version, name, &audit);
    if (status == CONFLICT && is_another_wait(admin, arena, product.id))
        return admin_changed_meanwhile(error, arena);
    return admin_store_error(error, arena, status, "a product of that name");
}

enum status admin_product_delete_wait(const struct admin *admin, struct arena *arena, struct str id_or_name,
                                      struct admin_error *error) {
    struct store_product product;
    TRY(admin_product_find_wait(admin, arena, id_or_name, &product, error));
    struct store_audit audit =
        admin_audit_change(admin, arena, STR_NONE, STR("product.delete"),
                           admin_target(arena, "product", product.id), named(arena, product.name), NULL);
    enum status status = store_product_delete_wait(admin->store, arena, product.id, admin->version, &audit);
    if (status == CONFLICT && is_another_wait(admin, arena, product.id))
        return admin_changed_meanwhile(error, arena);
    if (status == CONFLICT)
        return admin_refuse(error, arena, status, STR_NONE,
                            "The product '%.*s' still has environments: delete them first.",
                            STR_ARG(product.name));
    return admin_store_error(error, arena, status, "a product of that name");
}
