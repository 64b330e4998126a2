/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/gate.h"

#include "identity/identity.h"

/* One row a reason: its word, and what is said about it. */
static const struct {
    const char *name;
    const char *sentence;
} reasons[] = {
    [TOOL_ALLOWED] = {"allowed", ""},
    [TOOL_UNKNOWN] = {"tool-unknown", "There is no such tool."},
    [TOOL_SIGN_IN_REQUIRED] = {"sign-in-required", "The visitor must sign in first."},
    [TOOL_CLAIM_MISSING] =
        {"claim-missing",
         "The visitor is signed in, but the sign-in does not say what this tool needs to know."},
    [TOOL_PERMISSION_MISSING] = {"permission-missing",
                                 "The visitor is signed in, but is not allowed to do this."},
    [TOOL_CLAIM_UNFIT] =
        {"claim-unfit",
         "The visitor is signed in, but what the sign-in says does not fit what this tool needs."},
    [TOOL_ARGUMENTS_INVALID] = {"arguments-invalid", "The arguments are not what the tool takes."},
};

const char *tool_refusal_name(enum tool_refusal_reason reason) {
    return reasons[reason].name;
}

enum status tool_refuse(struct tool_refusal *refusal, enum tool_refusal_reason reason, struct str detail) {
    *refusal = (struct tool_refusal){reason, detail, str_from(reasons[reason].sentence)};
    return DENIED;
}

const json_t *tool_claim(const struct tool_visitor *visitor, struct str name) {
    const json_t *claim = visitor->user ? identity_claim_at(visitor->user, name) : NULL;
    return claim && !json_is_null(claim) ? claim : NULL;
}

static bool has_permission(const struct tool_visitor *visitor, struct str wanted) {
    for (size_t i = 0; i < visitor->permissions.count; i++)
        if (str_equal(visitor->permissions.at[i], wanted))
            return true;
    return false;
}

/* Each line is one demand; further kinds of demand are further lines. */
enum status tool_gate(const struct tool *tool, const struct tool_visitor *visitor,
                      struct tool_refusal *refusal) {
    *refusal = (struct tool_refusal){TOOL_ALLOWED, STR(""), STR("")};
    if (tool->access == TOOL_PUBLIC)
        return OK;
    if (!visitor->user)
        return tool_refuse(refusal, TOOL_SIGN_IN_REQUIRED, STR(""));
    for (size_t i = 0; i < tool->required_claims.count; i++)
        if (!tool_claim(visitor, tool->required_claims.at[i]))
            return tool_refuse(refusal, TOOL_CLAIM_MISSING, tool->required_claims.at[i]);
    for (size_t i = 0; i < tool->binding_count; i++)
        if (!tool_claim(visitor, tool->bindings[i].claim))
            return tool_refuse(refusal, TOOL_CLAIM_MISSING, tool->bindings[i].claim);
    for (size_t i = 0; i < tool->permissions.count; i++)
        if (!has_permission(visitor, tool->permissions.at[i]))
            return tool_refuse(refusal, TOOL_PERMISSION_MISSING, tool->permissions.at[i]);
    return OK;
}
