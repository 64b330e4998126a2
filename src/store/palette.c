/* SPDX-License-Identifier: Apache-2.0 */
#include "store/palette.h"
#include "store/unit.h"

static struct store_search read_found(struct arena *arena, struct str kind, const struct row *row) {
    return (struct store_search){
        .kind = kind,
        .id = row_text(arena, row, 0),
        .name = row_text(arena, row, 1),
        .product = row_text(arena, row, 2),
        .product_name = row_text(arena, row, 3),
        .environment = row_text(arena, row, 4),
        .environment_name = row_text(arena, row, 5),
    };
}

enum status store_search_wait(struct store *store, struct arena *arena, struct str product, struct str prefix,
                              unsigned limit, struct store_searches *found) {
    static const enum statement statements[] = {SEARCH_PRODUCTS, SEARCH_ENVIRONMENTS, SEARCH_TOOLS};
    const struct str kinds[] = {STR("product"), STR("environment"), STR("tool")};
    AUTO_UNIT unit = unit_new(store);
    size_t count = 0;
    for (unsigned i = 0; i < 3; i++)
        unit_add(unit, statements[i], ANY, value_text(prefix), value_optional(product),
                 value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    for (unsigned i = 0; i < 3; i++)
        count += unit->steps[i].row_count;
    *found = (struct store_searches){arena_alloc_array(arena, count, sizeof *found->at), 0};
    for (unsigned i = 0; i < 3; i++) {
        for (const struct row *row = unit_row(unit, i); row != NULL; row = row->next)
            found->at[found->count++] = read_found(arena, kinds[i], row);
    }
    return OK;
}
