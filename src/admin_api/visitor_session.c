/* SPDX-License-Identifier: Apache-2.0 */
/* Chat sessions in which a visitor signed in. */
#include "admin_api/people.h"
#include "admin_api/routes.h"

static void answer_sessions(struct call *call, struct store_seen_filter *filter) {
    struct page page;
    struct store_sessions list;
    if (!call_page(call, &page))
        return;
    filter->after = page.after;
    filter->limit = page.limit;
    if (!people_is_listed(call, store_session_list_wait(call->api->store, call->arena, filter, &list)))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, session_json(&list.at[i]));
    call_answer_list(call, items, list.next);
}

void visitor_session_list(struct call *call) {
    struct str state = call_query(call, "state");
    struct store_seen_filter filter = {.environment = call->environment.id,
                                       .visitor = call_query(call, "visitor")};
    if (state.at != NULL && !str_equal(state, STR("open"))) {
        call_problem(call, 400, "query-invalid", "`state` must be open, or left out for all sessions.");
        return;
    }
    filter.open_since = state.at != NULL ? session_open_since() : 0;
    answer_sessions(call, &filter);
}

void visitor_sessions(struct call *call) {
    struct store_visitor_seen visitor;
    if (!people_find_visitor_wait(call, &visitor))
        return;
    struct store_seen_filter filter = {.environment = call->environment.id, .visitor = visitor.visitor.id};
    answer_sessions(call, &filter);
}

void visitor_session_revoke(struct call *call) {
    struct store_session session;
    enum status status = store_session_find_wait(call->api->store, call->arena, call->environment.id,
                                                 call_parameter(call, "session"), &session);
    if (status == OK)
        status = admin_session_revoke_wait(&call->admin, call->arena, &session, &call->error);
    if (status == OK)
        call_answer(call, 200, session_json(&session));
    else
        call_refuse(call, status, STR_NONE);
}
