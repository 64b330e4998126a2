/* SPDX-License-Identifier: Apache-2.0 */
/* A tool tried by an administrator, as the visitor of a token: what the gate says, what would be sent, and,
 * if wanted, what comes of it. */
#include "assistant/assistant.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/random.h"
#include "tool_call/tool_call.h"

#include "admin_api/gate.h"
#include "admin_api/routes.h"
#include "admin_api/token_verdict.h"
#include "admin_api/tool_view.h"

struct try {
    struct call *call;
    struct sign_in_draft opened;
    struct tool *draft; /* to be freed; NULL where a saved one is tried */
    const struct tool *tool;
    struct gate_visitor who;
    json_t *given; /* the arguments as they were given */
    struct tool_refusal refusal;
    struct tool_arguments arguments;
    bool is_bound; /* the arguments stand: it could be called */
    bool is_run;
    struct tool_outcome outcome;
    int64_t duration_us;
};

/* ---- what is tried ---- */

static bool read_draft(struct try *try, const json_t *draft) {
    struct call *call = try->call;
    struct tool_error problem = {STR_NONE, STR_NONE};
    if (tool_read(call->arena, draft, &try->draft, &problem) != OK)
        return call_problem_at(call, "invalid",
                               arena_join(call->arena, 2, (struct str[]){STR("/draft"), problem.pointer}),
                               "%.*s", STR_ARG(problem.sentence));
    try->tool = try->draft;
    return true;
}

static bool find_tool(struct try *try) {
    struct call *call = try->call;
    const json_t *draft = json_get_object(call->body, "draft");
    const struct environment *environment = try->opened.environment;
    if (draft != NULL)
        return read_draft(try, draft);
    for (size_t i = 0; i < environment->tool_count; i++) {
        if (str_equal(environment->tools[i]->name, call_parameter(call, "name")))
            try->tool = environment->tools[i];
    }
    return try->tool != NULL || call_not_found(call);
}

/* ---- the call ---- */

static struct tool_call call_of(const struct try *try, struct str call_id) {
    const struct environment *environment = try->opened.environment;
    return (struct tool_call){.tool = try->tool,
                              .call_id = call_id,
                              .conversation_id = STR(""),
                              .environment_id = environment->id,
                              .arguments = &try->arguments,
                              .user = try->who.visitor.user,
                              .signing_secrets = environment->tool_signing.at,
                              .signing_secret_count = environment->tool_signing.count};
}

/* Says who tried it, and never in whose name: that visitor did nothing. */
static FIBER bool audit_wait(struct try *try) {
    struct call *call = try->call;
    json_auto_t *parameters = tool_arguments_for_audit(try->tool, &try->arguments);
    bool is_fine = try->outcome.kind == TOOL_OUTCOME_OK;
    const struct audit_event event = {
        .environment = call->environment.id,
        .action = STR("tool.try"),
        .tool = try->tool->name,
        .parameters = parameters,
        .outcome = is_fine ? AUDIT_ALLOWED : AUDIT_FAILED,
        .reason = is_fine ? STR_NONE : str_from(tool_outcome_name(try->outcome.kind)),
        .duration_us = try->duration_us,
    };
    struct store_audit row = audit_row(call->arena, &event);
    row.actor = call->admin.actor;
    enum status status = store_audit_append_wait(call->api->store, call->arena, &row);
    return status == OK ? true : call_refuse(call, status, STR(""));
}

static FIBER bool run_wait(struct try *try, struct str call_id) {
    struct call *call = try->call;
    if (call->api->egress == NULL)
        return call_not_here(call);
    if (try->opened.environment->tool_signing.count == 0)
        return call_problem(call, 409, "tool-signing-missing",
                            "Calls to tools are signed, and this environment has no secret for that yet: "
                            "generate one of the purpose tool-signing.");
    struct tool_call tool_call = call_of(try, call_id);
    int64_t began = clock_monotonic_us();
    enum status status = tool_call_wait(call->arena, call->api->egress, &tool_call, &try->outcome);
    if (status != OK && status != CANCELED)
        return call_refuse(call, status, STR(""));
    if (status == CANCELED) /* it may have run all the same: the log must know of it */
        try->outcome = (struct tool_outcome){.kind = TOOL_OUTCOME_TIMED_OUT};
    try->duration_us = clock_monotonic_us() - began;
    try->is_run = true;
    fiber_shield();
    bool is_recorded = audit_wait(try);
    fiber_unshield();
    return is_recorded && (status == OK || call_refuse(call, status, STR("")));
}

/* ---- the answer ---- */

static const struct tool_binding *binding_of(const struct tool *tool, struct str parameter) {
    for (size_t i = 0; i < tool->binding_count; i++) {
        if (str_equal(tool->bindings[i].parameter, parameter))
            return &tool->bindings[i];
    }
    return NULL;
}

static json_t *argument_json(const struct try *try, struct str name, json_t *value) {
    const struct tool_binding *binding = binding_of(try->tool, name);
    json_t *given = binding != NULL ? json_member(try->given, name) : NULL;
    json_t *json = json_object();
    set_text(json, "name", name);
    json_object_set(json, "value", value);
    set_text(json, "source", binding != NULL ? STR("claim") : STR("given"));
    set_optional(json, "claim", binding != NULL ? binding->claim : STR_NONE);
    json_object_set(json, "dropped", given != NULL ? given : json_null());
    return json;
}

static json_t *arguments_json(const struct try *try) {
    json_t *list = json_array();
    struct json_walk walk = {0};
    const json_t *arguments = try->arguments.value != NULL ? try->arguments.value : try->given;
    while (json_walk_next(arguments, &walk))
        json_array_append_new(list, argument_json(try, walk.name, walk.value));
    return list;
}

static json_t *arguments_problem_json(const struct try *try) {
    if (try->is_bound || try->refusal.reason == TOOL_ALLOWED)
        return json_null();
    bool is_pointer = try->refusal.reason == TOOL_ARGUMENTS_INVALID;
    json_t *json = json_object();
    set_text(json, "reason", str_from(tool_refusal_name(try->refusal.reason)));
    json_object_set_new(json, "pointer", is_pointer ? json_from_str(try->refusal.detail) : json_null());
    set_text(json, "sentence", try->refusal.sentence);
    return json;
}

static json_t *request_json(const struct try *try, struct str call_id) {
    static const char *const headers[][2] = {{"Content-Type", "application/json"},
                                             {"Accept", "application/json, text/plain;q=0.5"}};
    if (!try->is_bound)
        return json_null();
    struct tool_call tool_call = call_of(try, call_id);
    json_t *list = json_array();
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", headers[i][0], "value", headers[i][1]));
    json_array_append_new(list,
                          json_pack("{s:s, s:o}", "name", "webhook-id", "value", json_from_str(call_id)));
    set_text(json, "method", STR("POST"));
    set_text(json, "url", try->tool->url);
    json_object_set_new(json, "headers", list);
    set_json(json, "body", tool_call_body(try->call->arena, &tool_call));
    return json;
}

/* What the rule assistant would say with it. */
static struct str shown(const struct try *try) {
    const struct assistant_call asked = {STR("call"), try->tool->name, STR("{}")};
    const struct assistant_message messages[] = {
        {.role = ASSISTANT_ROLE_ASSISTANT, .text = STR(""), .calls = &asked, .call_count = 1},
        {.role = ASSISTANT_ROLE_TOOL,
         .text = STR(""),
         .call_id = asked.id,
         .tool = try->tool,
         .outcome = &try->outcome}};
    struct environment_assistant config = try->opened.environment->config.assistant;
    struct assistant_reply reply;
    config.kind = ASSISTANT_RULES;
    const struct assistant_request request = {.config = &config,
                                              .messages = messages,
                                              .message_count = 2,
                                              .user = try->who.visitor.user,
                                              .arena = try->call->arena};
    return assistant_answer_at_once(&request, &reply) ? reply.text : STR_NONE;
}

static json_t *answer_json(const struct try *try) {
    const struct tool_outcome *outcome = &try->outcome;
    if (!try->is_run)
        return json_null();
    json_t *json = json_object();
    set_text(json, "outcome", str_from(tool_outcome_name(outcome->kind)));
    json_object_set_new(json, "status",
                        outcome->http_status != 0 ? json_integer(outcome->http_status) : json_null());
    json_object_set(json, "result",
                    outcome->result != NULL ? (json_t *)(uintptr_t)outcome->result : json_null());
    set_text(json, "text", outcome->text);
    set_optional(json, "sentence", outcome->sentence);
    set_optional(json, "shown", shown(try));
    return json;
}

static json_t *try_json(const struct try *try, struct str call_id) {
    const json_t *user = try->who.visitor.user;
    json_t *json = json_object();
    json_object_set_new(json, "verdict", gate_verdict_json(&try->who));
    json_object_set(json, "user", user != NULL ? (json_t *)(uintptr_t)user : json_null());
    json_object_set_new(json, "permissions", gate_permissions_json(&try->who));
    json_object_set_new(json, "gate", gate_json(try->call->arena, try->tool, &try->who));
    json_object_set_new(json, "arguments", arguments_json(try));
    json_object_set_new(json, "argumentsProblem", arguments_problem_json(try));
    json_object_set_new(json, "modelSees", tool_view_json(try->tool));
    json_object_set_new(json, "request", request_json(try, call_id));
    json_object_set_new(json, "answer", answer_json(try));
    json_object_set_new(json, "durationMs",
                        try->is_run ? json_real((double)try->duration_us / 1000.0) : json_null());
    json_t *copy = json_deep_copy(json); /* of what ends with the tool and the environment */
    json_decref(json);
    return copy;
}

/* ---- the order of things: as in a turn of the chat ---- */

static FIBER bool go_wait(struct try *try, struct str call_id) {
    struct call *call = try->call;
    struct arena *arena = call->arena;
    if (!find_tool(try) ||
        !gate_visitor_wait(call, &try->opened, json_get_str(call->body, "token"), &try->who))
        return false;
    if (tool_gate(arena, try->tool, &try->who.visitor, &try->refusal) != OK) {
        try->refusal.reason = TOOL_ALLOWED; /* it is the gate's, and told as such */
        return true;
    }
    struct str text = json_write(arena, try->given);
    try->is_bound =
        tool_arguments_bind(arena, try->tool, text, &try->who.visitor, &try->arguments, &try->refusal) == OK;
    return !try->is_bound || !json_get_bool(call->body, "run", false) || run_wait(try, call_id);
}

FIBER void tool_try(struct call *call) {
    enum { TOKEN_MAX = 65536 };
    static const struct member members[] = {{"token", MEMBER_STRING, false, true, TOKEN_MAX},
                                            {"arguments", MEMBER_OBJECT, false, false, 0},
                                            {"run", MEMBER_BOOLEAN, false, false, 0},
                                            {"draft", MEMBER_OBJECT, false, true, 0},
                                            {.name = NULL}};
    struct try try = {.call = call};
    if (!call_read_body(call, members))
        return;
    json_t *given = json_object_get(call->body, "arguments");
    try.given = given != NULL ? given : json_keep(call->arena, json_object());
    if (!sign_in_draft_open_wait(call, NULL, STR(""), &try.opened))
        return;
    struct str call_id = id_new(call->arena, STR("call"));
    if (go_wait(&try, call_id))
        call_answer(call, 200, try_json(&try, call_id));
    gate_visitor_release(&try.who);
    tool_free(try.draft);
    sign_in_draft_close(&try.opened);
}
