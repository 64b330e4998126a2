/* SPDX-License-Identifier: Apache-2.0 */
#include "store/product.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/unit.h"

static struct store_product read_product(struct arena *arena, const struct row *row) {
    return (struct store_product){.id = row_text(arena, row, 0),
                                  .name = row_text(arena, row, 1),
                                  .created_at = row_number(row, 2),
                                  .version = row_number(row, 3)};
}

enum status store_product_create_wait(struct store *store, struct arena *arena, struct str name,
                                      const struct store_audit *audit, struct store_product *product) {
    struct store_product made = {.id = id_new(arena, STR("prod")),
                                 .name = arena_copy(arena, name),
                                 .created_at = clock_now_ms(),
                                 .version = 1};
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("product"), STR_NONE, made.id);
    unit_add(unit, PRODUCT_INSERT, ANY, value_text(made.id), value_text(name), value_number(made.created_at));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *product = made;
    return OK;
}

enum status store_product_find_wait(struct store *store, struct arena *arena, struct str id_or_name,
                                    struct store_product *product) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PRODUCT_FIND, ONE_ELSE_NOT_FOUND, value_text(id_or_name));
    TRY(unit_read_wait(&unit));
    *product = read_product(arena, unit_row(unit, 0));
    return OK;
}

static FIBER enum status list_wait(struct unit **given, struct arena *arena,
                                   struct store_products *products) {
    enum status status = unit_read_wait(given);
    const struct unit *unit = *given;
    TRY(status);
    products->count = 0;
    products->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *products->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        products->at[products->count++] = read_product(arena, row);
    return OK;
}

enum status store_product_list_wait(struct store *store, struct arena *arena, struct str after,
                                    unsigned limit, struct store_products *products) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PRODUCT_LIST, ANY, value_text(after), value_number(page_limit(limit)));
    return list_wait(&unit, arena, products);
}

enum status store_product_search_wait(struct store *store, struct arena *arena, struct str prefix,
                                      struct str after, unsigned limit, struct store_products *products) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PRODUCT_LIST_PREFIX, ANY, value_text(after), value_text(prefix),
             value_number(page_limit(limit)));
    return list_wait(&unit, arena, products);
}

enum status store_product_rename_wait(struct store *store, struct arena *arena, struct str id,
                                      int64_t version, struct str name, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("product"), STR_NONE, id);
    unit_add(unit, PRODUCT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unit_add(unit, PRODUCT_RENAME, ONE_ELSE_CONFLICT, value_text(id), value_text(name), value_time(version));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_product_delete_wait(struct store *store, struct arena *arena, struct str id,
                                      int64_t version, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("product"), STR_NONE, id);
    unit_add(unit, PRODUCT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unit_add(unit, PRODUCT_DELETE, ONE_ELSE_CONFLICT, value_text(id), value_time(version));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}
