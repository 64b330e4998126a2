/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/gate.h"

#include "identity/identity.h"

/* One row a reason: its word, and what is said about it. */
static const struct {
    const char *name;
    const char *sentence;
} reasons[] = {
    [TOOL_ALLOWED] = {"allowed", "it is allowed"},
    [TOOL_UNKNOWN] = {"tool-unknown", "there is no such tool"},
    [TOOL_SIGN_IN_REQUIRED] = {"sign-in-required", "the visitor must sign in first"},
    [TOOL_CLAIM_MISSING] = {"claim-missing", "the visitor's sign-in does not say what this needs to know"},
    [TOOL_PERMISSION_MISSING] = {"permission-missing",
                                 "the visitor is signed in, but not allowed to do this"},
    [TOOL_CLAIM_UNFIT] = {"claim-unfit", "what the visitor's sign-in says does not fit what this needs"},
    [TOOL_ARGUMENTS_INVALID] = {"arguments-invalid", "the arguments are not what it takes"},
};

const char *tool_refusal_name(enum tool_refusal_reason reason) {
    return reasons[reason].name;
}

enum status tool_refuse(struct arena *arena, const struct tool *tool, enum tool_refusal_reason reason,
                        struct str detail, struct tool_refusal *refusal) {
    struct str sentence =
        arena_print(arena, "%.*s cannot be used: %s.", STR_ARG(tool->title), reasons[reason].sentence);
    *refusal = (struct tool_refusal){reason, detail, sentence};
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
enum status tool_gate(struct arena *arena, const struct tool *tool, const struct tool_visitor *visitor,
                      struct tool_refusal *refusal) {
    *refusal = (struct tool_refusal){TOOL_ALLOWED, STR(""), STR("")};
    if (tool->access == TOOL_PUBLIC)
        return OK;
    if (!visitor->user)
        return tool_refuse(arena, tool, TOOL_SIGN_IN_REQUIRED, STR(""), refusal);
    for (size_t i = 0; i < tool->required_claims.count; i++)
        if (!tool_claim(visitor, tool->required_claims.at[i]))
            return tool_refuse(arena, tool, TOOL_CLAIM_MISSING, tool->required_claims.at[i], refusal);
    for (size_t i = 0; i < tool->binding_count; i++)
        if (!tool_claim(visitor, tool->bindings[i].claim))
            return tool_refuse(arena, tool, TOOL_CLAIM_MISSING, tool->bindings[i].claim, refusal);
    for (size_t i = 0; i < tool->permissions.count; i++)
        if (!has_permission(visitor, tool->permissions.at[i]))
            return tool_refuse(arena, tool, TOOL_PERMISSION_MISSING, tool->permissions.at[i], refusal);
    return OK;
}
