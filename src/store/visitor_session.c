/* SPDX-License-Identifier: Apache-2.0 */
/* Chat sessions in which somebody signed in. */
#include "store/visitor_session.h"
#include "store/rows.h"

static struct store_session read_session(struct arena *arena, const struct row *row) {
    return (struct store_session){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .visitor = row_text(arena, row, 2),
        .issuer = row_text(arena, row, 3),
        .token = row_text(arena, row, 4),
        .token_ends_at = row_number(row, 5),
        .provider_session = row_text(arena, row, 6),
        .client = row_text(arena, row, 7),
        .started_at = row_number(row, 8),
        .seen_at = row_number(row, 9),
        .ended_at = row_number(row, 10),
        .revoked_at = row_number(row, 11),
        .subject = row_text(arena, row, 12),
        .name = row_text(arena, row, 13),
    };
}

enum status store_session_note_wait(struct store *store, struct arena *arena,
                                    const struct store_session *session) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SESSION_PUT, ANY, value_text(session->environment), value_text(session->visitor),
             value_text(session->id), value_text(session->issuer), value_text(session->token),
             value_number(session->token_ends_at), value_optional(session->provider_session),
             value_text(session->client), value_number(session->started_at), value_number(session->seen_at),
             value_time(session->ended_at));
    return unit_write_wait(&unit);
}

static void add_list(struct unit *unit, const struct store_seen_filter *filter) {
    struct str before = str_is_empty(filter->after) ? STR("ses_g") : filter->after;
    struct value limit = value_number(page_limit(filter->limit));
    if (!str_is_empty(filter->visitor))
        unit_add(unit, SESSION_LIST_VISITOR, ANY, value_text(filter->environment), value_text(before), limit,
                 value_text(filter->visitor), value_time(filter->open_since));
    else if (filter->open_since != 0)
        unit_add(unit, SESSION_LIST_OPEN, ANY, value_text(filter->environment), value_text(before), limit,
                 value_number(filter->open_since));
    else
        unit_add(unit, SESSION_LIST, ANY, value_text(filter->environment), value_text(before), limit);
}

enum status store_session_list_wait(struct store *store, struct arena *arena,
                                    const struct store_seen_filter *filter, struct store_sessions *list) {
    AUTO_UNIT unit = unit_new(store);
    add_list(unit, filter);
    TRY(unit_read_wait(&unit));
    *list = (struct store_sessions){.count = 0};
    list->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *list->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        list->at[list->count++] = read_session(arena, row);
    if (list->count > 0 && (int64_t)list->count == page_limit(filter->limit))
        list->next = list->at[list->count - 1].id;
    return OK;
}

enum status store_session_find_wait(struct store *store, struct arena *arena, struct str environment,
                                    struct str id, struct store_session *session) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SESSION_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id));
    TRY(unit_read_wait(&unit));
    *session = read_session(arena, unit_row(unit, 0));
    return OK;
}
