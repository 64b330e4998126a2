/* SPDX-License-Identifier: Apache-2.0 */
#include "store/discovery.h"
#include "store/unit.h"

enum status store_discovery_list_wait(struct store *store, struct arena *arena, struct str environment,
                                      struct store_discoveries *list) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, DISCOVERY_LIST, ANY, value_text(environment));
    TRY(unit_read_wait(&unit));
    list->count = 0;
    list->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *list->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        list->at[list->count++] = (struct store_discovery){.issuer = row_text(arena, row, 0),
                                                           .provider = row_text(arena, row, 1),
                                                           .key_set_url = row_text(arena, row, 2),
                                                           .read_at = row_number(row, 3),
                                                           .next_at = row_number(row, 4),
                                                           .failures = row_number(row, 5),
                                                           .problem = row_text(arena, row, 6),
                                                           .sentence = row_text(arena, row, 7)};
    return OK;
}

enum status store_discovery_claim_wait(struct store *store, struct str environment, struct str issuer,
                                       int64_t next_at, int64_t until) {
    AUTO_UNIT unit = unit_new(store);
    if (next_at == 0)
        unit_add(unit, DISCOVERY_INSERT, ONE_ELSE_CONFLICT, value_text(environment), value_text(issuer),
                 value_number(until));
    else
        unit_add(unit, DISCOVERY_CLAIM, ONE_ELSE_CONFLICT, value_text(environment), value_text(issuer),
                 value_number(next_at), value_number(until));
    return unit_write_wait(&unit);
}

enum status store_discovery_settle_wait(struct store *store, struct str environment,
                                        const struct store_discovery *discovery) {
    AUTO_UNIT unit = unit_new(store);
    if (str_is_empty(discovery->problem))
        unit_add(unit, DISCOVERY_READ, ANY, value_text(environment), value_text(discovery->issuer),
                 value_text(discovery->provider), value_text(discovery->key_set_url),
                 value_number(discovery->read_at), value_number(discovery->next_at));
    else
        unit_add(unit, DISCOVERY_FAILED, ANY, value_text(environment), value_text(discovery->issuer),
                 value_number(discovery->next_at), value_number(discovery->failures),
                 value_text(discovery->problem), value_text(discovery->sentence));
    return unit_write_wait(&unit);
}
