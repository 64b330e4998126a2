/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator does with their own account. */
#include "admin_api/access_call.h"
#include "admin_api/routes.h"

#define PASSWORD_MOST 1024

static json_t *to_json_wait(struct call *call, const struct store_administrator *administrator) {
    json_t *json = json_object();
    set_person_wait(call, call->principal, json, administrator);
    set_number(json, "recoveryCodesLeft", administrator->recovery_code_count);
    set_number(json, "version", administrator->version);
    set_time(json, "createdAt", administrator->created_at);
    set_time(json, "lastSignInAt", administrator->last_sign_in_at);
    return json;
}

static bool find_self_wait(struct call *call, struct store_administrator *administrator) {
    if (!call_demand_account(call))
        return false;
    enum status status = store_administrator_find_wait(call->api->store, call->arena,
                                                       call->principal->administrator, administrator);
    return status == OK || call_refuse(call, status, STR_NONE);
}

void account_read(struct call *call) {
    struct store_administrator administrator;
    if (!find_self_wait(call, &administrator))
        return;
    /* Whole each time, as in administrator.c. */
    call_set_version(call, administrator.version);
    call_answer(call, 200, to_json_wait(call, &administrator));
}

void account_change(struct call *call) {
    static const struct member members[] = {
        {"name", MEMBER_STRING, false, false, 400}, {"email", MEMBER_STRING, false, false, 400}, {0}};
    struct store_administrator administrator;
    struct access_refusal refusal = {0};
    int64_t version;
    if (!call_demand_account(call) || !call_read_body(call, members) || !call_if_match(call, &version))
        return;
    enum status status = access_change_account_wait(
        call->api->access, call->arena, call->principal, version, json_get_str(call->body, "name"),
        json_get_str(call->body, "email"), &administrator, &refusal);
    if (status == CONFLICT) {
        call_changed_meanwhile(call);
        return;
    }
    if (!is_done(call, status, &refusal))
        return;
    call_set_version(call, administrator.version);
    call_answer(call, 200, to_json_wait(call, &administrator));
}

void account_set_password(struct call *call) {
    static const struct member members[] = {{"current", MEMBER_STRING, false, true, PASSWORD_MOST},
                                            {"new", MEMBER_STRING, true, false, PASSWORD_MOST},
                                            {0}};
    struct access_credentials from = credentials_of(call);
    struct access_signed_in signed_in;
    struct access_refusal refusal = {0};
    arena_wipe_on_free(call->arena);
    if (!call_demand_account(call) || !call_read_body(call, members))
        return;
    enum status status = access_change_password_wait(call->api->access, call->arena, &from, call->principal,
                                                     json_get_str(call->body, "current"),
                                                     json_get_str(call->body, "new"), &signed_in, &refusal);
    if (is_done(call, status, &refusal))
        answer_signed_in_wait(call, 200, &signed_in);
}

/* ---- one-time codes ---- */

static json_t *codes_json(const struct str codes[STORE_RECOVERY_CODES]) {
    json_t *list = json_array();
    for (unsigned i = 0; i < STORE_RECOVERY_CODES; i++)
        json_array_append_new(list, json_from_str(codes[i]));
    return list;
}

static void answer_codes(struct call *call, const struct str codes[STORE_RECOVERY_CODES]) {
    json_t *json = json_object();
    json_object_set_new(json, "recoveryCodes", codes_json(codes));
    call_answer(call, 200, json);
}

void totp_begin(struct call *call) {
    struct access_refusal refusal = {0};
    struct str secret, uri;
    arena_wipe_on_free(call->arena);
    if (!call_demand_account(call) ||
        !is_done(
            call,
            access_begin_totp_wait(call->api->access, call->arena, call->principal, &secret, &uri, &refusal),
            &refusal))
        return;
    json_t *json = json_object();
    set_text(json, "secret", secret);
    set_text(json, "uri", uri);
    call_answer(call, 200, json);
}

void totp_confirm(struct call *call) {
    static const struct member members[] = {{"code", MEMBER_STRING, true, false, 20}, {0}};
    struct access_credentials from = credentials_of(call);
    struct access_signed_in signed_in;
    struct access_refusal refusal = {0};
    struct str codes[STORE_RECOVERY_CODES];
    if (!call_demand_account(call) || !call_read_body(call, members))
        return;
    enum status status =
        access_confirm_totp_wait(call->api->access, call->arena, &from, call->principal,
                                 json_get_str(call->body, "code"), codes, &signed_in, &refusal);
    if (!is_done(call, status, &refusal))
        return;
    add_cookie(call, signed_in.cookies[0]);
    answer_codes(call, codes);
}

void totp_delete(struct call *call) {
    static const struct member members[] = {{"password", MEMBER_STRING, false, true, PASSWORD_MOST}, {0}};
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    arena_wipe_on_free(call->arena);
    if (!call_demand_account(call) || !call_read_optional_body(call, members))
        return;
    enum status status = access_remove_totp_wait(call->api->access, call->arena, &from, call->principal,
                                                 json_get_str(call->body, "password"), &refusal);
    if (is_done(call, status, &refusal))
        call_answer_nothing(call);
}

void recovery_codes_renew(struct call *call) {
    struct access_refusal refusal = {0};
    struct str codes[STORE_RECOVERY_CODES];
    if (call_demand_account(call) &&
        is_done(call,
                access_renew_recovery_codes_wait(call->api->access, call->arena, call->principal, codes,
                                                 &refusal),
                &refusal))
        answer_codes(call, codes);
}

/* ---- passkeys ---- */

static json_t *passkey_json(const struct store_passkey *passkey) {
    json_t *json = json_object();
    set_text(json, "id", passkey->id);
    set_text(json, "name", passkey->name);
    set_time(json, "createdAt", passkey->created_at);
    set_time(json, "lastUsedAt", passkey->last_used_at);
    return json;
}

void passkey_list(struct call *call) {
    struct store_passkeys passkeys;
    if (!call_demand_account(call))
        return;
    enum status status =
        store_passkey_list_wait(call->api->store, call->arena, call->principal->administrator, &passkeys);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < passkeys.count; i++)
        json_array_append_new(items, passkey_json(&passkeys.at[i]));
    call_answer_list(call, items, STR_NONE);
}

void passkey_options(struct call *call) {
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    json_t *options = NULL;
    if (call_demand_account(call) &&
        is_done(call,
                access_passkey_creation_wait(call->api->access, call->arena, &from, call->principal, &options,
                                             &refusal),
                &refusal))
        call_answer(call, 200, options);
}

void passkey_create(struct call *call) {
    static const struct member members[] = {
        {"name", MEMBER_STRING, true, false, 400}, {"credential", MEMBER_OBJECT, true, false, 0}, {0}};
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    struct store_passkey passkey;
    struct str codes[STORE_RECOVERY_CODES];
    bool has_codes = false;
    if (!call_demand_account(call) || !call_read_body(call, members))
        return;
    enum status status = access_add_passkey_wait(
        call->api->access, call->arena, &from, call->principal, json_get_str(call->body, "name"),
        json_object_get(call->body, "credential"), &passkey, codes, &has_codes, &refusal);
    if (!is_done(call, status, &refusal))
        return;
    json_t *json = json_object();
    json_object_set_new(json, "passkey", passkey_json(&passkey));
    json_object_set_new(json, "recoveryCodes", has_codes ? codes_json(codes) : json_null());
    call_answer_created(
        call, arena_join(call->arena, 2, (struct str[]){STR("/account/passkeys/"), passkey.id}), json);
}

void passkey_change(struct call *call) {
    static const struct member members[] = {{"name", MEMBER_STRING, true, false, 100}, {0}};
    struct str id = call_parameter(call, "passkey");
    if (!call_demand_account(call) || !call_read_body(call, members))
        return;
    struct access_refusal refusal = {0};
    struct store_passkey passkey;
    enum status status = access_rename_passkey_wait(call->api->access, call->arena, call->principal, id,
                                                    json_get_str(call->body, "name"), &passkey, &refusal);
    if (is_done(call, status, &refusal))
        call_answer(call, 200, passkey_json(&passkey));
}

void passkey_delete(struct call *call) {
    struct access_refusal refusal = {0};
    if (call_demand_account(call) &&
        is_done(call,
                access_remove_passkey_wait(call->api->access, call->arena, call->principal,
                                           call_parameter(call, "passkey"), &refusal),
                &refusal))
        call_answer_nothing(call);
}

/* ---- sessions ---- */

static json_t *session_json(const struct call *call, const struct store_admin_session *session) {
    json_t *json = json_object();
    set_text(json, "id", session->id);
    set_bool(json, "isCurrent", str_equal(session->id, call->principal->session));
    set_text(json, "method", session->method);
    set_time(json, "createdAt", session->created_at);
    set_time(json, "lastUsedAt", session->used_at);
    set_time(json, "expiresAt", access_session_expires_at(session));
    set_optional(json, "address", session->address);
    set_optional(json, "userAgent", session->user_agent);
    return json;
}

void account_session_list(struct call *call) {
    struct store_admin_sessions sessions;
    if (!call_demand_account(call))
        return;
    enum status status =
        access_list_sessions_wait(call->api->access, call->arena, call->principal, &sessions);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < sessions.count; i++)
        json_array_append_new(items, session_json(call, &sessions.at[i]));
    call_answer_list(call, items, STR_NONE);
}

void account_session_delete(struct call *call) {
    if (!call_demand_account(call))
        return;
    enum status status = access_end_session_wait(call->api->access, call->arena, call->principal,
                                                 call_parameter(call, "session"));
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
