/* SPDX-License-Identifier: Apache-2.0 */
#include "store/admin_session.h"
#include "base/clock.h"
#include "store/admin_rows.h"

enum { SESSIONS_SHOWN = 100 };

/* A session that nobody has used for so long is thrown away: access/ has not known it for days. */
static const int64_t SESSIONS_KEPT_MS = 30LL * 24 * 60 * 60 * 1000;

/* ---- a sign-in ---- */

static void add_proofs(struct unit *unit, const struct store_sign_in *sign_in, struct str administrator,
                       int64_t now) {
    if (!str_is_empty(sign_in->spent))
        unit_add_spent(unit, sign_in->spent, sign_in->spent_until);
    if (sign_in->totp_step != 0)
        unit_add(unit, ADMINISTRATOR_USE_TOTP, ONE_ELSE_CONFLICT, value_text(administrator),
                 value_number(sign_in->totp_step));
    if (!str_is_empty(sign_in->recovery_code))
        unit_add(unit, RECOVERY_CODE_USE, ONE_ELSE_CONFLICT, value_text(administrator),
                 value_text(sign_in->recovery_code));
    if (!str_is_empty(sign_in->passkey))
        unit_add(unit, PASSKEY_USED, ONE_ELSE_CONFLICT, value_text(sign_in->passkey),
                 value_number(sign_in->sign_count_before), value_number(sign_in->sign_count),
                 value_number(now));
}

void unit_add_sign_in(struct unit *unit, const struct store_sign_in *sign_in, struct str administrator) {
    const struct store_admin_session *session = &sign_in->session;
    int64_t now = clock_now_ms();
    /* First of all, which holds their row: who sets a new password sees this session and ends it, or was
     * before, and what was shown is looked at as it is now. */
    if (!str_is_empty(sign_in->password_hash))
        unit_add(unit, ADMINISTRATOR_SIGNED_IN_BY, ONE_ELSE_DENIED, value_text(administrator),
                 value_number(now), value_text(sign_in->password_hash));
    else
        unit_add(unit, ADMINISTRATOR_SIGNED_IN, ANY, value_text(administrator), value_number(now));
    add_proofs(unit, sign_in, administrator, now);
    unit_add(unit, ADMIN_SESSION_INSERT, ONE_ELSE_NOT_FOUND, value_text(session->hash),
             value_text(session->id), value_text(administrator), value_text(session->method),
             value_number(session->created_at == 0 ? now : session->created_at),
             value_number(session->signed_in_at == 0 ? now : session->signed_in_at),
             value_optional(session->address), value_optional(session->user_agent));
    if (!str_is_empty(sign_in->replaces))
        unit_add(unit, ADMIN_SESSION_END_HASH, ANY, value_text(sign_in->replaces));
    if (!str_is_empty(sign_in->device))
        unit_add(unit, DEVICE_INSERT, ANY, value_text(sign_in->device), value_text(administrator),
                 value_number(now));
    if (!str_is_empty(sign_in->attempt))
        unit_add(unit, ATTEMPT_FORGET, ANY, value_text(sign_in->attempt));
    unit_add(unit, ADMIN_SESSION_PRUNE, ANY, value_number(now - SESSIONS_KEPT_MS));
    unit_add_audit(unit, sign_in->audit);
}

enum status store_admin_sign_in_wait(struct store *store, const struct store_sign_in *sign_in) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_sign_in(unit, sign_in, sign_in->administrator);
    return unit_write_wait(&unit);
}

/* ---- sessions ---- */

static struct store_admin_session read_session(struct arena *arena, const struct row *row) {
    return (struct store_admin_session){
        .id = row_text(arena, row, 0),
        .administrator = row_text(arena, row, 1),
        .method = row_text(arena, row, 2),
        .created_at = row_number(row, 3),
        .signed_in_at = row_number(row, 4),
        .used_at = row_number(row, 5),
        .address = row_text(arena, row, 6),
        .user_agent = row_text(arena, row, 7),
    };
}

enum status store_admin_session_find_wait(struct store *store, struct arena *arena, struct str hash,
                                          int64_t created_after, int64_t used_after,
                                          struct store_known *known) {
    AUTO_UNIT unit = unit_new(store);
    unsigned session = unit_add(unit, ADMIN_SESSION_FIND, ONE_ELSE_NOT_FOUND, value_text(hash),
                                value_number(created_after), value_number(used_after));
    unsigned owner = unit_add(unit, ADMINISTRATOR_FIND_SESSION, ONE_ELSE_NOT_FOUND, value_text(hash));
    TRY(unit_read_wait(&unit));
    known->session = read_session(arena, unit_row(unit, session));
    known->administrator = read_administrator(arena, unit_row(unit, owner));
    return OK;
}

enum status store_admin_session_list_wait(struct store *store, struct arena *arena, struct str administrator,
                                          int64_t created_after, int64_t used_after,
                                          struct store_admin_sessions *sessions) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMIN_SESSION_LIST, ANY, value_text(administrator), value_number(created_after),
             value_number(used_after), value_number(SESSIONS_SHOWN));
    TRY(unit_read_wait(&unit));
    sessions->count = 0;
    sessions->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *sessions->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        sessions->at[sessions->count++] = read_session(arena, row);
    return OK;
}

enum status store_admin_session_used_wait(struct store *store, struct str hash, int64_t at,
                                          struct str address) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMIN_SESSION_USED, ANY, value_text(hash), value_number(at), value_optional(address));
    return unit_write_wait(&unit);
}

enum status store_admin_session_replace_wait(struct store *store, struct str hash, struct str new_hash,
                                             int64_t now, int64_t signed_in_at,
                                             const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMIN_SESSION_REPLACE, ONE_ELSE_NOT_FOUND, value_text(hash), value_text(new_hash),
             value_number(now), value_time(signed_in_at));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_admin_session_end_wait(struct store *store, struct str administrator, struct str id,
                                         const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMIN_SESSION_END, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_admin_device_is_known_wait(struct store *store, struct str hash, struct str email_key,
                                             int64_t created_after, bool *is_known) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, DEVICE_FIND, ANY, value_text(hash), value_text(email_key), value_number(created_after));
    TRY(unit_read_wait(&unit));
    *is_known = unit_row(unit, 0) != NULL;
    return OK;
}
