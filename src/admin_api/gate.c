/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/gate.h"

FIBER bool gate_visitor_wait(struct call *call, const struct sign_in_draft *opened, struct str token,
                             struct gate_visitor *visitor) {
    *visitor = (struct gate_visitor){.has_token = false};
    token = str_trim(token);
    if (str_is_empty(token))
        return true;
    if (!token_inspect_wait(call, opened, token, STR_NONE, false, &visitor->inspection))
        return false;
    visitor->has_token = true;
    struct identity *identity = &visitor->inspection.identity;
    if (visitor->inspection.is_verified)
        visitor->visitor = (struct tool_visitor){identity_user(identity),
                                                 {identity->permissions, identity->permission_count}};
    return true;
}

void gate_visitor_release(struct gate_visitor *visitor) {
    identity_release(&visitor->inspection.identity);
}

json_t *gate_verdict_json(const struct gate_visitor *visitor) {
    const struct verifier_inspection *inspection = &visitor->inspection;
    if (!visitor->has_token)
        return json_null();
    json_t *json =
        inspection->is_verified ? json_object() : identity_failure_json(&inspection->failure, true);
    set_bool(json, "verified", inspection->is_verified);
    set_optional(json, "issuer", inspection->issuer != NULL ? inspection->issuer->name : STR_NONE);
    if (!inspection->is_verified)
        return json;
    set_optional(json, "reason", STR_NONE);
    set_optional(json, "detail", STR_NONE);
    set_text(json, "message", STR("The token is good."));
    set_optional(json, "fix", STR_NONE);
    return json;
}

json_t *gate_permissions_json(const struct gate_visitor *visitor) {
    json_t *list = json_array();
    for (size_t i = 0; i < visitor->visitor.permissions.count; i++)
        json_array_append_new(list, json_from_str(visitor->visitor.permissions.at[i]));
    return list;
}

json_t *gate_json(struct arena *arena, const struct tool *tool, const struct gate_visitor *visitor) {
    struct tool_refusal refusal;
    bool is_allowed = tool_gate(arena, tool, &visitor->visitor, &refusal) == OK;
    json_t *json = json_object();
    set_bool(json, "allowed", is_allowed);
    set_optional(json, "reason", is_allowed ? STR_NONE : str_from(tool_refusal_name(refusal.reason)));
    set_optional(json, "detail", is_allowed ? STR_NONE : refusal.detail);
    set_text(json, "sentence", is_allowed ? STR("The gate lets this visitor through.") : refusal.sentence);
    return json;
}
