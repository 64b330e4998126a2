/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out. Bodies hold passwords: the arena is wiped. */
#include "admin_api/access_call.h"
#include "admin_api/routes.h"

#define PASSWORD_MOST 1024

/* A way in: what it comes with and what comes of it. */
struct way_in {
    struct access_credentials from;
    struct access_signed_in signed_in;
    struct access_refusal refusal;
};

/* False: it has answered, the body is not as `members` say. */
static bool read_way_in(struct call *call, const struct member *members, struct way_in *way) {
    *way = (struct way_in){.from = credentials_of(call)};
    arena_wipe_on_free(call->arena);
    return call_read_body(call, members);
}

static FIBER void answer_way_in_wait(struct call *call, enum status status, const struct way_in *way,
                                     unsigned answer) {
    if (is_done(call, status, &way->refusal))
        answer_signed_in_wait(call, answer, &way->signed_in);
}

void session_create(struct call *call) {
    static const struct member members[] = {{"email", MEMBER_STRING, true, false, 400},
                                            {"password", MEMBER_STRING, true, false, PASSWORD_MOST},
                                            {"totp", MEMBER_STRING, false, true, 20},
                                            {"recoveryCode", MEMBER_STRING, false, true, 40},
                                            {0}};
    struct way_in way;
    if (!read_way_in(call, members, &way))
        return;
    const struct access_password_sign_in shown = {.email = json_get_str(call->body, "email"),
                                                  .password = json_get_str(call->body, "password"),
                                                  .totp = json_get_str(call->body, "totp"),
                                                  .recovery_code = json_get_str(call->body, "recoveryCode")};
    enum status status =
        access_sign_in_wait(call->api->access, call->arena, &way.from, &shown, &way.signed_in, &way.refusal);
    answer_way_in_wait(call, status, &way, 200);
}

void session_delete(struct call *call) {
    struct access_credentials from = credentials_of(call);
    struct str cookie;
    enum status status =
        access_sign_out_wait(call->api->access, call->arena, &from, call->principal, &cookie);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    add_cookie(call, cookie);
    call_answer_nothing(call);
}

void session_confirm(struct call *call) {
    static const struct member members[] = {{"password", MEMBER_STRING, true, false, PASSWORD_MOST}, {0}};
    struct way_in way;
    if (!read_way_in(call, members, &way))
        return;
    enum status status =
        access_confirm_wait(call->api->access, call->arena, &way.from, call->principal,
                            json_get_str(call->body, "password"), &way.signed_in, &way.refusal);
    answer_way_in_wait(call, status, &way, 200);
}

void session_passkey_options(struct call *call) {
    struct access_credentials from = credentials_of(call);
    struct access_refusal refusal = {0};
    json_t *options = NULL;
    if (is_done(call, access_passkey_request(call->api->access, call->arena, &from, &options, &refusal),
                &refusal))
        call_answer(call, 200, options);
}

void session_passkey(struct call *call) {
    static const struct member members[] = {{"credential", MEMBER_OBJECT, true, false, 0}, {0}};
    struct way_in way;
    if (!read_way_in(call, members, &way))
        return;
    enum status status =
        access_passkey_sign_in_wait(call->api->access, call->arena, &way.from,
                                    json_object_get(call->body, "credential"), &way.signed_in, &way.refusal);
    answer_way_in_wait(call, status, &way, 200);
}

/* ---- setup and invitations: the ways in that are used once ---- */

void setup_create(struct call *call) {
    static const struct member members[] = {{"setupToken", MEMBER_STRING, true, false, 100},
                                            {"email", MEMBER_STRING, true, false, 400},
                                            {"name", MEMBER_STRING, true, false, 400},
                                            {"password", MEMBER_STRING, true, false, PASSWORD_MOST},
                                            {0}};
    struct way_in way;
    if (!read_way_in(call, members, &way))
        return;
    const struct access_set_up shown = {.token = json_get_str(call->body, "setupToken"),
                                        .email = json_get_str(call->body, "email"),
                                        .name = json_get_str(call->body, "name"),
                                        .password = json_get_str(call->body, "password")};
    enum status status =
        access_set_up_wait(call->api->access, call->arena, &way.from, &shown, &way.signed_in, &way.refusal);
    answer_way_in_wait(call, status, &way, 201);
}

void invitation_accept(struct call *call) {
    static const struct member members[] = {{"token", MEMBER_STRING, true, false, 100},
                                            {"name", MEMBER_STRING, false, true, 400},
                                            {"password", MEMBER_STRING, true, false, PASSWORD_MOST},
                                            {0}};
    struct way_in way;
    if (!read_way_in(call, members, &way))
        return;
    const struct access_acceptance shown = {.token = json_get_str(call->body, "token"),
                                            .name = json_get_str(call->body, "name"),
                                            .password = json_get_str(call->body, "password")};
    enum status status =
        access_accept_wait(call->api->access, call->arena, &way.from, &shown, &way.signed_in, &way.refusal);
    answer_way_in_wait(call, status, &way, 200);
}
