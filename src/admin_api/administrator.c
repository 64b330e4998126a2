/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators: invited, given roles, removed. Who may what is access/'s to say. */
#include "admin_api/access_call.h"
#include "admin_api/routes.h"

static json_t *to_json_wait(struct call *call, const struct store_administrator *administrator) {
    json_t *json = json_object();
    set_person_wait(call, call->principal, json, administrator);
    set_text(json, "state", administrator->activated_at == 0 ? STR("invited") : STR("active"));
    set_time(json, "invitationExpiresAt", administrator->invitation_expires_at);
    set_number(json, "version", administrator->version);
    set_time(json, "createdAt", administrator->created_at);
    set_time(json, "lastSignInAt", administrator->last_sign_in_at);
    return json;
}

/* Whoever manages something may look; who manages nothing learns nothing. */
static bool may_look(struct call *call) {
    if (access_may(call->principal, STR_NONE, ACCESS_MANAGE))
        return true;
    for (size_t i = 0; i < call->principal->grant_count; i++)
        if (access_may(call->principal, call->principal->grants[i].product, ACCESS_MANAGE))
            return true;
    return call_problem(call, 403, "role-insufficient",
                        "Administrators are shown to owners and to those who manage a product.");
}

static struct str folded(struct arena *arena, struct str text) {
    struct str copy = arena_copy(arena, text);
    for (size_t i = 0; i < copy.len; i++)
        if (copy.at[i] >= 'A' && copy.at[i] <= 'Z')
            ((char *)copy.at)[i] = (char)(copy.at[i] + 32);
    return copy;
}

static bool fits(struct call *call, const struct store_administrator *administrator, struct str search) {
    if (!access_sees_administrator(call->principal, call->arena, administrator))
        return false;
    struct str wanted = folded(call->arena, search);
    return str_is_empty(wanted) ||
           str_find(folded(call->arena, administrator->email), wanted) != STR_NOT_FOUND ||
           str_find(folded(call->arena, administrator->name), wanted) != STR_NOT_FOUND;
}

/* Read on until the page is full of those that fit, or there are no more. */
static enum status collect_wait(struct call *call, const struct page *page, json_t *items, struct str *next) {
    struct str after = page->after;
    for (;;) {
        struct store_administrators found;
        TRY(store_administrator_list_wait(call->api->store, call->arena, after, STORE_PAGE_MAX, &found));
        for (size_t i = 0; i < found.count; i++) {
            const struct store_administrator *administrator = &found.at[i];
            if (!fits(call, administrator, call_query(call, "search")))
                continue;
            if (json_array_size(items) == page->limit) {
                *next = after;
                return OK;
            }
            json_array_append_new(items, to_json_wait(call, administrator));
            after = administrator->id;
        }
        if (found.count < STORE_PAGE_MAX)
            return OK;
        after = found.at[found.count - 1].id;
    }
}

void administrator_list(struct call *call) {
    struct page page;
    struct str next = STR_NONE;
    if (!may_look(call) || !call_page(call, &page))
        return;
    json_t *items = json_array();
    enum status status = collect_wait(call, &page, items, &next);
    if (status == OK) {
        call_answer_list(call, items, next);
        return;
    }
    json_decref(items);
    call_refuse(call, status, STR_NONE);
}

static json_t *invitation_json(const struct access_invitation *invitation) {
    json_t *json = json_object();
    set_text(json, "token", invitation->token);
    set_time(json, "expiresAt", invitation->expires_at);
    return json;
}

void administrator_create(struct call *call) {
    static const struct member members[] = {{"email", MEMBER_STRING, true, false, 400},
                                            {"name", MEMBER_STRING, true, false, 400},
                                            {"roles", MEMBER_ARRAY, true, false, ACCESS_GRANTS_MAX},
                                            {0}};
    struct access_invited invited;
    struct access_invitation invitation;
    struct store_administrator administrator;
    struct access_refusal refusal = {0};
    arena_wipe_on_free(call->arena);
    if (!may_look(call) || !call_read_body(call, members) ||
        !read_grants(call, &invited.grants, &invited.grant_count))
        return;
    invited.email = json_get_str(call->body, "email");
    invited.name = json_get_str(call->body, "name");
    enum status status = access_invite_wait(call->api->access, call->arena, call->principal, &invited,
                                            &administrator, &invitation, &refusal);
    if (!is_done(call, status, &refusal))
        return;
    json_t *json = json_object();
    json_object_set_new(json, "administrator", to_json_wait(call, &administrator));
    json_object_set_new(json, "invitation", invitation_json(&invitation));
    call_hide_on_replay(call, "invitation.token");
    call_set_version(call, administrator.version);
    call_answer_created(call, arena_join(call->arena, 2, (struct str[]){STR("/admins/"), administrator.id}),
                        json);
}

void administrator_read(struct call *call) {
    struct store_administrator administrator;
    if (!may_look(call))
        return;
    enum status status = store_administrator_find_wait(call->api->store, call->arena,
                                                       call_parameter(call, "administrator"), &administrator);
    if (status == OK && !access_sees_administrator(call->principal, call->arena, &administrator))
        status = NOT_FOUND;
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    /* Whole each time, If-None-Match or not: the version is that of name and roles, and a link that was made,
     * a sign-in or a passkey is no change of it. */
    call_set_version(call, administrator.version);
    call_answer(call, 200, to_json_wait(call, &administrator));
}

void administrator_change(struct call *call) {
    static const struct member members[] = {{"name", MEMBER_STRING, false, false, 400},
                                            {"roles", MEMBER_ARRAY, false, false, ACCESS_GRANTS_MAX},
                                            {0}};
    const struct access_grant *grants;
    size_t count;
    int64_t version;
    struct store_administrator administrator;
    struct access_refusal refusal = {0};
    if (!may_look(call) || !call_read_body(call, members) || !call_if_match(call, &version) ||
        !read_grants(call, &grants, &count))
        return;
    enum status status = access_change_administrator_wait(
        call->api->access, call->arena, call->principal, call_parameter(call, "administrator"), version,
        json_get_str(call->body, "name"), grants, count, &administrator, &refusal);
    if (status == CONFLICT) {
        call_changed_meanwhile(call);
        return;
    }
    if (!is_done(call, status, &refusal))
        return;
    call_set_version(call, administrator.version);
    call_answer(call, 200, to_json_wait(call, &administrator));
}

void administrator_delete(struct call *call) {
    int64_t version;
    struct access_refusal refusal = {0};
    if (!may_look(call) || !call_if_match(call, &version))
        return;
    enum status status =
        access_remove_administrator_wait(call->api->access, call->arena, call->principal,
                                         call_parameter(call, "administrator"), version, &refusal);
    if (status == CONFLICT)
        call_changed_meanwhile(call);
    else if (is_done(call, status, &refusal))
        call_answer_nothing(call);
}

void administrator_invite_again(struct call *call) {
    static const struct member members[] = {{"removeSecondFactor", MEMBER_BOOLEAN, false, false, 0}, {0}};
    struct access_invitation invitation;
    struct access_refusal refusal = {0};
    arena_wipe_on_free(call->arena);
    if (!may_look(call) || !call_read_optional_body(call, members))
        return;
    struct str id = call_parameter(call, "administrator");
    enum status status = access_invite_again_wait(call->api->access, call->arena, call->principal, id,
                                                  json_get_bool(call->body, "removeSecondFactor", false),
                                                  &invitation, &refusal);
    if (!is_done(call, status, &refusal))
        return;
    json_t *json = json_object();
    json_object_set_new(json, "invitation", invitation_json(&invitation));
    call_answer_created(call, arena_join(call->arena, 2, (struct str[]){STR("/admins/"), id}), json);
}
