/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/random.h"
#include "store/admin_rows.h"
#include "store/admin_session.h"
#include "store/invitation.h"
#include "store/setting.h"

struct store_administrator read_administrator(struct arena *arena, const struct row *row) {
    return (struct store_administrator){
        .id = row_text(arena, row, 0),
        .email = row_text(arena, row, 1),
        .name = row_text(arena, row, 2),
        .password_hash = row_text(arena, row, 3),
        .roles = row_text(arena, row, 4),
        .sso_issuer = row_text(arena, row, 5),
        .sso_subject = row_text(arena, row, 6),
        .made_by = row_text(arena, row, 7),
        .totp_at = row_number(row, 8),
        .totp_step = row_number(row, 9),
        .version = row_number(row, 10),
        .created_at = row_number(row, 11),
        .activated_at = row_number(row, 12),
        .last_sign_in_at = row_number(row, 13),
        .passkey_count = row_number(row, 14),
        .recovery_code_count = row_number(row, 15),
        .invitation_expires_at = row_number(row, 16),
    };
}

/* ---- finding ---- */

enum status store_administrator_any_wait(struct store *store, bool *any) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_values(unit, ADMINISTRATOR_ANY, ANY, NULL, 0);
    TRY(unit_read_wait(&unit));
    *any = unit_row(unit, 0) != NULL;
    return OK;
}

static enum status find_wait(struct store *store, struct arena *arena, enum statement statement,
                             const struct value *values, unsigned count,
                             struct store_administrator *administrator) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_values(unit, statement, ONE_ELSE_NOT_FOUND, values, count);
    TRY(unit_read_wait(&unit));
    *administrator = read_administrator(arena, unit_row(unit, 0));
    return OK;
}

enum status store_administrator_find_wait(struct store *store, struct arena *arena, struct str id,
                                          struct store_administrator *administrator) {
    const struct value values[] = {value_text(id)};
    return find_wait(store, arena, ADMINISTRATOR_FIND, values, 1, administrator);
}

enum status store_administrator_find_email_wait(struct store *store, struct arena *arena,
                                                struct str email_key,
                                                struct store_administrator *administrator) {
    const struct value values[] = {value_text(email_key)};
    return find_wait(store, arena, ADMINISTRATOR_FIND_EMAIL, values, 1, administrator);
}

enum status store_administrator_find_subject_wait(struct store *store, struct arena *arena, struct str issuer,
                                                  struct str subject,
                                                  struct store_administrator *administrator) {
    const struct value values[] = {value_text(issuer), value_text(subject)};
    return find_wait(store, arena, ADMINISTRATOR_FIND_SUBJECT, values, 2, administrator);
}

enum status store_administrator_find_invitation_wait(struct store *store, struct arena *arena,
                                                     struct str hash,
                                                     struct store_administrator *administrator) {
    const struct value values[] = {value_text(hash), value_number(clock_now_ms())};
    return find_wait(store, arena, ADMINISTRATOR_FIND_INVITATION, values, 2, administrator);
}

enum status store_administrator_list_wait(struct store *store, struct arena *arena, struct str after,
                                          unsigned limit, struct store_administrators *administrators) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_LIST, ANY, value_text(after), value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    administrators->count = 0;
    administrators->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *administrators->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        administrators->at[administrators->count++] = read_administrator(arena, row);
    return OK;
}

/* ---- coming and going ---- */

static struct value word(bool truth) {
    return value_text(truth ? STR("yes") : STR("no"));
}

static struct store_administrator made_from(struct arena *arena,
                                            const struct store_administrator_draft *draft, int64_t now) {
    return (struct store_administrator){
        .id = id_new(arena, STR("adm")),
        .email = arena_copy(arena, draft->email),
        .name = arena_copy(arena, draft->name),
        .password_hash = arena_copy(arena, draft->password_hash),
        .roles = arena_copy(arena, draft->roles),
        .sso_issuer = arena_copy(arena, draft->sso_issuer),
        .sso_subject = arena_copy(arena, draft->sso_subject),
        .made_by = arena_copy(arena, draft->made_by),
        .version = 1,
        .created_at = now,
        .activated_at = draft->is_active ? now : 0,
    };
}

enum status store_administrator_set_up_wait(struct store *store, struct arena *arena,
                                            const struct store_administrator_draft *draft,
                                            struct str setup_hash, const struct store_sign_in *sign_in,
                                            struct store_administrator *administrator) {
    int64_t now = clock_now_ms();
    struct store_administrator made = made_from(arena, draft, now);
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, made.id);
    unit_add(unit, ADMINISTRATOR_INSERT_FIRST, ONE_ELSE_CONFLICT, value_text(made.id),
             value_text(draft->email), value_text(draft->email_key), value_text(draft->name),
             value_text(draft->password_hash), value_text(draft->roles), word(draft->is_owner),
             value_text(draft->made_by), value_number(now));
    unit_add(unit, SETTING_TAKE, ONE_ELSE_NOT_FOUND, value_text(STORE_SETTING_SETUP), value_text(setup_hash));
    unit_add_sign_in(unit, sign_in, made.id);
    TRY(unit_write_wait(&unit));
    *administrator = made;
    return OK;
}

enum status store_administrator_create_wait(struct store *store, struct arena *arena,
                                            const struct store_administrator_draft *draft,
                                            struct str invitation_hash, int64_t invitation_expires_at,
                                            const struct store_audit *audit,
                                            struct store_administrator *administrator) {
    int64_t now = clock_now_ms();
    struct store_administrator made = made_from(arena, draft, now);
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, made.id);
    unit_add(unit, ADMINISTRATOR_INSERT, ANY, value_text(made.id), value_text(draft->email),
             value_text(draft->email_key), value_text(draft->name), value_optional(draft->password_hash),
             value_text(draft->roles), word(draft->is_owner), value_optional(draft->sso_issuer),
             value_optional(draft->sso_subject), value_text(draft->made_by), value_number(now),
             value_time(made.activated_at));
    if (!str_is_empty(invitation_hash))
        unit_add(unit, INVITATION_PUT, ANY, value_text(made.id), value_text(invitation_hash),
                 value_text(STORE_INVITATION_JOIN), value_number(invitation_expires_at));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    made.invitation_expires_at = invitation_expires_at;
    *administrator = made;
    return OK;
}

/* The changes' head is held by the unit from here on, so what is read here cannot be another request's to
 * change before the commit. */
static void add_still_owner(struct unit *unit, struct str acting_owner) {
    if (!str_is_empty(acting_owner))
        unit_add(unit, ADMINISTRATOR_STILL_OWNER, ONE_ELSE_CONFLICT, value_text(acting_owner));
}

enum status store_administrator_change_wait(struct store *store, struct str id, int64_t version,
                                            const struct store_administrator_draft *draft,
                                            struct str acting_owner, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, id);
    add_still_owner(unit, acting_owner);
    unit_add(unit, ADMINISTRATOR_SET_ROLES, ONE_ELSE_CONFLICT, value_text(id), value_number(version),
             value_text(draft->name), value_text(draft->roles), word(draft->is_owner));
    unit_add_values(unit, ADMINISTRATOR_OWNER_LEFT, ONE_ELSE_DENIED, NULL, 0);
    if (draft->ends_invitation)
        unit_add(unit, INVITATION_DELETE, ANY, value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_administrator_set_email_wait(struct store *store, struct str id, int64_t version,
                                               struct str email, struct str email_key, struct str name,
                                               const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_SET_EMAIL, ONE_ELSE_NOT_FOUND, value_text(id), value_number(version),
             value_text(email), value_text(email_key), value_text(name));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_administrator_delete_wait(struct store *store, struct str id, int64_t version,
                                            struct str acting_owner, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, id);
    add_still_owner(unit, acting_owner);
    unit_add(unit, ADMINISTRATOR_DELETE, ONE_ELSE_CONFLICT, value_text(id), value_number(version));
    unit_add_values(unit, ADMINISTRATOR_OWNER_LEFT, ONE_ELSE_DENIED, NULL, 0);
    unit_add(unit, ADMIN_SESSION_END_OTHERS, ANY, value_text(id), value_text(STR("")));
    unit_add(unit, DEVICE_DELETE_ALL, ANY, value_text(id));
    unit_add(unit, PASSKEY_DELETE_ALL, ANY, value_text(id));
    unit_add(unit, RECOVERY_CODE_DELETE_ALL, ANY, value_text(id));
    unit_add(unit, INVITATION_DELETE, ANY, value_text(id));
    unit_add(unit, API_TOKEN_DELETE_ALL, ANY, value_text(id));
    unit_add(unit, INSTALLATION_SECRET_DELETE_ALL, ANY, value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

/* ---- what proves them ---- */

enum status store_administrator_set_password_wait(struct store *store, struct str id, struct str name,
                                                  struct str password_hash, struct str session,
                                                  const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_SET_PASSWORD, ONE_ELSE_NOT_FOUND, value_text(id), value_text(password_hash),
             value_text(name), value_number(clock_now_ms()));
    unit_add(unit, ADMIN_SESSION_END_OTHERS, ANY, value_text(id), value_text(session));
    unit_add(unit, DEVICE_DELETE_ALL, ANY, value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_administrator_rehash_wait(struct store *store, struct str id, struct str old_hash,
                                            struct str new_hash) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_REHASH, ANY, value_text(id), value_text(old_hash), value_text(new_hash));
    return unit_write_wait(&unit);
}

enum status store_administrator_link_wait(struct store *store, struct str id, struct str issuer,
                                          struct str subject, const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("administrator"), STR_NONE, id);
    unit_add(unit, ADMINISTRATOR_LINK, ONE_ELSE_NOT_FOUND, value_text(id), value_text(issuer),
             value_text(subject), value_number(clock_now_ms()));
    unit_add(unit, INVITATION_DELETE, ANY, value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}
