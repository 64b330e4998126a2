/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/routes.h"

static json_t *to_json(const struct store_key *key) {
    json_t *json = json_object();
    set_text(json, "id", key->id);
    set_text(json, "kind", key->is_secret ? STR("secret") : STR("publishable"));
    set_text(json, "text", key->text);
    set_time(json, "createdAt", key->created_at);
    set_time(json, "revokedAt", key->revoked_at);
    set_time(json, "lastUsedAt", key->last_used_at);
    return json;
}

void key_list(struct call *call) {
    struct page page;
    struct store_keys keys;
    if (!call_page(call, &page))
        return;
    enum status status = store_key_list_wait(call->api->store, call->arena, call->environment.id, &keys);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    size_t i = 0; /* newest first: their ids fall */
    while (!str_is_empty(page.after) && i < keys.count && str_compare(keys.at[i].id, page.after) >= 0)
        i++;
    json_t *items = json_array();
    for (; i < keys.count && json_array_size(items) < page.limit; i++)
        json_array_append_new(items, to_json(&keys.at[i]));
    call_answer_list(call, items, i < keys.count ? keys.at[i - 1].id : STR_NONE);
}

void key_create(struct call *call) {
    static const struct member members[] = {{"kind", MEMBER_STRING, true, false, 0}, {0}};
    struct store_key key;
    struct str text;
    if (!call_read_body(call, members))
        return;
    struct str kind = json_get_str(call->body, "kind");
    bool is_secret = str_equal(kind, STR("secret"));
    if (!is_secret && !str_equal(kind, STR("publishable"))) {
        call_problem_at(call, "invalid", STR("/kind"), "A key is publishable or secret.");
        return;
    }
    enum status status = admin_key_issue_wait(&call->admin, call->arena, &call->environment, is_secret, &key,
                                              &text, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *json = json_object();
    json_object_set_new(json, "key", to_json(&key));
    set_optional(json, "secret", is_secret ? text : STR_NONE);
    call_hide_on_replay(call, "secret");
    call_answer_created(
        call,
        arena_join(call->arena, 4,
                   (struct str[]){STR("/environments/"), call->environment.id, STR("/keys/"), key.id}),
        json);
}

void key_delete(struct call *call) {
    enum status status = admin_key_revoke_wait(&call->admin, call->arena, &call->environment,
                                               call_parameter(call, "key"), &call->error);
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
