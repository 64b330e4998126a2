/* SPDX-License-Identifier: Apache-2.0 */
#include "store/second_factor.h"
#include "base/clock.h"
#include "store/admin_rows.h"

enum { PASSKEYS_SHOWN = 50 };

static void add_codes(struct unit *unit, struct str administrator,
                      const struct str codes[STORE_RECOVERY_CODES]) {
    unit_add(unit, RECOVERY_CODE_DELETE_ALL, ANY, value_text(administrator));
    for (unsigned i = 0; i < STORE_RECOVERY_CODES; i++)
        unit_add(unit, RECOVERY_CODE_INSERT, ANY, value_text(administrator), value_text(codes[i]));
}

enum status store_totp_confirm_wait(struct store *store, struct str administrator, struct str sealed,
                                    int64_t step, const struct str recovery_codes[STORE_RECOVERY_CODES],
                                    const struct store_audit *audit) {
    int64_t now = clock_now_ms();
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INSTALLATION_SECRET_DELETE, ONE_ELSE_CONFLICT, value_text(STORE_SECRET_TOTP_DRAFT),
             value_text(administrator));
    unit_add(unit, INSTALLATION_SECRET_PUT, ANY, value_text(STORE_SECRET_TOTP), value_text(administrator),
             value_text(sealed), value_number(now));
    unit_add(unit, ADMINISTRATOR_SET_TOTP, ONE_ELSE_NOT_FOUND, value_text(administrator), value_number(now),
             value_number(step));
    add_codes(unit, administrator, recovery_codes);
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_totp_remove_wait(struct store *store, struct str administrator, bool with_recovery_codes,
                                   const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_SET_TOTP, ONE_ELSE_NOT_FOUND, value_text(administrator), value_time(0),
             value_number(0));
    unit_add(unit, INSTALLATION_SECRET_DELETE, ANY, value_text(STORE_SECRET_TOTP), value_text(administrator));
    if (with_recovery_codes)
        unit_add(unit, RECOVERY_CODE_DELETE_ALL, ANY, value_text(administrator));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_recovery_codes_put_wait(struct store *store, struct str administrator,
                                          const struct str recovery_codes[STORE_RECOVERY_CODES],
                                          const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    add_codes(unit, administrator, recovery_codes);
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

/* ---- passkeys ---- */

static struct store_passkey read_passkey(struct arena *arena, const struct row *row) {
    return (struct store_passkey){
        .credential = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .administrator = row_text(arena, row, 2),
        .rp_id = row_text(arena, row, 3),
        .algorithm = row_number(row, 4),
        .public_key = row_text(arena, row, 5),
        .sign_count = row_number(row, 6),
        .name = row_text(arena, row, 7),
        .created_at = row_number(row, 8),
        .last_used_at = row_number(row, 9),
    };
}

enum status store_passkey_add_wait(struct store *store, const struct store_passkey *passkey, struct str spent,
                                   int64_t spent_until, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_spent(unit, spent, spent_until);
    unit_add(unit, PASSKEY_INSERT, ONE_ELSE_CONFLICT, value_text(passkey->credential),
             value_text(passkey->id), value_text(passkey->administrator), value_text(passkey->rp_id),
             value_number(passkey->algorithm), value_text(passkey->public_key),
             value_number(passkey->sign_count), value_text(passkey->name), value_number(passkey->created_at));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_passkey_find_wait(struct store *store, struct arena *arena, struct str credential,
                                    struct store_passkey *passkey,
                                    struct store_administrator *administrator) {
    AUTO_UNIT unit = unit_new(store);
    unsigned key = unit_add(unit, PASSKEY_FIND, ONE_ELSE_NOT_FOUND, value_text(credential));
    unsigned owner =
        unit_add(unit, ADMINISTRATOR_FIND_CREDENTIAL, ONE_ELSE_NOT_FOUND, value_text(credential));
    TRY(unit_read_wait(&unit));
    *passkey = read_passkey(arena, unit_row(unit, key));
    *administrator = read_administrator(arena, unit_row(unit, owner));
    return OK;
}

enum status store_passkey_list_wait(struct store *store, struct arena *arena, struct str administrator,
                                    struct store_passkeys *passkeys) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PASSKEY_LIST, ANY, value_text(administrator), value_number(PASSKEYS_SHOWN));
    TRY(unit_read_wait(&unit));
    passkeys->count = 0;
    passkeys->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *passkeys->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        passkeys->at[passkeys->count++] = read_passkey(arena, row);
    return OK;
}

enum status store_passkey_rename_wait(struct store *store, struct str administrator, struct str id,
                                      struct str name, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PASSKEY_RENAME, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(id),
             value_text(name));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_passkey_remove_wait(struct store *store, struct str administrator, struct str id,
                                      bool with_recovery_codes, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PASSKEY_DELETE, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(id));
    if (with_recovery_codes)
        unit_add(unit, RECOVERY_CODE_DELETE_ALL, ANY, value_text(administrator));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}
