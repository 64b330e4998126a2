/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/gate.h"
#include "tool/read.h"

#include "base/json.h"

/* For the model: what was wrong with its arguments, so that it can send better ones. */
static enum status refuse_arguments(struct arena *arena, struct tool_refusal *refusal, struct str pointer,
                                    struct str sentence) {
    *refusal = (struct tool_refusal){TOOL_ARGUMENTS_INVALID, pointer, STR("")};
    refusal->sentence = arena_print(arena, "The arguments are not what the tool takes: %.*s %.*s.",
                                    STR_ARG(pointer.len > 0 ? pointer : STR("the whole")), STR_ARG(sentence));
    return DENIED;
}

/* What the model wrote, read strictly. Some write nothing, or null, where a tool takes no arguments. */
static enum status read_text(struct arena *arena, struct str text, json_t **value,
                             struct tool_refusal *refusal) {
    text = str_trim(text);
    if (text.len == 0 || str_equal(text, STR("null"))) {
        *value = json_object();
        return OK;
    }
    if (text.len > TOOL_ARGUMENTS_BYTES_MAX)
        return refuse_arguments(arena, refusal, STR(""), STR("is too long"));
    struct json_error error;
    if (json_read(text, SCHEMA_DEPTH_MAX, value, &error) != OK)
        return refuse_arguments(arena, refusal, STR(""), STR("is not valid JSON"));
    if (json_is_object(*value))
        return OK;
    json_decref(*value);
    return refuse_arguments(arena, refusal, STR(""), STR("must be a JSON object"));
}

/* The claim's value goes in, whatever stood there. */
static enum status bind_claims(struct arena *arena, const struct tool *tool,
                               const struct tool_visitor *visitor, struct tool_arguments *arguments,
                               struct tool_refusal *refusal) {
    struct str *dropped = arena_alloc_array(arena, tool->binding_count, sizeof *dropped);
    arguments->dropped = (struct tool_names){dropped, 0};
    for (size_t i = 0; i < tool->binding_count; i++) {
        const struct tool_binding *binding = &tool->bindings[i];
        const json_t *claim = tool_claim(visitor, binding->claim);
        if (!claim)
            return visitor->user ? tool_refuse(arena, tool, TOOL_CLAIM_MISSING, binding->claim, refusal)
                                 : tool_refuse(arena, tool, TOOL_SIGN_IN_REQUIRED, STR(""), refusal);
        if (json_member(arguments->value, binding->parameter))
            dropped[arguments->dropped.count++] = binding->parameter;
        json_set(arguments->value, binding->parameter, json_deep_copy(claim));
    }
    return OK;
}

/* The bound parameter in which a violation lies, or NULL. */
static const struct tool_binding *binding_at(const struct tool *tool, struct arena *arena,
                                             struct str pointer) {
    for (size_t i = 0; i < tool->binding_count; i++) {
        struct str place = json_pointer_add(arena, STR(""), tool->bindings[i].parameter);
        if (str_equal(pointer, place) ||
            str_starts_with(pointer, arena_join(arena, 2, (const struct str[]){place, STR("/")})))
            return &tool->bindings[i];
    }
    return NULL;
}

/* Does a sentence speak of a bound parameter ("lacks the member …", "allowed are …")? A model is not to hear
 * of it. */
static bool speaks_of_bound(const struct tool *tool, struct arena *arena, struct str sentence) {
    for (size_t i = 0; i < tool->binding_count; i++) {
        json_auto_t *name = json_from_str(tool->bindings[i].parameter);
        if (str_find(sentence, json_write(arena, name)) != STR_NOT_FOUND)
            return true;
    }
    return false;
}

static enum status check(struct arena *arena, const struct tool *tool, const struct tool_arguments *arguments,
                         struct tool_refusal *refusal) {
    struct schema_violation violation;
    if (schema_check(tool->parameters, arguments->value, arena, &violation) == OK)
        return OK;
    const struct tool_binding *binding = binding_at(tool, arena, violation.pointer);
    if (binding) /* no model can mend that, and it is not to learn of the value */
        return tool_refuse(arena, tool, TOOL_CLAIM_UNFIT, binding->claim, refusal);
    if (speaks_of_bound(tool, arena, violation.sentence))
        violation.sentence = arena_print(arena, "breaks the rule \"%.*s\" of the tool's parameters",
                                         STR_ARG(violation.keyword));
    return refuse_arguments(arena, refusal, violation.pointer, violation.sentence);
}

enum status tool_arguments_bind(struct arena *arena, const struct tool *tool, struct str text,
                                const struct tool_visitor *visitor, struct tool_arguments *arguments,
                                struct tool_refusal *refusal) {
    *arguments = (struct tool_arguments){NULL, {NULL, 0}};
    *refusal = (struct tool_refusal){TOOL_ALLOWED, STR(""), STR("")};
    json_t *value = NULL;
    TRY(read_text(arena, text, &value, refusal));
    arguments->value = json_keep(arena, value);
    TRY(bind_claims(arena, tool, visitor, arguments, refusal));
    return check(arena, tool, arguments, refusal);
}

json_t *tool_arguments_for_audit(const struct tool *tool, const struct tool_arguments *arguments) {
    json_t *audit = json_object();
    struct json_walk walk = {0};
    while (json_walk_next(arguments->value, &walk)) {
        bool is_kept = false;
        for (size_t i = 0; i < tool->audit_values.count; i++)
            is_kept = is_kept || str_equal(walk.name, tool->audit_values.at[i]);
        json_set(audit, walk.name, is_kept ? json_deep_copy(walk.value) : json_null());
    }
    return audit;
}
