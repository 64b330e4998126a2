/* SPDX-License-Identifier: Apache-2.0 */
/* Personal API tokens: shown once, kept as their hash. */
#include "admin_api/access_call.h"
#include "admin_api/routes.h"

enum { DEFAULT_DAYS = 90, MOST_DAYS = 3650 };

static json_t *scopes_json(struct str words) {
    json_t *list = json_array();
    struct str word;
    while (str_cut(&words, ' ', &word))
        if (!str_is_empty(word))
            json_array_append_new(list, json_from_str(word));
    return list;
}

static json_t *to_json(const struct store_api_token *token) {
    json_t *json = json_object();
    set_text(json, "id", token->id);
    set_text(json, "name", token->name);
    set_text(json, "hint", token->hint);
    json_object_set_new(json, "scopes", scopes_json(token->scopes));
    set_optional(json, "product", token->product);
    set_time(json, "createdAt", token->created_at);
    set_time(json, "expiresAt", token->expires_at);
    set_time(json, "lastUsedAt", token->last_used_at);
    return json;
}

void api_token_list(struct call *call) {
    struct store_api_tokens tokens;
    if (!call_demand_account(call))
        return;
    enum status status =
        store_api_token_list_wait(call->api->store, call->arena, call->principal->administrator, &tokens);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < tokens.count; i++)
        json_array_append_new(items, to_json(&tokens.at[i]));
    call_answer_list(call, items, STR_NONE);
}

static bool read_scopes(struct call *call, unsigned *scopes) {
    const json_t *list = json_object_get(call->body, "scopes");
    *scopes = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum access_right right;
        if (!access_right_read(json_str(json_array_get(list, i)), &right) || (*scopes >> right & 1U) != 0)
            return call_problem_at(
                call, "invalid", arena_print(call->arena, "/scopes/%zu", i),
                "Each of read, configure, secrets, people-write, manage, own, at most once.");
        *scopes |= 1U << (unsigned)right;
    }
    return *scopes != 0 || call_problem_at(call, "invalid", STR("/scopes"), "A token needs a scope.");
}

static bool read_draft(struct call *call, struct access_token_draft *draft) {
    static const struct member members[] = {{"name", MEMBER_STRING, true, false, 400},
                                            {"scopes", MEMBER_ARRAY, true, false, 6},
                                            {"product", MEMBER_STRING, false, true, 100},
                                            {"expiresInDays", MEMBER_INTEGER, false, true, 0},
                                            {0}};
    if (!call_read_body(call, members) || !read_scopes(call, &draft->scopes))
        return false;
    draft->name = json_get_str(call->body, "name");
    draft->product = json_get_str(call->body, "product");
    draft->lifetime_days = json_get_int(call->body, "expiresInDays", DEFAULT_DAYS);
    if (draft->lifetime_days < 1 || draft->lifetime_days > MOST_DAYS)
        return call_problem_at(call, "invalid", STR("/expiresInDays"), "From 1 to 3650 days.");
    return true;
}

void api_token_create(struct call *call) {
    struct access_token_draft draft;
    struct store_api_token made;
    struct access_refusal refusal = {0};
    struct str token;
    arena_wipe_on_free(call->arena);
    if (!call_demand_account(call) || !read_draft(call, &draft))
        return;
    enum status status = access_create_token_wait(call->api->access, call->arena, call->principal, &draft,
                                                  &made, &token, &refusal);
    if (!is_done(call, status, &refusal))
        return;
    json_t *json = json_object();
    json_object_set_new(json, "apiToken", to_json(&made));
    set_text(json, "token", token);
    call_hide_on_replay(call, "token");
    call_answer_created(
        call, arena_join(call->arena, 2, (struct str[]){STR("/account/api-tokens/"), made.id}), json);
}

void api_token_delete(struct call *call) {
    if (!call_demand_account(call))
        return;
    enum status status = access_revoke_token_wait(call->api->access, call->arena, call->principal,
                                                  call_parameter(call, "apiToken"));
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
