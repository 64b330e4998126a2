/* SPDX-License-Identifier: Apache-2.0 */
/* A verified visitor's conversations, for the menu of another device. */
#include "chat/frame.h"
#include "chat/internal.h"
#include "store/conversation.h"
#include "store/visitor.h"

enum { CONVERSATIONS_A_PAGE = 50, MESSAGES_A_PAGE = 100 };

static json_t *conversation_json(const struct store_conversation *conversation) {
    json_t *json = json_object();
    frame_set_text(json, "id", conversation->id);
    frame_set_text(json, "title", conversation->title);
    frame_set_number(json, "createdAt", conversation->created_at);
    frame_set_number(json, "updatedAt", conversation->updated_at);
    return json;
}

static enum status resolve(struct chat *chat, const struct environment *environment,
                           const struct verified *verified, struct arena *arena,
                           struct store_visitor *visitor) {
    return store_visitor_resolve_wait(chat->services.store, arena, environment->id, verified->issuer,
                                      verified->identity.subject, visitor);
}

enum status chat_history_conversations_wait(struct chat *chat, const struct environment *environment,
                                            const struct verified *verified, struct str after,
                                            struct arena *arena, struct str *json) {
    struct store *store = chat->services.store;
    struct store_visitor visitor;
    struct store_conversation from;
    struct store_conversations page;
    TRY(resolve(chat, environment, verified, arena, &visitor));
    if (!str_is_empty(after)) {
        enum status status =
            store_conversation_find_wait(store, arena, environment->id, after, visitor.id, &from);
        TRY(status == NOT_FOUND ? INVALID : status);
    }
    TRY(store_conversation_list_wait(store, arena, environment->id, visitor.id,
                                     str_is_empty(after) ? NULL : &from, CONVERSATIONS_A_PAGE, &page));
    json_auto_t *answer = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < page.count; i++)
        json_array_append_new(list, conversation_json(&page.at[i]));
    json_object_set_new(answer, "conversations", list);
    json_object_set_new(answer, "next",
                        page.count == CONVERSATIONS_A_PAGE ? json_from_str(page.at[page.count - 1].id)
                                                           : json_null());
    *json = json_write(arena, answer);
    return OK;
}

enum status chat_history_messages_wait(struct chat *chat, const struct environment *environment,
                                       const struct verified *verified, struct str conversation,
                                       int64_t after, struct arena *arena, struct str *json) {
    struct store *store = chat->services.store;
    struct store_visitor visitor;
    struct store_conversation found;
    struct store_messages page;
    TRY(resolve(chat, environment, verified, arena, &visitor));
    TRY(store_conversation_find_wait(store, arena, environment->id, conversation, visitor.id, &found));
    TRY(store_message_list_after_wait(store, arena, environment->id, found.id, after, MESSAGES_A_PAGE,
                                      &page));
    json_auto_t *answer = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < page.count; i++) {
        if (page.at[i].role != STORE_TOOL_RESULT)
            json_array_append_new(list, frame_message(&page.at[i]));
    }
    json_object_set_new(answer, "messages", list);
    json_object_set_new(answer, "next",
                        page.count == MESSAGES_A_PAGE ? json_integer(page.at[page.count - 1].position)
                                                      : json_null());
    *json = json_write(arena, answer);
    return OK;
}
