/* SPDX-License-Identifier: Apache-2.0 */
/* Single sign-on: its settings, and the two addresses that browsers are sent to. */
#include "admin_api/access_call.h"
#include "admin_api/discovery.h"
#include "admin_api/routes.h"

static json_t *domains_json(const struct access_sso *sso) {
    json_t *list = json_array();
    for (size_t i = 0; i < sso->domain_count; i++)
        json_array_append_new(list, json_from_str(sso->domains[i]));
    return list;
}

static json_t *mapping_json(const struct access_sso *sso) {
    if (str_is_empty(sso->mapping_claim))
        return json_null();
    json_t *mapping = json_object();
    set_text(mapping, "claim", sso->mapping_claim);
    json_object_set_new(mapping, "roles", json_deep_copy(sso->mapping_roles));
    return mapping;
}

static FIBER json_t *to_json_wait(struct call *call, const struct access_sso *sso) {
    struct store_discoveries read = {.count = 0};
    if (store_discovery_list_wait(call->api->store, call->arena, STR(""), &read) != OK)
        read.count = 0; /* the rest is told all the same */
    json_t *json = json_object();
    bool has_default = sso->default_role != ACCESS_NO_ROLE;
    set_text(json, "issuer", sso->issuer);
    set_text(json, "clientId", sso->client_id);
    set_bool(json, "hasClientSecret", sso->has_secret);
    set_text(json, "label", sso->label);
    json_object_set_new(json, "emailDomains", domains_json(sso));
    set_optional(json, "defaultRole", has_default ? str_from(access_role_name(sso->default_role)) : STR_NONE);
    json_object_set_new(json, "roleMapping", mapping_json(sso));
    set_bool(json, "isPasswordOff", sso->is_password_off);
    set_text(json, "redirectUri", sso->redirect_uri);
    set_number(json, "version", sso->version);
    set_time(json, "updatedAt", sso->updated_at);
    json_object_set_new(json, "discovery", discovery_state_json(&read, STR(""), sso->issuer));
    return json;
}

static bool read_wait(struct call *call, struct access_sso *sso) {
    struct access_credentials from = credentials_of(call);
    enum status status = access_sso_read_wait(call->api->access, call->arena, &from, sso);
    return status == OK || call_refuse(call, status, STR_NONE);
}

void single_sign_on_read(struct call *call) {
    struct access_sso sso;
    if (!read_wait(call, &sso) || call_is_unchanged(call, sso.version))
        return;
    call_set_version(call, sso.version);
    call_answer(call, 200, to_json_wait(call, &sso));
}

void single_sign_on_replace(struct call *call) {
    static const struct member members[] = {{"issuer", MEMBER_STRING, true, false, 1000},
                                            {"clientId", MEMBER_STRING, true, false, 500},
                                            {"clientSecret", MEMBER_STRING, false, true, 2000},
                                            {"label", MEMBER_STRING, true, false, 240},
                                            {"emailDomains", MEMBER_ARRAY, false, false, 50},
                                            {"defaultRole", MEMBER_STRING, false, true, 20},
                                            {"roleMapping", MEMBER_OBJECT, false, true, 0},
                                            {"isPasswordOff", MEMBER_BOOLEAN, false, false, 0},
                                            {0}};
    struct access_refusal refusal = {0};
    struct access_sso sso;
    int64_t version;
    arena_wipe_on_free(call->arena);
    if (!call_read_body(call, members) || !call_if_match(call, &version))
        return;
    enum status status = access_sso_replace_wait(call->api->access, call->arena, call->principal, call->body,
                                                 version, version == 0, &refusal);
    if (status == CONFLICT)
        call_changed_meanwhile(call);
    if (status == CONFLICT || !is_done(call, status, &refusal) || !read_wait(call, &sso))
        return;
    call_set_version(call, sso.version);
    call_answer(call, 200, to_json_wait(call, &sso));
}

void single_sign_on_delete(struct call *call) {
    struct access_refusal refusal = {0};
    int64_t version;
    if (!call_if_match(call, &version))
        return;
    enum status status =
        access_sso_remove_wait(call->api->access, call->arena, call->principal, version, &refusal);
    if (status == CONFLICT)
        call_changed_meanwhile(call);
    else if (is_done(call, status, &refusal))
        call_answer_nothing(call);
}

/* ---- there and back: what goes wrong is told on the sign-in page ---- */

static void redirect(struct call *call, struct str location) {
    call_add_header(call, STR("Location"), location);
    call->response->status = 303;
}

static void redirect_with(struct call *call, enum status status, const struct access_refusal *refusal) {
    const char *code = status == DENIED ? refusal->code : "single-sign-on-failed";
    if (status == CANCELED)
        call->response->status = 0;
    else
        redirect(call, arena_print(call->arena, "/sign-in?problem=%s", code));
}

void single_sign_on_start(struct call *call) {
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    struct str location, cookie;
    bool is_link = false;
    if (!call_query_bool(call, "link", &is_link))
        return;
    enum status status =
        access_sso_start_wait(call->api->access, call->arena, &from, call->principal,
                              call_query(call, "returnTo"), is_link, &location, &cookie, &refusal);
    if (status != OK) {
        redirect_with(call, status, &refusal);
        return;
    }
    add_cookie(call, cookie);
    redirect(call, location);
}

void single_sign_on_callback(struct call *call) {
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    struct access_signed_in signed_in;
    struct str return_to, cookie;
    const struct access_sso_answer answer = {.code = call_query(call, "code"),
                                             .state = call_query(call, "state"),
                                             .issuer = call_query(call, "iss"),
                                             .error = call_query(call, "error")};
    enum status status =
        access_sso_finish_wait(call->api->access, call->arena, &from, call->principal, call->api->key_sets,
                               &answer, &signed_in, &return_to, &cookie, &refusal);
    add_cookie(call, cookie);
    if (status != OK) {
        redirect_with(call, status, &refusal);
        return;
    }
    for (size_t i = 0; i < signed_in.cookie_count; i++)
        add_cookie(call, signed_in.cookies[i]);
    redirect(call, return_to);
}
