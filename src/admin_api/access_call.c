/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/access_call.h"

#include "admin_api/routes.h"

struct access_credentials credentials_of(const struct call *call) {
    const struct admin_request *request = call->request;
    return (struct access_credentials){
        .authorization = request->authorization,
        .cookie = request->cookie,
        .csrf = request->csrf,
        .origin = request->origin,
        .host = request->host,
        .peer = request->peer,
        .user_agent = request->user_agent,
        .content_type = request->content_type,
        .is_secure = request->is_secure,
        .is_unsafe = call_is_unsafe(call),
    };
}

static json_t *methods_json(const char *const *methods) {
    json_t *list = json_array();
    for (; *methods != NULL; methods++)
        json_array_append_new(list, json_string(*methods));
    json_t *more = json_object();
    json_object_set_new(more, "methods", list);
    return more;
}

bool is_done(struct call *call, enum status status, const struct access_refusal *refusal) {
    if (status == OK)
        return true;
    if (status != DENIED)
        return call_refuse(call, status, STR_NONE);
    call->response->is_wrong_guess = refusal->is_wrong_guess;
    if (refusal->retry_after_s > 0)
        call_add_header(call, STR("Retry-After"), arena_print(call->arena, "%u", refusal->retry_after_s));
    if (refusal->status == 422)
        return call_problem_at(call, refusal->code, refusal->pointer, "%.*s", STR_ARG(refusal->sentence));
    json_t *more = refusal->methods == NULL ? NULL : methods_json(refusal->methods);
    return call_problem_with(call, refusal->status, refusal->code, refusal->sentence, more);
}

bool call_demand_account(struct call *call) {
    if (!str_is_empty(call->principal->administrator))
        return true;
    return call_problem(call, 403, "session-required",
                        "The command line on this machine has no account of its own. Sign in, or use an API "
                        "token.");
}

void add_cookie(struct call *call, struct str cookie) {
    call_add_header(call, STR("Set-Cookie"), cookie);
}

/* ---- grants ---- */

json_t *grants_json_wait(struct call *call, const struct access_principal *viewer, struct str roles) {
    const struct access_grant *grants;
    size_t count;
    json_t *list = json_array();
    if (access_grants_read(call->arena, roles, &grants, &count) != OK)
        return list;
    for (size_t i = 0; i < count; i++) {
        struct store_product product = {.id = STR_NONE};
        if (!str_is_empty(grants[i].product) &&
            (!access_sees(viewer, grants[i].product) ||
             store_product_find_wait(call->api->store, call->arena, grants[i].product, &product) != OK))
            continue;
        json_t *grant = json_object();
        set_optional(grant, "product", grants[i].product);
        set_optional(grant, "productName", product.name);
        set_text(grant, "role", str_from(access_role_name(grants[i].role)));
        json_array_append_new(list, grant);
    }
    return list;
}

bool read_grants(struct call *call, const struct access_grant **grants, size_t *count) {
    const json_t *list = json_object_get(call->body, "roles");
    *grants = NULL;
    *count = 0;
    if (list == NULL)
        return true;
    static const struct member members[] = {
        {"product", MEMBER_STRING, true, true, 100}, {"role", MEMBER_STRING, true, false, 20}, {0}};
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!call_check_members(call, json_array_get(list, i), arena_print(call->arena, "/roles/%zu", i),
                                members))
            return false;
    if (access_grants_read(call->arena, json_write(call->arena, list), grants, count) == OK)
        return true;
    return call_problem_at(
        call, "invalid", STR("/roles"),
        "Each is {\"product\": an id or null for all, \"role\": owner, admin, developer or "
        "viewer}, each product once; an owner is one of all products.");
}

/* ---- a person ---- */

void set_person_wait(struct call *call, const struct access_principal *viewer, json_t *json,
                     const struct store_administrator *administrator) {
    set_text(json, "id", administrator->id);
    set_text(json, "email", administrator->email);
    set_text(json, "name", administrator->name);
    json_object_set_new(json, "roles", grants_json_wait(call, viewer, administrator->roles));
    set_bool(json, "hasPassword", !str_is_empty(administrator->password_hash));
    set_bool(json, "hasTotp", administrator->totp_at != 0);
    set_number(json, "passkeyCount", administrator->passkey_count);
    set_bool(json, "isLinkedToSingleSignOn", !str_is_empty(administrator->sso_subject));
}

/* ---- GET /session ---- */

static json_t *methods_of(const struct access_methods *methods) {
    json_t *json = json_object();
    set_bool(json, "password", methods->has_password);
    set_bool(json, "passkey", methods->has_passkey);
    json_t *sso = json_null();
    if (!str_is_empty(methods->sso_label)) {
        sso = json_object();
        set_text(sso, "label", methods->sso_label);
    }
    json_object_set_new(json, "singleSignOn", sso);
    return json;
}

static void answer_session_wait(struct call *call, unsigned status, const struct access_principal *principal,
                                const struct store_administrator *administrator) {
    struct access_methods methods;
    struct access_credentials from = credentials_of(call);
    enum status read = access_methods_wait(call->api->access, call->arena, &from, &methods);
    if (read != OK) {
        call_refuse(call, read, STR_NONE);
        return;
    }
    json_t *json = json_object();
    json_t *person = json_null();
    if (administrator != NULL) {
        person = json_object();
        set_person_wait(call, principal, person, administrator);
        set_number(person, "recoveryCodesLeft", administrator->recovery_code_count);
    }
    set_bool(json, "isSignedIn", administrator != NULL);
    set_bool(json, "isSetUp", methods.is_set_up);
    json_object_set_new(json, "administrator", person);
    set_optional(json, "csrfToken", principal == NULL ? STR_NONE : principal->csrf_token);
    set_bool(json, "isRecent", principal != NULL && access_is_recent(principal));
    json_object_set_new(json, "methods", methods_of(&methods));
    set_text(json, "version", STR(CHATELAINE_VERSION));
    call_answer(call, status, json);
}

void answer_signed_in_wait(struct call *call, unsigned status, const struct access_signed_in *signed_in) {
    for (size_t i = 0; i < signed_in->cookie_count; i++)
        add_cookie(call, signed_in->cookies[i]);
    bool is_signed_in = signed_in->cookie_count > 0;
    answer_session_wait(call, status, is_signed_in ? &signed_in->principal : NULL,
                        is_signed_in ? &signed_in->administrator : NULL);
}

void session_read(struct call *call) {
    struct store_administrator administrator;
    const struct access_principal *principal = call->principal;
    if (principal == NULL || str_is_empty(principal->administrator)) {
        answer_session_wait(call, 200, NULL, NULL);
        return;
    }
    enum status status = store_administrator_find_wait(call->api->store, call->arena,
                                                       principal->administrator, &administrator);
    if (status == OK)
        answer_session_wait(call, 200, principal, &administrator);
    else
        call_refuse(call, status, STR_NONE);
}
