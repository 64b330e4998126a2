/* SPDX-License-Identifier: Apache-2.0 */
/* A tool's document, a line feed, what a model sends as arguments. Whatever stands there: a bound parameter
 * is not in the model's view of the properties, and gets the claim's value and no other. */
#include "base/json.h"
#include "tool/tool.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *arena, const struct tool *tool, struct str text) {
    json_t *user = json_keep(arena, json_object());
    json_set(user, STR("sub"), json_string("ada"));
    for (size_t i = 0; i < tool->binding_count; i++) {
        if (json_member(json_get_object(tool->model_view, "properties"), tool->bindings[i].parameter))
            abort();
        json_set(user, tool->bindings[i].claim, json_string("claimed"));
    }
    const struct tool_visitor ada = {user, tool->permissions};
    const struct tool_visitor nobody = {NULL, {NULL, 0}};
    struct tool_refusal refusal;
    struct tool_arguments arguments;
    if (tool->access != TOOL_PUBLIC && tool_gate(arena, tool, &nobody, &refusal) != DENIED)
        abort();
    if (tool->binding_count > 0 &&
        tool_arguments_bind(arena, tool, text, &nobody, &arguments, &refusal) != DENIED)
        abort();
    if (tool_arguments_bind(arena, tool, text, &ada, &arguments, &refusal) != OK) {
        if (refusal.sentence.len == 0)
            abort();
        return;
    }
    for (size_t i = 0; i < tool->binding_count; i++) {
        const json_t *bound = json_member(arguments.value, tool->bindings[i].parameter);
        if (!json_equal(bound, json_member(user, tool->bindings[i].claim)))
            abort();
    }
    json_decref(tool_arguments_for_audit(tool, &arguments));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str document = STR("");
    json_t *json = NULL;
    if (!str_cut(&rest, '\n', &document) || json_read(document, JSON_DEPTH_DOCUMENT, &json, NULL) != OK)
        return 0;
    AUTO_ARENA arena = arena_new();
    struct tool *tool = NULL;
    struct tool_error error = {STR_NONE, STR_NONE};
    if (tool_read(arena, json, &tool, &error) == OK)
        use(arena, tool, rest.at ? rest : STR(""));
    else if (error.sentence.len == 0)
        abort();
    tool_free(tool);
    json_decref(json);
    return 0;
}
