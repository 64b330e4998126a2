/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "store/driver.h"
#include "store/migrations.h"

static enum status last_migration(struct database *database, struct unit *unit, int64_t *last) {
    unsigned step = unit_add_values(unit, MIGRATIONS_LAST, ANY, NULL, 0);
    TRY(database->driver->run_step(database, unit, &unit->steps[step]));
    *last = row_number(unit_row(unit, step), 0);
    return OK;
}

static enum status apply(struct database *database, struct arena *arena, size_t number) {
    for (const char *const *text = migrations[number - 1].statements; *text != NULL; text++)
        TRY(database->driver->run_text(database, arena, *text));
    AUTO_UNIT unit = unit_new(NULL);
    unsigned step =
        unit_add(unit, MIGRATIONS_INSERT, ANY, value_number((int64_t)number), value_number(clock_now_ms()));
    return database->driver->run_step(database, unit, &unit->steps[step]);
}

static enum status apply_missing(struct database *database, struct arena *arena, struct str *message) {
    AUTO_UNIT unit = unit_new(NULL);
    int64_t last;
    TRY(last_migration(database, unit, &last));
    if (last < 0 || (uint64_t)last > migration_count) {
        *message = arena_print(
            arena,
            "The database was written by a newer version of Chatelaine (its tables have version %lld, "
            "this program knows %zu). Use that version, or restore a backup.",
            (long long)last, migration_count);
        return CONFLICT;
    }
    for (size_t number = (size_t)last + 1; number <= migration_count; number++)
        TRY(apply(database, arena, number));
    return OK;
}

static enum status run(struct database *database, struct arena *arena, struct str *message) {
    TRY(database->driver->migration_begin(database));
    enum status status = apply_missing(database, arena, message);
    enum status ended = database->driver->migration_end(database, status == OK);
    if (status != OK && ended != OK)
        log_event(LOG_ERROR, "store-rollback-failed");
    return status == OK ? ended : status;
}

enum status migrate(struct database *database, struct arena *arena, struct str *message) {
    *message = STR_NONE;
    enum status status = run(database, arena, message);
    const char *trouble = database->trouble;
    if (status == OK || !str_is_empty(*message))
        return status;
    *message = arena_print(arena,
                           "%s%sThe tables, which every start looks after, cannot be brought up to "
                           "date; the log has the code.",
                           trouble != NULL ? trouble : "", trouble != NULL ? " " : "");
    return status;
}
