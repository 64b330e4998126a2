/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/random.h"
#include "store/rows.h"

enum { USED_ROUNDING_MS = 60 * 1000 };

static struct str kind_of(bool is_secret) {
    return is_secret ? STR("secret") : STR("publishable");
}

struct store_key read_key(struct arena *arena, const struct row *row) {
    return (struct store_key){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .is_secret = str_equal(row_text(arena, row, 2), kind_of(true)),
        .text = row_text(arena, row, 3),
        .created_at = row_number(row, 4),
        .revoked_at = row_number(row, 5),
        .last_used_at = row_number(row, 6),
    };
}

enum status store_key_create_wait(struct store *store, struct arena *arena, struct str environment,
                                  bool is_secret, struct str lookup, struct str text,
                                  const struct store_audit *audit, struct store_key *key) {
    struct store_key made = {.id = id_new(arena, STR("key")),
                             .environment = arena_copy(arena, environment),
                             .is_secret = is_secret,
                             .text = arena_copy(arena, text),
                             .created_at = clock_now_ms()};
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("key"), environment, made.id);
    unit_add(unit, KEY_INSERT, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(made.id),
             value_text(kind_of(is_secret)), value_text(lookup), value_text(text),
             value_number(made.created_at));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *key = made;
    return OK;
}

enum status store_key_list_wait(struct store *store, struct arena *arena, struct str environment,
                                struct store_keys *keys) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, KEY_LIST, ANY, value_text(environment));
    TRY(unit_read_wait(&unit));
    keys->count = 0;
    keys->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *keys->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        keys->at[keys->count++] = read_key(arena, row);
    return OK;
}

enum status store_key_revoke_wait(struct store *store, struct arena *arena, struct str environment,
                                  struct str id, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("key"), environment, id);
    unit_add(unit, KEY_REVOKE, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id),
             value_number(clock_now_ms()));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_key_used_wait(struct store *store, struct arena *arena, struct str environment,
                                struct str id) {
    (void)arena;
    int64_t now = clock_now_ms();
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, KEY_USED, ANY, value_text(environment), value_text(id), value_number(now),
             value_number(now - USED_ROUNDING_MS));
    return unit_write_wait(&unit);
}
