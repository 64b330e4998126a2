/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/people.h"

#include "base/clock.h"

int64_t session_open_since(void) {
    return clock_now_ms() - SESSION_SILENT_MS;
}

static void set_kind(json_t *json, const char *name, struct str subject) {
    set_text(json, name, str_is_empty(subject) ? STR("anonymous") : STR("verified"));
}

json_t *visitor_json(const struct store_visitor_seen *seen) {
    json_t *json = json_object();
    set_text(json, "id", seen->visitor.id);
    set_kind(json, "kind", seen->visitor.subject);
    set_optional(json, "issuer", seen->visitor.issuer);
    set_optional(json, "subject", seen->visitor.subject);
    set_optional(json, "name", seen->name);
    set_optional(json, "email", seen->email);
    set_time(json, "firstSeenAt", seen->visitor.created_at);
    set_time(json, "lastSeenAt", seen->seen_at);
    set_time(json, "revokedAt", seen->revoked_at);
    return json;
}

json_t *conversation_json(const struct store_conversation_seen *seen) {
    json_t *json = json_object();
    set_text(json, "id", seen->conversation.id);
    set_text(json, "title", seen->conversation.title);
    set_text(json, "visitor", seen->conversation.visitor);
    set_kind(json, "visitorKind", seen->subject);
    set_optional(json, "visitorSubject", seen->subject);
    set_optional(json, "visitorName", seen->name);
    set_optional(json, "visitorEmail", seen->email);
    set_number(json, "messageCount", seen->conversation.last_position);
    set_time(json, "createdAt", seen->conversation.created_at);
    set_time(json, "updatedAt", seen->conversation.updated_at);
    return json;
}

/* The tools in a message's parts, as {"name", "title", "outcome"}. */
static json_t *tools_of(const json_t *parts) {
    json_t *tools = json_array();
    const json_t *used = json_get_array(parts, "tools");
    for (size_t i = 0; i < json_array_size(used); i++) {
        const json_t *tool = json_array_get(used, i);
        json_t *one = json_object();
        set_text(one, "name", json_get_str(tool, "name"));
        set_text(one, "title", json_get_str(tool, "title"));
        set_text(one, "outcome", json_get_str(tool, "outcome"));
        json_array_append_new(tools, one);
    }
    return tools;
}

json_t *message_json(const struct store_message *message) {
    static const struct str roles[] = {[STORE_VISITOR] = STR_STATIC("visitor"),
                                       [STORE_ASSISTANT] = STR_STATIC("assistant"),
                                       [STORE_TOOL_RESULT] = STR_STATIC("tool-result")};
    static const struct str states[] = {[STORE_ACCEPTED] = STR_STATIC("accepted"),
                                        [STORE_WAITING] = STR_STATIC("waiting"),
                                        [STORE_ANSWERED] = STR_STATIC("answered"),
                                        [STORE_FAILED] = STR_STATIC("failed")};
    json_auto_t *parts = NULL;
    if (str_is_empty(message->parts) || json_read(message->parts, JSON_DEPTH_DOCUMENT, &parts, NULL) != OK)
        parts = NULL;
    json_t *json = json_object();
    set_text(json, "id", message->id);
    set_number(json, "position", message->position);
    set_text(json, "role", roles[message->role]);
    set_text(json, "text", message->text);
    set_optional(json, "subject", message->subject);
    set_optional(json, "issuer", message->issuer);
    set_text(json, "state", states[message->state]);
    set_optional(json, "refused", json_get_str(parts, "refused"));
    json_object_set_new(json, "tools", tools_of(parts));
    set_bool(json, "stopped", json_get_bool(parts, "stopped", false));
    set_bool(json, "failed", json_get_bool(parts, "failed", false));
    set_time(json, "createdAt", message->created_at);
    return json;
}

json_t *session_json(const struct store_session *session) {
    /* One that its server has not closed, and has not told of since, has ended with that server. */
    int64_t ended_at = session->ended_at == 0 && session->seen_at < session_open_since() ? session->seen_at
                                                                                         : session->ended_at;
    json_t *json = json_object();
    set_text(json, "id", session->id);
    set_text(json, "visitor", session->visitor);
    set_optional(json, "subject", session->subject);
    set_optional(json, "visitorName", session->name);
    set_text(json, "issuer", session->issuer);
    set_text(json, "token", session->token);
    set_text(json, "client", session->client);
    set_time(json, "startedAt", session->started_at);
    set_time(json, "lastSeenAt", session->seen_at);
    set_time(json, "endedAt", ended_at);
    set_time(json, "revokedAt", session->revoked_at);
    set_text(json, "state",
             session->revoked_at != 0 ? STR("revoked")
             : ended_at != 0          ? STR("ended")
                                      : STR("open"));
    return json;
}

json_t *audit_json(const struct store_audit *audit) {
    json_t *json = json_object();
    set_text(json, "id", audit->id);
    set_time(json, "at", audit->at);
    set_optional(json, "environment", audit->environment);
    set_text(json, "action", audit->action);
    set_optional(json, "actor", audit->actor);
    set_optional(json, "visitor", audit->visitor);
    set_optional(json, "subject", audit->subject);
    set_optional(json, "issuer", audit->issuer);
    set_json(json, "actingFor", audit->acting_for);
    set_optional(json, "session", audit->session);
    set_optional(json, "conversation", audit->conversation);
    set_optional(json, "tool", audit->tool);
    set_json(json, "parameters", audit->parameters);
    set_json(json, "values", audit->values);
    set_optional(json, "token", audit->token);
    set_optional(json, "target", audit->target);
    set_text(json, "outcome", audit->outcome);
    set_optional(json, "reason", audit->reason);
    set_optional(json, "detail", audit->detail);
    json_object_set_new(json, "durationMs",
                        audit->duration_us == 0 ? json_null()
                                                : json_real((double)audit->duration_us / 1000.0));
    set_json(json, "before", audit->before);
    set_json(json, "after", audit->after);
    return json;
}

bool people_find_visitor_wait(struct call *call, struct store_visitor_seen *visitor) {
    enum status status = store_visitor_seen_find_wait(call->api->store, call->arena, call->environment.id,
                                                      call_parameter(call, "visitor"), visitor);
    return status == OK || call_refuse(call, status, STR_NONE);
}

bool people_is_listed(struct call *call, enum status status) {
    if (status == OK)
        return true;
    if (status == INVALID)
        return call_problem(call, 400, "cursor-invalid",
                            "`cursor` is not what a page of this list gave as `next`. Begin without it.");
    return call_refuse(call, status, STR_NONE);
}
