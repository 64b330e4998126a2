/* SPDX-License-Identifier: Apache-2.0 */
#include "store/message.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/unit.h"

static const char *const roles[] = {
    [STORE_VISITOR] = "visitor", [STORE_ASSISTANT] = "assistant", [STORE_TOOL_RESULT] = "tool"};
static const char *const states[] = {[STORE_ACCEPTED] = "accepted",
                                     [STORE_WAITING] = "waiting",
                                     [STORE_ANSWERED] = "answered",
                                     [STORE_FAILED] = "failed"};

/* The word's place in `words`; the database holds only words that came from there. */
static unsigned word_index(struct str word, const char *const *words, unsigned count) {
    unsigned i = 0;
    while (i + 1 < count && !str_equal(str_from(words[i]), word))
        i++;
    return i;
}

static struct store_message read_message(struct arena *arena, const struct row *row,
                                         struct str conversation) {
    return (struct store_message){
        .position = row_number(row, 0),
        .id = row_text(arena, row, 1),
        .conversation = conversation,
        .role = word_index(row_text(arena, row, 2), roles, sizeof roles / sizeof roles[0]),
        .subject = row_text(arena, row, 3),
        .issuer = row_text(arena, row, 4),
        .text = row_text(arena, row, 5),
        .parts = row_text(arena, row, 6),
        .state = word_index(row_text(arena, row, 7), states, sizeof states / sizeof states[0]),
        .client_id = row_text(arena, row, 8),
        .created_at = row_number(row, 9),
    };
}

/* ---- appending ---- */

enum { STEP_ADVANCE, STEP_INSERT }; /* behind the first step */

unsigned unit_add_message(struct unit *unit, struct str environment, struct str conversation,
                          const struct store_message_draft *draft, struct str id, int64_t now) {
    unsigned first =
        unit_add(unit, MESSAGE_ADVANCE, ANY, value_text(environment), value_text(conversation),
                 value_optional(draft->client_id), value_number(now), value_optional(draft->visitor));
    unit_add(unit, MESSAGE_INSERT, AS_BEFORE, value_text(environment), value_text(conversation),
             value_optional(draft->client_id), value_text(id), value_text(str_from(roles[draft->role])),
             value_optional(draft->subject), value_optional(draft->issuer), value_text(draft->text),
             value_optional(draft->parts), value_text(str_from(states[draft->state])), value_number(now),
             value_optional(draft->visitor));
    if (draft->answers > 0)
        unit_add(unit, MESSAGE_SET_STATE, ANY, value_text(environment), value_text(conversation),
                 value_number(draft->answers), value_text(str_from(states[STORE_ANSWERED])));
    return first;
}

static struct store_message message_of(int64_t position, struct arena *arena, struct str conversation,
                                       const struct store_message_draft *draft, struct str id, int64_t now) {
    return (struct store_message){
        .position = position,
        .id = arena_copy(arena, id),
        .conversation = arena_copy(arena, conversation),
        .role = draft->role,
        .subject = arena_copy(arena, draft->subject),
        .issuer = arena_copy(arena, draft->issuer),
        .text = arena_copy(arena, draft->text),
        .parts = arena_copy(arena, draft->parts),
        .state = draft->state,
        .client_id = arena_copy(arena, draft->client_id),
        .created_at = now,
    };
}

enum status unit_read_message(const struct unit *unit, unsigned first_step, struct arena *arena,
                              struct str conversation, const struct store_message_draft *draft, struct str id,
                              int64_t now, struct store_message *message) {
    const struct row *inserted = unit_row(unit, first_step + STEP_INSERT);
    if (inserted == NULL)
        return NOT_FOUND;
    *message = message_of(row_number(inserted, 0), arena, conversation, draft, id, now);
    return OK;
}

static FIBER enum status find_wait(struct store *store, struct arena *arena, struct str environment,
                                   struct str conversation, const struct store_message_draft *draft,
                                   struct store_message *message) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, MESSAGE_FIND_CLIENT_ID, ONE_ELSE_NOT_FOUND, value_text(environment),
             value_text(conversation), value_optional(draft->client_id), value_optional(draft->visitor));
    TRY(unit_read_wait(&unit));
    *message = read_message(arena, unit_row(unit, 0), arena_copy(arena, conversation));
    return OK;
}

enum status store_message_append_wait(struct store *store, struct arena *arena, struct str environment,
                                      struct str conversation, const struct store_message_draft *draft,
                                      struct store_message *message, bool *duplicate) {
    int64_t now = clock_now_ms();
    struct str id = id_new(arena, STR("msg"));
    AUTO_UNIT unit = unit_new(store);
    unsigned first = unit_add_message(unit, environment, conversation, draft, id, now);
    TRY(unit_write_wait(&unit));
    enum status status = unit_read_message(unit, first, arena, conversation, draft, id, now, message);
    *duplicate = status == NOT_FOUND && !str_is_empty(draft->client_id);
    return *duplicate ? find_wait(store, arena, environment, conversation, draft, message) : status;
}

/* So many positions before the last one. */
static void add_behind(struct unit *unit, struct str environment, struct str conversation,
                       const struct store_message_draft *draft, struct str id, int64_t now,
                       int64_t before_last) {
    unit_add(unit, MESSAGE_INSERT_BEHIND, ONE_ELSE_CONFLICT, value_text(environment),
             value_text(conversation), value_optional(draft->client_id), value_text(id),
             value_text(str_from(roles[draft->role])), value_optional(draft->subject),
             value_optional(draft->issuer), value_text(draft->text), value_optional(draft->parts),
             value_text(str_from(states[draft->state])), value_number(now), value_number(before_last));
}

enum status store_message_exchange_wait(struct store *store, struct arena *arena, struct str environment,
                                        struct str conversation, const struct store_message_draft *question,
                                        struct str question_id, const struct store_message_draft *answer,
                                        struct store_exchange *exchange) {
    int64_t now = clock_now_ms();
    struct str answer_id = id_new(arena, STR("msg"));
    AUTO_UNIT unit = unit_new(store);
    unsigned room = unit_add(unit, MESSAGE_ADVANCE_TWO, ONE_ELSE_CONFLICT, value_text(environment),
                             value_text(conversation), value_optional(question->client_id), value_number(now),
                             value_optional(question->visitor));
    add_behind(unit, environment, conversation, question, question_id, now, 1);
    add_behind(unit, environment, conversation, answer, answer_id, now, 0);
    TRY(unit_write_wait(&unit));
    int64_t last = row_number(unit_row(unit, room), 0);
    exchange->question = message_of(last - 1, arena, conversation, question, question_id, now);
    exchange->answer = message_of(last, arena, conversation, answer, answer_id, now);
    return OK;
}

enum status store_message_set_state_wait(struct store *store, struct arena *arena, struct str environment,
                                         struct str conversation, int64_t position,
                                         enum store_message_state state) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, MESSAGE_SET_STATE, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(conversation),
             value_number(position), value_text(str_from(states[state])));
    return unit_write_wait(&unit);
}

/* ---- reading ---- */

static FIBER enum status list_wait(struct store *store, struct arena *arena, enum statement statement,
                                   struct str environment, struct str conversation, int64_t position,
                                   unsigned limit, struct store_messages *messages) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, statement, ANY, value_text(environment), value_text(conversation), value_number(position),
             value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    struct str own = arena_copy(arena, conversation);
    messages->count = 0;
    messages->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *messages->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        messages->at[messages->count++] = read_message(arena, row, own);
    return OK;
}

enum status store_message_list_after_wait(struct store *store, struct arena *arena, struct str environment,
                                          struct str conversation, int64_t position, unsigned limit,
                                          struct store_messages *messages) {
    return list_wait(store, arena, MESSAGE_LIST_AFTER, environment, conversation, position, limit, messages);
}

enum status store_message_list_latest_wait(struct store *store, struct arena *arena, struct str environment,
                                           struct str conversation, int64_t position, unsigned limit,
                                           struct store_messages *messages) {
    TRY(list_wait(store, arena, MESSAGE_LIST_LATEST, environment, conversation, position, limit, messages));
    for (size_t i = 0; i < messages->count / 2; i++) { /* they came newest first */
        struct store_message swapped = messages->at[i];
        messages->at[i] = messages->at[messages->count - 1 - i];
        messages->at[messages->count - 1 - i] = swapped;
    }
    return OK;
}
