/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"

enum status admin_product_create_wait(const struct admin *admin, struct arena *arena, struct str name,
                                      struct store_product *product, struct admin_error *error) {
    TRY(admin_name_check(arena, name, error));
    struct store_audit audit =
        admin_audit(admin, STR_NONE, STR("product.create"), admin_target(arena, "product", name));
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

enum status admin_product_rename_wait(const struct admin *admin, struct arena *arena, struct str id_or_name,
                                      struct str name, struct admin_error *error) {
    struct store_product product;
    TRY(admin_name_check(arena, name, error));
    TRY(admin_product_find_wait(admin, arena, id_or_name, &product, error));
    struct store_audit audit =
        admin_audit(admin, STR_NONE, STR("product.rename"), admin_target(arena, "product", product.id));
    return admin_store_error(error, arena,
                             store_product_rename_wait(admin->store, arena, product.id, name, &audit),
                             "a product of that name");
}

enum status admin_product_delete_wait(const struct admin *admin, struct arena *arena, struct str id_or_name,
                                      struct admin_error *error) {
    struct store_product product;
    TRY(admin_product_find_wait(admin, arena, id_or_name, &product, error));
    struct store_audit audit =
        admin_audit(admin, STR_NONE, STR("product.delete"), admin_target(arena, "product", product.id));
    enum status status = store_product_delete_wait(admin->store, arena, product.id, &audit);
    if (status == CONFLICT)
        return admin_refuse(error, arena, status, STR_NONE,
                            "The product '%.*s' still has environments: delete them first.",
                            STR_ARG(product.name));
    return admin_store_error(error, arena, status, "a product of that name");
}
