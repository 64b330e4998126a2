/* SPDX-License-Identifier: Apache-2.0 */
/* "Test a token": the verdict of the server itself, with reasons. */
#include "admin_api/routes.h"
#include "admin_api/token_verdict.h"

FIBER void token_test(struct call *call) {
    enum { TOKEN_MAX = 65536, NAME_MAX = 64 };
    static const struct member members[] = {{"token", MEMBER_STRING, true, false, TOKEN_MAX},
                                            {"issuer", MEMBER_STRING, false, true, NAME_MAX},
                                            {"refreshKeys", MEMBER_BOOLEAN, false, false, 0},
                                            {"draft", MEMBER_OBJECT, false, true, 0},
                                            {.name = NULL}};
    struct sign_in_draft opened = {.environment = NULL};
    struct verifier_inspection inspection = {.is_verified = false};
    if (!call_read_body(call, members) ||
        !sign_in_draft_open_wait(call, json_object_get(call->body, "draft"), STR("/draft"), &opened))
        return;
    /* Pasted from somewhere: white space around it is no fault of the token's. */
    struct str token = str_trim(json_get_str(call->body, "token"));
    if (token_inspect_wait(call, &opened, token, json_get_str(call->body, "issuer"),
                           json_get_bool(call->body, "refreshKeys", false), &inspection)) {
        json_t *json = token_verdict_json(call, &opened, &inspection);
        json_keep(call->arena, json);
        if (token_audit_wait(call, &inspection))
            call_answer(call, 200, json_incref(json));
        identity_release(&inspection.identity);
    }
    sign_in_draft_close(&opened);
}
