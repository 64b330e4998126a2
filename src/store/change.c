/* SPDX-License-Identifier: Apache-2.0 */
#include "store/change.h"
#include "base/clock.h"
#include "store/unit.h"

/* Servers read the changes each second; what is a day old, nobody will ask for. */
static const int64_t KEPT_MS = 24LL * 60 * 60 * 1000;

void unit_add_change(struct unit *unit, struct str kind, struct str environment, struct str id) {
    int64_t now = clock_now_ms();
    unit_add_values(unit, CHANGE_ADVANCE, ONE_ELSE_CONFLICT, NULL, 0);
    unit_add(unit, CHANGE_PRUNE, ANY, value_number(now - KEPT_MS));
    unit_add(unit, CHANGE_INSERT, ONE_ELSE_CONFLICT, value_text(kind), value_text(environment),
             value_text(id), value_number(now));
    unit->announces = true;
}

enum status store_change_announce_wait(struct store *store, struct arena *arena, struct str kind,
                                       struct str environment, struct str id,
                                       const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, kind, environment, id);
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_change_last_wait(struct store *store, struct arena *arena, int64_t *position) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_values(unit, CHANGE_HEAD, ONE_ELSE_NOT_FOUND, NULL, 0);
    TRY(unit_read_wait(&unit));
    *position = row_number(unit_row(unit, 0), 0);
    return OK;
}

enum status store_change_list_wait(struct store *store, struct arena *arena, int64_t after, unsigned limit,
                                   struct store_changes *changes) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, CHANGE_LIST, ANY, value_number(after), value_number(page_limit(limit)));
    unsigned head = unit_add_values(unit, CHANGE_HEAD, ONE_ELSE_NOT_FOUND, NULL, 0);
    TRY(unit_read_wait(&unit));
    changes->count = 0;
    changes->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *changes->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next) {
        changes->at[changes->count++] = (struct store_change){
            .position = row_number(row, 0),
            .kind = row_text(arena, row, 1),
            .environment = row_text(arena, row, 2),
            .id = row_text(arena, row, 3),
        };
    }
    /* Positions have no gaps: where the next one is not there, it was thrown away, or the database is another
     * (a backup). */
    changes->last = row_number(unit_row(unit, head), 0);
    changes->missed = changes->count == 0 ? changes->last != after : changes->at[0].position != after + 1;
    return OK;
}
