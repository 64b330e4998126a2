/* SPDX-License-Identifier: Apache-2.0 */
#include "store/admin_session.h"
#include "store/admin_rows.h"

enum { SESSIONS_SHOWN = 100 };

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
