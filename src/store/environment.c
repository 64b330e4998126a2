/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "store/rows.h"

struct store_environment read_environment(struct arena *arena, const struct row *row) {
    return (struct store_environment){
        .id = row_text(arena, row, 0),
        .product = row_text(arena, row, 1),
        .product_name = row_text(arena, row, 2),
        .name = row_text(arena, row, 3),
        .config = row_text(arena, row, 4),
        .version = row_number(row, 5),
        .created_at = row_number(row, 6),
        .updated_at = row_number(row, 7),
    };
}

enum status store_environment_find_wait(struct store *store, struct arena *arena, struct str id,
                                        struct store_environment *environment) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    TRY(unit_read_wait(&unit));
    *environment = read_environment(arena, unit_row(unit, 0));
    return OK;
}

enum status store_environment_find_named_wait(struct store *store, struct arena *arena, struct str product,
                                              struct str name, struct store_environment *environment) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ENVIRONMENT_FIND_NAMED, ONE_ELSE_NOT_FOUND, value_text(product), value_text(name));
    TRY(unit_read_wait(&unit));
    *environment = read_environment(arena, unit_row(unit, 0));
    return OK;
}

enum status store_environment_list_wait(struct store *store, struct arena *arena, struct str product,
                                        struct str after, unsigned limit,
                                        struct store_environments *environments) {
    AUTO_UNIT unit = unit_new(store);
    if (str_is_empty(product))
        unit_add(unit, ENVIRONMENT_LIST_ALL, ANY, value_text(after), value_number(page_limit(limit)));
    else
        unit_add(unit, ENVIRONMENT_LIST, ANY, value_text(product), value_text(after),
                 value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    environments->count = 0;
    environments->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *environments->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        environments->at[environments->count++] = read_environment(arena, row);
    return OK;
}

enum status store_environment_set_config_wait(struct store *store, struct arena *arena, struct str id,
                                              int64_t version, struct str config,
                                              const struct store_audit *audit, int64_t *new_version) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("environment"), id, id);
    unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unsigned saved = unit_add(unit, ENVIRONMENT_SET_CONFIG, ONE_ELSE_CONFLICT, value_text(id),
                              value_number(version), value_text(config), value_number(clock_now_ms()));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *new_version = row_number(unit_row(unit, saved), 0);
    return OK;
}

enum status store_environment_rename_wait(struct store *store, struct arena *arena, struct str id,
                                          int64_t version, struct str name, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("environment"), id, id);
    unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unit_add(unit, ENVIRONMENT_RENAME, ONE_ELSE_CONFLICT, value_text(id), value_text(name),
             value_number(clock_now_ms()), value_time(version));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

/* What is written of visitors at leisure, and found by nobody without them: a commit of its own. */
static FIBER void sweep_people_wait(struct store *store, struct str id) {
    static const enum statement contents[] = {ENVIRONMENT_DELETE_PROFILES,   ENVIRONMENT_DELETE_WORDS,
                                              ENVIRONMENT_DELETE_SESSIONS,   ENVIRONMENT_DELETE_REVOCATIONS,
                                              ENVIRONMENT_DELETE_ERASURES,   ENVIRONMENT_DELETE_STATISTICS,
                                              ENVIRONMENT_DELETE_DISCOVERIES};
    AUTO_UNIT unit = unit_new(store);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        unit_add(unit, contents[i], ANY, value_text(id));
    enum status status = unit_write_wait(&unit);
    if (status != OK)
        log_event(LOG_WARNING, "environment-not-swept", LOG_STR("environment", id),
                  LOG_STR("status", str_from(status_name(status))));
}

static void add_contents(struct unit *unit, struct str id) {
    static const enum statement contents[] = {ENVIRONMENT_DELETE_KEYS,     ENVIRONMENT_DELETE_SECRETS,
                                              ENVIRONMENT_DELETE_TOOLS,    ENVIRONMENT_DELETE_KNOWLEDGE,
                                              ENVIRONMENT_DELETE_VISITORS, ENVIRONMENT_DELETE_CONVERSATIONS,
                                              ENVIRONMENT_DELETE_MESSAGES};
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        unit_add(unit, contents[i], ANY, value_text(id));
}

/* Where several write at the same time, others have seen the environment until the commit: visitors who came
 * meanwhile have left something in it. */
static FIBER void sweep_wait(struct store *store, struct str id) {
    AUTO_UNIT unit = unit_new(store);
    add_contents(unit, id);
    enum status status = unit_write_wait(&unit);
    if (status != OK)
        log_event(LOG_WARNING, "environment-not-swept", LOG_STR("environment", id),
                  LOG_STR("status", str_from(status_name(status))));
}

enum status store_environment_delete_wait(struct store *store, struct arena *arena, struct str id,
                                          int64_t version, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("environment"), id, id);
    unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unit_add(unit, ENVIRONMENT_DELETE, ONE_ELSE_CONFLICT, value_text(id), value_time(version));
    add_contents(unit, id);
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    sweep_wait(store, id);
    sweep_people_wait(store, id);
    return OK;
}
