/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/tool.h"

#include "admin_api/named_document.h"
#include "admin_api/routes.h"
#include "admin_api/tool_view.h"

static const struct document_kind tools = {
    .kind = STORE_TOOL,
    .collection = "tools",
    .parameter = "name",
    .noun = "tool",
    .put_wait = admin_tool_put_wait,
};

FIBER void tool_list(struct call *call) {
    named_document_list(call, &tools);
}

FIBER void tool_create(struct call *call) {
    named_document_create(call, &tools);
}

FIBER void tool_read_one(struct call *call) {
    named_document_read(call, &tools);
}

FIBER void tool_replace(struct call *call) {
    named_document_replace(call, &tools);
}

FIBER void tool_delete(struct call *call) {
    named_document_delete(call, &tools);
}

/* ---- a draft ---- */

json_t *tool_view_json(const struct tool *tool) {
    json_t *json = json_object();
    set_text(json, "name", tool->name);
    set_text(json, "description", tool->description);
    json_object_set(json, "parameters", (json_t *)(uintptr_t)tool->model_view);
    return json;
}

struct advice {
    bool (*applies)(const struct tool *tool);
    const char *code, *message;
};

static bool is_plain_http(const struct tool *tool) {
    return str_starts_with(tool->url, STR("http://"));
}

static bool is_open_to_all(const struct tool *tool) {
    return tool->access == TOOL_PUBLIC;
}

static bool has_no_description(const struct tool *tool) {
    return str_is_empty(tool->description);
}

static bool has_no_triggers(const struct tool *tool) {
    return tool->triggers.count == 0;
}

static bool takes_user_from_model(const struct tool *tool) {
    return tool->access == TOOL_SIGN_IN && tool->binding_count == 0 &&
           json_object_size(json_object_get(tool->parameters_json, "properties")) > 0;
}

static const struct advice advices[] = {
    {is_plain_http, "url-not-secure",
     "The URL begins with http: what the tool is told about the visitor can be read on the way."},
    {is_open_to_all, "open-to-all", "Anybody may have this called, signed in or not."},
    {has_no_description, "description-missing", "A model chooses tools by their description: write one."},
    {has_no_triggers, "triggers-missing",
     "The rule assistant chooses tools by trigger phrases: without one it never calls this."},
    {takes_user_from_model, "nothing-bound",
     "No parameter is bound to a claim: if one of them says whose data it is, bind it, so that no prompt can "
     "ask for somebody else's."},
};

static json_t *advice_for(const struct tool *tool) {
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (advices[i].applies(tool))
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "code", advices[i].code, "message", advices[i].message));
    }
    return list;
}

FIBER void tool_check(struct call *call) {
    static const struct member members[] = {{"document", MEMBER_OBJECT, true, false, 0}, {.name = NULL}};
    struct tool *tool = NULL;
    struct tool_error problem = {STR_NONE, STR_NONE};
    if (!call_read_body(call, members))
        return;
    enum status status = tool_read(call->arena, json_object_get(call->body, "document"), &tool, &problem);
    json_t *problems = json_array();
    if (status != OK) {
        json_t *one = json_object();
        set_text(one, "pointer", problem.pointer);
        set_text(one, "detail", problem.sentence);
        json_array_append_new(problems, one);
    }
    json_t *json = json_object();
    set_bool(json, "isValid", status == OK);
    json_object_set_new(json, "problems", problems);
    json_object_set_new(json, "modelSees", status == OK ? tool_view_json(tool) : json_null());
    json_object_set_new(json, "warnings", status == OK ? advice_for(tool) : json_array());
    if (status == OK)
        json = json_deep_copy(json_keep(call->arena, json)); /* the view is the tool's, which goes now */
    tool_free(tool);
    call_answer(call, 200, json);
}
