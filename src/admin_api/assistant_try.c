/* SPDX-License-Identifier: Apache-2.0 */
/* What the rule assistant would answer, and why. Nothing is called. */
#include "assistant/assistant.h"

#include "admin_api/gate.h"
#include "admin_api/routes.h"

/* The snippets that read, as a turn of the chat would have them. */
static size_t read_knowledge(struct arena *arena, const struct environment *environment,
                             struct knowledge_snippet *snippets) {
    size_t count = 0;
    for (size_t i = 0; i < environment->knowledge_count; i++) {
        struct tool_error error;
        json_t *json = NULL;
        if (json_read(environment->knowledge[i].document, JSON_DEPTH_DOCUMENT, &json, NULL) != OK)
            continue;
        if (knowledge_read(arena, json_keep(arena, json), &snippets[count], &error) == OK)
            count++;
    }
    return count;
}

static json_t *candidates_json(const struct assistant_explanation *explanation) {
    json_t *list = json_array();
    for (size_t i = 0; i < explanation->candidate_count; i++) {
        const struct assistant_candidate *candidate = &explanation->candidates[i];
        bool is_tool = candidate->tool != NULL;
        json_t *json = json_object();
        set_text(json, "kind", is_tool ? STR("tool") : STR("knowledge"));
        set_text(json, "id", is_tool ? candidate->tool->name : candidate->knowledge->id);
        set_text(json, "title", is_tool ? candidate->tool->title : candidate->knowledge->title);
        set_optional(json, "trigger", candidate->trigger);
        set_number(json, "score", candidate->score);
        json_array_append_new(list, json);
    }
    return list;
}

static const char *kind_word(const struct assistant_explanation *explanation) {
    if (explanation->tool != NULL)
        return "tool";
    if (explanation->knowledge != NULL)
        return "knowledge";
    return explanation->is_fallback ? "fallback" : "small-talk";
}

static json_t *explanation_json(struct arena *arena, const struct assistant_explanation *explanation,
                                const struct gate_visitor *who) {
    const struct tool *tool = explanation->tool;
    json_t *json = json_object();
    set_text(json, "kind", str_from(kind_word(explanation)));
    set_optional(json, "knowledge", explanation->knowledge != NULL ? explanation->knowledge->id : STR_NONE);
    set_optional(json, "tool", tool != NULL ? tool->name : STR_NONE);
    set_json(json, "arguments", tool != NULL ? explanation->reply.calls[0].arguments : STR_NONE);
    json_object_set_new(json, "gate", tool != NULL ? gate_json(arena, tool, who) : json_null());
    set_optional(json, "text", tool != NULL ? STR_NONE : explanation->reply.text);
    json_object_set_new(json, "candidates", candidates_json(explanation));
    return json;
}

static void explain(struct call *call, const struct environment *environment,
                    const struct gate_visitor *who) {
    struct arena *arena = call->arena;
    struct knowledge_snippet *snippets =
        arena_alloc_array(arena, environment->knowledge_count, sizeof *snippets);
    const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR,
                                              .text = json_get_str(call->body, "text")};
    struct assistant_explanation explanation;
    const struct assistant_request request = {
        .config = &environment->config.assistant,
        .messages = &message,
        .message_count = 1,
        .tools = environment->tools,
        .tool_count = environment->tool_count,
        .knowledge = snippets,
        .knowledge_count = read_knowledge(arena, environment, snippets),
        .user = who->visitor.user,
        .title = environment->product_name,
        .arena = arena,
    };
    assistant_explain(&request, &explanation);
    call_answer(call, 200, explanation_json(arena, &explanation, who));
}

FIBER void assistant_try(struct call *call) {
    enum { TEXT_MAX = 16000, TOKEN_MAX = 65536 };
    static const struct member members[] = {{"text", MEMBER_STRING, true, false, TEXT_MAX},
                                            {"token", MEMBER_STRING, false, true, TOKEN_MAX},
                                            {.name = NULL}};
    struct sign_in_draft opened = {.environment = NULL};
    struct gate_visitor who = {.has_token = false};
    if (!call_read_body(call, members))
        return;
    if (str_is_empty(str_trim(json_get_str(call->body, "text")))) {
        call_problem_at(call, "invalid", STR("/text"), "Write something, as a visitor would.");
        return;
    }
    if (!sign_in_draft_open_wait(call, NULL, STR(""), &opened))
        return;
    if (opened.environment->config.assistant.kind != ASSISTANT_RULES)
        call_problem(
            call, 409, "not-rules",
            "This environment's assistant is a model: what it answers can only be seen in the chat.");
    else if (gate_visitor_wait(call, &opened, json_get_str(call->body, "token"), &who))
        explain(call, opened.environment, &who);
    gate_visitor_release(&who);
    sign_in_draft_close(&opened);
}
