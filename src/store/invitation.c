/* SPDX-License-Identifier: Apache-2.0 */
#include "store/invitation.h"
#include "base/clock.h"
#include "store/admin_rows.h"
#include "store/admin_session.h"

/* Nobody's roles grow between the look at them and the link: changes of roles hold the changes' head, too. */
enum status store_invitation_put_wait(struct store *store, struct str administrator, int64_t version,
                                      struct str hash, struct str effect, int64_t expires_at,
                                      const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, administrator);
    unit_add(unit, ADMINISTRATOR_IS_AS_SEEN, ONE_ELSE_CONFLICT, value_text(administrator),
             value_number(version));
    unit_add(unit, INVITATION_PUT, ANY, value_text(administrator), value_text(hash), value_text(effect),
             value_number(expires_at));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

/* Whether one-time codes and passkeys go is read in one transaction and done in the next, which takes the
 * very invitation that was read: nobody changes its effect in between without changing its hash. */
static enum status read_effect_wait(struct store *store, struct str administrator, struct str hash,
                                    bool *is_rescue) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INVITATION_FIND, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(hash),
             value_number(clock_now_ms()));
    TRY(unit_read_wait(&unit));
    *is_rescue = str_equal(row_text(unit->arena, unit_row(unit, 0), 0), STORE_INVITATION_RESCUE);
    return OK;
}

enum status store_invitation_accept_wait(struct store *store, struct str administrator, struct str hash,
                                         struct str name, struct str password_hash, bool has_second_factor,
                                         const struct store_sign_in *sign_in, bool *is_signed_in) {
    bool is_rescue = false;
    TRY(read_effect_wait(store, administrator, hash, &is_rescue));
    *is_signed_in = is_rescue || !has_second_factor;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, INVITATION_TAKE, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(hash),
             value_number(clock_now_ms()));
    unit_add(unit, ADMINISTRATOR_SET_PASSWORD, ONE_ELSE_NOT_FOUND, value_text(administrator),
             value_text(password_hash), value_text(name), value_number(clock_now_ms()));
    unit_add(unit, ADMIN_SESSION_END_OTHERS, ANY, value_text(administrator), value_text(STR("")));
    unit_add(unit, DEVICE_DELETE_ALL, ANY, value_text(administrator));
    if (is_rescue) {
        unit_add(unit, ADMINISTRATOR_SET_TOTP, ANY, value_text(administrator), value_time(0),
                 value_number(0));
        unit_add(unit, RECOVERY_CODE_DELETE_ALL, ANY, value_text(administrator));
        unit_add(unit, PASSKEY_DELETE_ALL, ANY, value_text(administrator));
        unit_add(unit, INSTALLATION_SECRET_DELETE_ALL, ANY, value_text(administrator));
    }
    if (*is_signed_in)
        unit_add_sign_in(unit, sign_in, administrator);
    else
        unit_add_audit(unit, sign_in->audit);
    return unit_write_wait(&unit);
}
