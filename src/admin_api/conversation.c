/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations and what was said in them. */
#include "admin_api/people.h"
#include "admin_api/routes.h"

static void answer_conversations(struct call *call, struct store_seen_filter *filter) {
    struct page page;
    struct store_conversations_seen list;
    if (!call_page(call, &page))
        return;
    filter->after = page.after;
    filter->limit = page.limit;
    if (!people_is_listed(call,
                          store_conversation_seen_list_wait(call->api->store, call->arena, filter, &list)))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, conversation_json(&list.at[i]));
    call_answer_list(call, items, list.next);
}

void conversation_list(struct call *call) {
    struct store_seen_filter filter = {.environment = call->environment.id,
                                       .search = str_trim(call_query(call, "search")),
                                       .visitor = call_query(call, "visitor")};
    answer_conversations(call, &filter);
}

void visitor_conversations(struct call *call) {
    struct store_visitor_seen visitor;
    if (!people_find_visitor_wait(call, &visitor))
        return;
    struct store_seen_filter filter = {.environment = call->environment.id, .visitor = visitor.visitor.id};
    answer_conversations(call, &filter);
}

static FIBER bool find_wait(struct call *call, struct store_conversation_seen *conversation) {
    enum status status =
        store_conversation_seen_find_wait(call->api->store, call->arena, call->environment.id,
                                          call_parameter(call, "conversation"), conversation);
    return status == OK || call_refuse(call, status, STR_NONE);
}

void conversation_read(struct call *call) {
    struct store_conversation_seen conversation;
    if (find_wait(call, &conversation))
        call_answer(call, 200, conversation_json(&conversation));
}

void conversation_delete(struct call *call) {
    struct store_conversation_seen conversation;
    if (!find_wait(call, &conversation))
        return;
    fiber_shield(); /* not half of it */
    enum status status =
        admin_conversation_delete_wait(&call->admin, call->arena, &conversation.conversation, &call->error);
    fiber_unshield();
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}

void conversation_messages(struct call *call) {
    struct page page;
    struct store_conversation_seen conversation;
    struct store_messages list;
    int64_t after = 0;
    if (!call_page(call, &page) || !find_wait(call, &conversation))
        return;
    enum status status = str_is_empty(page.after) ? OK : str_to_int64(page.after, &after);
    if (!people_is_listed(call, status == OK ? OK : INVALID))
        return;
    status = store_message_list_after_wait(call->api->store, call->arena, call->environment.id,
                                           conversation.conversation.id, after, page.limit, &list);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, message_json(&list.at[i]));
    call_answer_list(call, items,
                     list.count == page.limit
                         ? arena_print(call->arena, "%lld", (long long)list.at[list.count - 1].position)
                         : STR_NONE);
}
