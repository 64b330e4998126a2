/* SPDX-License-Identifier: Apache-2.0 */
#include "store/setting.h"
#include "base/clock.h"
#include "store/admin_rows.h"

enum status store_setting_find_wait(struct store *store, struct arena *arena, struct str name,
                                    struct store_setting *setting) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SETTING_FIND, ONE_ELSE_NOT_FOUND, value_text(name));
    TRY(unit_read_wait(&unit));
    const struct row *row = unit_row(unit, 0);
    *setting = (struct store_setting){
        .document = row_text(arena, row, 0), .version = row_number(row, 1), .updated_at = row_number(row, 2)};
    return OK;
}

enum status store_setting_put_wait(struct store *store, struct str name, struct str document,
                                   const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SETTING_PUT, ANY, value_text(name), value_text(document), value_number(clock_now_ms()));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_setting_change_wait(struct store *store, struct str name, int64_t version,
                                      struct str document, struct str sealed, bool drops_secret,
                                      const struct store_audit *audit) {
    int64_t now = clock_now_ms();
    AUTO_UNIT unit = unit_new(store);
    if (version == 0)
        unit_add(unit, SETTING_INSERT, ONE_ELSE_CONFLICT, value_text(name), value_text(document),
                 value_number(now));
    else
        unit_add(unit, SETTING_CHANGE, ONE_ELSE_CONFLICT, value_text(name), value_number(version),
                 value_text(document), value_number(now));
    if (!str_is_empty(sealed))
        unit_add(unit, INSTALLATION_SECRET_PUT, ANY, value_text(name), value_text(STR("")),
                 value_text(sealed), value_number(now));
    else if (drops_secret)
        unit_add(unit, INSTALLATION_SECRET_DELETE, ANY, value_text(name), value_text(STR("")));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_setting_delete_wait(struct store *store, struct str name, int64_t version,
                                      const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SETTING_DELETE, ONE_ELSE_CONFLICT, value_text(name), value_number(version));
    unit_add(unit, INSTALLATION_SECRET_DELETE, ANY, value_text(name), value_text(STR("")));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_installation_secret_put_wait(struct store *store, struct str purpose, struct str id,
                                               struct str sealed) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INSTALLATION_SECRET_PUT, ANY, value_text(purpose), value_text(id), value_text(sealed),
             value_number(clock_now_ms()));
    return unit_write_wait(&unit);
}

enum status store_installation_secret_find_wait(struct store *store, struct arena *arena, struct str purpose,
                                                struct str id, struct str *sealed) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INSTALLATION_SECRET_FIND, ONE_ELSE_NOT_FOUND, value_text(purpose), value_text(id));
    TRY(unit_read_wait(&unit));
    *sealed = row_text(arena, unit_row(unit, 0), 2);
    return OK;
}

enum status store_installation_secret_scan_wait(struct store *store, struct arena *arena,
                                                struct str after_purpose, struct str after_id,
                                                struct store_installation_secret *secret) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INSTALLATION_SECRET_SCAN, ONE_ELSE_NOT_FOUND, value_text(after_purpose),
             value_text(after_id), value_number(1));
    TRY(unit_read_wait(&unit));
    const struct row *row = unit_row(unit, 0);
    *secret = (struct store_installation_secret){
        .purpose = row_text(arena, row, 0), .id = row_text(arena, row, 1), .sealed = row_text(arena, row, 2)};
    return OK;
}

enum status store_installation_secret_reseal_wait(struct store *store,
                                                  const struct store_installation_secret *secret,
                                                  struct str resealed) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INSTALLATION_SECRET_RESEAL, ONE_ELSE_CONFLICT, value_text(secret->purpose),
             value_text(secret->id), value_text(secret->sealed), value_text(resealed));
    return unit_write_wait(&unit);
}

/* ---- what may be used once ---- */

/* What is over by this clock is not yet so by that of a server which is behind. */
static const int64_t SPENT_KEPT_MS = 60LL * 60 * 1000;

void unit_add_spent(struct unit *unit, struct str hash, int64_t until) {
    unit_add(unit, SPENT_PRUNE, ANY, value_number(clock_now_ms() - SPENT_KEPT_MS));
    unit_add(unit, SPENT_INSERT, ONE_ELSE_CONFLICT, value_text(hash), value_number(until));
}

enum status store_spend_wait(struct store *store, struct str hash, int64_t until) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_spent(unit, hash, until);
    return unit_write_wait(&unit);
}
