/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors as administrators see them, and what is noted of them at leisure. */
#include "store/visitor_seen.h"
#include "store/rows.h"
#include "store/search.h"

static struct store_visitor_seen read_seen(struct arena *arena, const struct row *row) {
    struct store_visitor visitor = read_visitor(arena, row);
    int64_t seen_at = row_number(row, 7);
    return (struct store_visitor_seen){
        .visitor = visitor,
        .name = row_text(arena, row, 5),
        .email = row_text(arena, row, 6),
        .seen_at = seen_at > visitor.created_at ? seen_at : visitor.created_at,
        .revoked_at = row_number(row, 8),
    };
}

static void read_list(const struct unit *unit, struct arena *arena, const struct store_seen_filter *filter,
                      struct store_visitors_seen *list) {
    const struct row *last = NULL;
    list->count = 0;
    list->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *list->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next) {
        list->at[list->count++] = read_seen(arena, row);
        last = row;
    }
    list->next = STR_NONE;
    if (last == NULL || (int64_t)list->count < page_limit(filter->limit))
        return;
    struct str id = list->at[list->count - 1].visitor.id;
    list->next = str_is_empty(filter->search) ? id : search_place(arena, row_text(arena, last, 9), id);
}

static enum status add_search(struct unit *unit, const struct store_seen_filter *filter) {
    struct search_range range;
    TRY(search_range_of(unit->arena, filter->search, filter->after, &range));
    if (filter->kind == STORE_VISITORS_ANONYMOUS) /* nothing is known of them to find them by */
        return NOT_FOUND;
    unit_add(unit, VISITOR_SEARCH, ANY, value_text(filter->environment), value_text(range.lowest),
             value_text(range.before), value_text(range.before_id), value_text(range.end),
             value_number(page_limit(filter->limit)));
    return OK;
}

static void add_list(struct unit *unit, const struct store_seen_filter *filter) {
    static const enum statement lists[] = {[STORE_VISITORS_ALL] = VISITOR_LIST,
                                           [STORE_VISITORS_VERIFIED] = VISITOR_LIST_VERIFIED,
                                           [STORE_VISITORS_ANONYMOUS] = VISITOR_LIST_ANONYMOUS};
    unit_add(unit, lists[filter->kind], ANY, value_text(filter->environment),
             value_text(str_is_empty(filter->after) ? STR("vis_g") : filter->after),
             value_number(page_limit(filter->limit)));
}

enum status store_visitor_seen_list_wait(struct store *store, struct arena *arena,
                                         const struct store_seen_filter *filter,
                                         struct store_visitors_seen *list) {
    AUTO_UNIT unit = unit_new(store);
    *list = (struct store_visitors_seen){.count = 0};
    if (str_is_empty(filter->search)) {
        add_list(unit, filter);
    } else {
        enum status status = add_search(unit, filter);
        if (status != OK)
            return status == NOT_FOUND ? OK : status;
    }
    TRY(unit_read_wait(&unit));
    read_list(unit, arena, filter, list);
    return OK;
}

enum status store_visitor_seen_find_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str id, struct store_visitor_seen *seen) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_SEEN_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id));
    TRY(unit_read_wait(&unit));
    *seen = read_seen(arena, unit_row(unit, 0));
    return OK;
}

enum status store_visitor_count_wait(struct store *store, struct arena *arena, struct str environment,
                                     struct str id, int64_t open_since, struct store_visitor_counts *counts) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_COUNT_CONVERSATIONS, ANY, value_text(environment), value_text(id));
    unit_add(unit, VISITOR_COUNT_SESSIONS, ANY, value_text(environment), value_text(id));
    unit_add(unit, VISITOR_COUNT_OPEN_SESSIONS, ANY, value_text(environment), value_text(id),
             value_number(open_since));
    TRY(unit_read_wait(&unit));
    *counts = (struct store_visitor_counts){.conversations = row_number(unit_row(unit, 0), 0),
                                            .sessions = row_number(unit_row(unit, 1), 0),
                                            .open_sessions = row_number(unit_row(unit, 2), 0)};
    return OK;
}

/* ---- noting ---- */

enum status store_visitor_note_seen_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str visitor, int64_t seen_at) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, PROFILE_SEEN, ANY, value_text(environment), value_text(visitor), value_number(seen_at));
    return unit_write_wait(&unit);
}

static enum status note_all_wait(struct store *store, const struct store_visitor *visitor, struct str name,
                                 struct str email, int64_t seen_at) {
    AUTO_UNIT unit = unit_new(store);
    struct search_words words = {.count = 0};
    search_words_add(&words, unit->arena, visitor->subject, false);
    search_words_add(&words, unit->arena, email, false);
    search_words_add(&words, unit->arena, name, true);
    unit_add(unit, PROFILE_PUT, ANY, value_text(visitor->environment), value_text(visitor->id),
             value_optional(name), value_optional(email), value_number(seen_at));
    unit_add(unit, SEARCH_WORDS_DELETE, ANY, value_text(visitor->environment), value_text(STR("visitor")),
             value_text(visitor->id));
    for (size_t i = 0; i < words.count; i++)
        unit_add(unit, SEARCH_WORD_PUT_VISITOR, ANY, value_text(visitor->environment),
                 value_text(visitor->id), value_text(words.at[i]));
    return unit_write_wait(&unit);
}

enum status store_visitor_note_wait(struct store *store, struct arena *arena, struct str environment,
                                    struct str visitor, struct str name, struct str email, int64_t seen_at) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_SEEN_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(visitor));
    TRY(unit_read_wait(&unit));
    const struct row *row = unit_row(unit, 0);
    struct store_visitor_seen seen = read_seen(arena, row);
    bool is_noted = row_number(row, 7) != 0;
    if (is_noted && str_equal(seen.name, name) && str_equal(seen.email, email))
        return store_visitor_note_seen_wait(store, arena, environment, visitor, seen_at);
    return note_all_wait(store, &seen.visitor, name, email, seen_at);
}
