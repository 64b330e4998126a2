/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conversation.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/rows.h"

static struct store_conversation read_conversation(struct arena *arena, const struct row *row,
                                                   struct str environment) {
    return (struct store_conversation){
        .environment = environment,
        .id = row_text(arena, row, 0),
        .visitor = row_text(arena, row, 1),
        .title = row_text(arena, row, 2),
        .created_at = row_number(row, 3),
        .updated_at = row_number(row, 4),
        .last_position = row_number(row, 5),
    };
}

static void add_anonymous_visitor(struct unit *unit, struct str environment, struct str id,
                                  struct str resume_hash, int64_t now) {
    unit_add(unit, VISITOR_INSERT, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id),
             value_optional(STR_NONE), value_optional(STR_NONE), value_text(resume_hash), value_number(now));
}

enum status store_conversation_begin_wait(struct store *store, struct arena *arena, struct str environment,
                                          const struct store_conversation_draft *draft,
                                          struct store_begun *begun) {
    bool is_new_visitor = str_is_empty(draft->visitor);
    int64_t now = clock_now_ms();
    struct str own = arena_copy(arena, environment);
    struct store_begun made = {
        .visitor = {.environment = own,
                    .id = is_new_visitor ? id_new(arena, STR("vis")) : arena_copy(arena, draft->visitor),
                    .created_at = is_new_visitor ? now : 0},
        .conversation = {.environment = own,
                         .id = id_new(arena, STR("conv")),
                         .title = arena_copy(arena, draft->title),
                         .created_at = now,
                         .updated_at = now},
    };
    made.conversation.visitor = made.visitor.id;
    struct str message_id = id_new(arena, STR("msg"));

    AUTO_UNIT unit = unit_new(store);
    if (is_new_visitor)
        add_anonymous_visitor(unit, environment, made.visitor.id, draft->resume_hash, now);
    unit_add(unit, CONVERSATION_INSERT, ONE_ELSE_NOT_FOUND, value_text(environment),
             value_text(made.visitor.id), value_text(made.conversation.id), value_text(draft->title),
             value_number(now));
    unsigned message = unit->step_count;
    if (draft->first != NULL)
        unit_add_message(unit, environment, made.conversation.id, draft->first, message_id, now);
    TRY(unit_write_wait(&unit));
    if (draft->first != NULL) {
        TRY(unit_read_message(unit, message, arena, made.conversation.id, draft->first, message_id, now,
                              &made.message));
        made.conversation.last_position = made.message.position;
    }
    *begun = made;
    return OK;
}

enum status store_conversation_find_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str id, struct str visitor,
                                         struct store_conversation *conversation) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, CONVERSATION_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id),
             value_optional(visitor));
    TRY(unit_read_wait(&unit));
    *conversation = read_conversation(arena, unit_row(unit, 0), arena_copy(arena, environment));
    return OK;
}

enum status store_conversation_list_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str visitor, const struct store_conversation *after,
                                         unsigned limit, struct store_conversations *conversations) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, CONVERSATION_LIST, ANY, value_text(environment), value_text(visitor),
             value_number(after == NULL ? INT64_MAX : after->updated_at),
             value_text(after == NULL ? STR("") : after->id), value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    struct str own = arena_copy(arena, environment);
    conversations->count = 0;
    conversations->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *conversations->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        conversations->at[conversations->count++] = read_conversation(arena, row, own);
    return OK;
}

enum status store_conversation_move_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str id, struct str from, struct str to) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(to));
    unit_add(unit, CONVERSATION_MOVE, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id),
             value_text(from), value_text(to));
    return unit_write_wait(&unit);
}
