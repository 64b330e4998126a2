/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors, and what is theirs. */
#include "admin_api/people.h"
#include "admin_api/routes.h"

static bool read_kind(struct call *call, enum store_visitor_kind *kind) {
    struct str word = call_query(call, "kind");
    *kind = str_equal(word, STR("verified"))    ? STORE_VISITORS_VERIFIED
            : str_equal(word, STR("anonymous")) ? STORE_VISITORS_ANONYMOUS
                                                : STORE_VISITORS_ALL;
    return word.at == NULL || *kind != STORE_VISITORS_ALL ||
           call_problem(call, 400, "query-invalid", "`kind` must be verified or anonymous.");
}

void visitor_list(struct call *call) {
    struct page page;
    struct store_visitors_seen list;
    struct store_seen_filter filter = {.environment = call->environment.id,
                                       .search = str_trim(call_query(call, "search"))};
    if (!call_page(call, &page) || !read_kind(call, &filter.kind))
        return;
    filter.after = page.after;
    filter.limit = page.limit;
    if (!people_is_listed(call, store_visitor_seen_list_wait(call->api->store, call->arena, &filter, &list)))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(items, visitor_json(&list.at[i]));
    call_answer_list(call, items, list.next);
}

void visitor_read(struct call *call) {
    struct store_visitor_seen visitor;
    struct store_visitor_counts counts;
    if (!people_find_visitor_wait(call, &visitor))
        return;
    enum status status = store_visitor_count_wait(call->api->store, call->arena, call->environment.id,
                                                  visitor.visitor.id, session_open_since(), &counts);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *json = visitor_json(&visitor);
    json_t *counted = json_object();
    set_number(counted, "conversations", counts.conversations);
    set_number(counted, "sessions", counts.sessions);
    set_number(counted, "openSessions", counts.open_sessions);
    json_object_set_new(json, "counts", counted);
    call_answer(call, 200, json);
}

void visitor_tool_calls(struct call *call) {
    struct page page;
    struct store_visitor_seen visitor;
    struct store_audits audits;
    if (!call_page(call, &page) || !people_find_visitor_wait(call, &visitor))
        return;
    const struct store_audit_filter filter = {.environment = call->environment.id,
                                              .visitor = visitor.visitor.id,
                                              .action = STR("tool.call"),
                                              .after = page.after,
                                              .limit = page.limit};
    enum status status = store_audit_list_wait(call->api->store, call->arena, &filter, &audits);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < audits.count; i++)
        json_array_append_new(items, audit_json(&audits.at[i]));
    call_answer_list(call, items, audits.next);
}

/* ---- signing out ---- */

static bool is_verified(struct call *call, const struct store_visitor_seen *visitor) {
    return !str_is_empty(visitor->visitor.subject) ||
           call_problem(call, 409, "visitor-anonymous",
                        "This visitor is anonymous: there is no sign-in to end. Erase them, or delete the "
                        "conversation.");
}

void visitor_revoke(struct call *call) {
    struct store_visitor_seen visitor;
    int64_t revoked_at;
    int64_t sessions;
    if (!call_read_optional_body(call, (const struct member[]){{0}}) ||
        !people_find_visitor_wait(call, &visitor) || !is_verified(call, &visitor))
        return;
    enum status status =
        admin_visitor_revoke_wait(&call->admin, call->arena, &visitor.visitor, session_open_since(),
                                  &revoked_at, &sessions, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *json = json_object();
    set_time(json, "revokedAt", revoked_at);
    set_number(json, "sessions", sessions);
    call_answer(call, 200, json);
}

void visitor_restore(struct call *call) {
    struct store_visitor_seen visitor;
    if (!call_read_optional_body(call, (const struct member[]){{0}}) ||
        !people_find_visitor_wait(call, &visitor) || !is_verified(call, &visitor))
        return;
    enum status status =
        admin_visitor_restore_wait(&call->admin, call->arena, &visitor.visitor, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    visitor.revoked_at = 0;
    call_answer(call, 200, visitor_json(&visitor));
}

/* ---- erasing ---- */

void visitor_erase(struct call *call) {
    struct store_visitor_seen visitor;
    struct store_erased erased;
    if (!people_find_visitor_wait(call, &visitor))
        return;
    fiber_shield(); /* whoever asked may go; what was begun is done */
    enum status status =
        admin_visitor_erase_wait(&call->admin, call->arena, &visitor.visitor, &erased, &call->error);
    fiber_unshield();
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *json = json_object();
    set_text(json, "visitor", visitor.visitor.id);
    set_number(json, "conversations", erased.conversations);
    set_number(json, "messages", erased.messages);
    set_number(json, "sessions", erased.sessions);
    set_number(json, "auditRows", erased.audit_rows);
    call_answer(call, 200, json);
}
