/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations as administrators see them. */
#include "store/conversation_seen.h"
#include "base/clock.h"
#include "store/conversation.h"
#include "store/rows.h"
#include "store/search.h"

static struct store_conversation_seen read_seen(struct arena *arena, const struct row *row,
                                                struct str environment) {
    return (struct store_conversation_seen){
        .conversation = {.environment = environment,
                         .id = row_text(arena, row, 0),
                         .visitor = row_text(arena, row, 1),
                         .title = row_text(arena, row, 2),
                         .created_at = row_number(row, 3),
                         .updated_at = row_number(row, 4),
                         .last_position = row_number(row, 5)},
        .issuer = row_text(arena, row, 6),
        .subject = row_text(arena, row, 7),
        .name = row_text(arena, row, 8),
        .email = row_text(arena, row, 9),
    };
}

/* "1700000000000/conv_…" */
static enum status read_place(struct str after, int64_t *updated_at, struct str *id) {
    *updated_at = INT64_MAX;
    *id = STR("");
    if (str_is_empty(after))
        return OK;
    struct str digits;
    struct str rest = after;
    if (!str_cut(&rest, '/', &digits) || rest.at == NULL || str_to_int64(digits, updated_at) != OK)
        return INVALID;
    *id = rest;
    return OK;
}

static enum status add_of_visitor(struct unit *unit, const struct store_seen_filter *filter) {
    int64_t updated_at;
    struct str id;
    TRY(read_place(filter->after, &updated_at, &id));
    unit_add(unit, CONVERSATION_SEEN_LIST_VISITOR, ANY, value_text(filter->environment),
             value_text(filter->visitor), value_number(updated_at), value_text(id),
             value_number(page_limit(filter->limit)));
    return OK;
}

static enum status add_of_all(struct unit *unit, const struct store_seen_filter *filter) {
    struct search_range range;
    if (str_is_empty(filter->search)) {
        unit_add(unit, CONVERSATION_SEEN_LIST, ANY, value_text(filter->environment),
                 value_text(str_is_empty(filter->after) ? STR("conv_g") : filter->after),
                 value_number(page_limit(filter->limit)));
        return OK;
    }
    TRY(search_range_of(unit->arena, filter->search, filter->after, &range));
    unit_add(unit, CONVERSATION_SEEN_SEARCH, ANY, value_text(filter->environment), value_text(range.lowest),
             value_text(range.before), value_text(range.before_id), value_text(range.end),
             value_number(page_limit(filter->limit)));
    return OK;
}

static struct str next_place(struct arena *arena, const struct store_seen_filter *filter,
                             const struct store_conversation *last, const struct row *row) {
    if (!str_is_empty(filter->visitor))
        return arena_print(arena, "%lld/%.*s", (long long)last->updated_at, STR_ARG(last->id));
    return str_is_empty(filter->search) ? last->id : search_place(arena, row_text(arena, row, 10), last->id);
}

static FIBER enum status list_wait(struct store *store, struct arena *arena,
                                   const struct store_seen_filter *filter,
                                   struct store_conversations_seen *list) {
    AUTO_UNIT unit = unit_new(store);
    *list = (struct store_conversations_seen){.count = 0};
    enum status status =
        str_is_empty(filter->visitor) ? add_of_all(unit, filter) : add_of_visitor(unit, filter);
    if (status != OK)
        return status == NOT_FOUND ? OK : status;
    TRY(unit_read_wait(&unit));
    struct str own = arena_copy(arena, filter->environment);
    const struct row *last = NULL;
    list->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *list->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next) {
        list->at[list->count++] = read_seen(arena, row, own);
        last = row;
    }
    if (last != NULL && (int64_t)list->count == page_limit(filter->limit))
        list->next = next_place(arena, filter, &list->at[list->count - 1].conversation, last);
    return OK;
}

static bool is_titled(struct str title, struct str beginning) {
    AUTO_ARENA arena = arena_new();
    struct search_words words = {.count = 0};
    search_words_add(&words, arena, title, true);
    for (size_t i = 0; i < words.count; i++) {
        if (str_starts_with(words.at[i], beginning))
            return true;
    }
    return false;
}

/* One visitor's are few, mostly: their titles are read. Where they are many, for some milliseconds. */
static FIBER enum status search_of_visitor_wait(struct store *store, struct arena *arena,
                                                const struct store_seen_filter *filter,
                                                struct store_conversations_seen *list) {
    enum { AT_ONCE = 100, LOOKING_US = 25 * 1000 };
    struct search_range range;
    struct store_seen_filter each = *filter;
    struct store_conversations_seen page;
    size_t limit = (size_t)page_limit(filter->limit);
    int64_t until_us = clock_monotonic_us() + LOOKING_US;
    *list = (struct store_conversations_seen){.at = arena_alloc_array(arena, limit, sizeof *list->at)};
    if (search_range_of(arena, filter->search, STR_NONE, &range) != OK)
        return OK;
    each.limit = AT_ONCE;
    do {
        TRY(list_wait(store, arena, &each, &page));
        list->next = each.after = page.next;
        for (size_t i = 0; i < page.count; i++) {
            const struct store_conversation *one = &page.at[i].conversation;
            if (!is_titled(one->title, range.lowest))
                continue;
            list->at[list->count++] = page.at[i];
            if (list->count == limit) {
                list->next = next_place(arena, filter, one, NULL);
                return OK;
            }
        }
    } while (!str_is_empty(page.next) && clock_monotonic_us() < until_us);
    return OK;
}

enum status store_conversation_seen_list_wait(struct store *store, struct arena *arena,
                                              const struct store_seen_filter *filter,
                                              struct store_conversations_seen *list) {
    bool is_both = !str_is_empty(filter->visitor) && !str_is_empty(filter->search);
    return is_both ? search_of_visitor_wait(store, arena, filter, list)
                   : list_wait(store, arena, filter, list);
}

enum status store_conversation_seen_find_wait(struct store *store, struct arena *arena,
                                              struct str environment, struct str id,
                                              struct store_conversation_seen *seen) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, CONVERSATION_SEEN_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id));
    TRY(unit_read_wait(&unit));
    *seen = read_seen(arena, unit_row(unit, 0), arena_copy(arena, environment));
    return OK;
}

enum status store_conversation_note_title_wait(struct store *store, struct arena *arena,
                                               struct str environment, struct str id, struct str title) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    struct search_words words = {.count = 0};
    search_words_add(&words, unit->arena, title, true);
    for (size_t i = 0; i < words.count; i++)
        unit_add(unit, SEARCH_WORD_PUT_CONVERSATION, ANY, value_text(environment), value_text(id),
                 value_text(words.at[i]));
    return words.count == 0 ? OK : unit_write_wait(&unit);
}
