/* SPDX-License-Identifier: Apache-2.0 */
/* One tool call of a turn. The assistant has proposed it; whether it may be made is decided here, by who the
 * visitor is proven to be at this moment, and everything that comes of it is in the audit log. */
#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "chat/internal.h"
#include "chat/turn.h"
#include "tool_call/tool_call.h"

/* One call on its way through the gate. */
struct passage {
    struct turn *turn;
    const struct tool *tool;
    struct str call_id;        /* what the client knows it by */
    struct verified *verified; /* NULL: anonymous */
    struct tool_visitor visitor;
    struct tool_arguments arguments;
    struct tool_refusal refusal;
    int64_t began_us;
};

static const struct tool *find_tool(const struct environment *environment, struct str name) {
    for (size_t i = 0; i < environment->tool_count; i++) {
        if (str_equal(environment->tools[i]->name, name))
            return environment->tools[i];
    }
    return NULL;
}

/* ---- telling ---- */

static json_t *tool_frame(const struct passage *passage, const char *type) {
    json_t *named = json_object();
    frame_set_text(named, "name", passage->tool->name);
    frame_set_text(named, "title", passage->tool->title);
    json_t *frame = frame_new(type, STR_NONE);
    frame_set_text(frame, "call", passage->call_id);
    frame_set_text(frame, "message", passage->turn->message.id);
    json_object_set_new(frame, "tool", named);
    return frame;
}

static const char *outcome_word(enum tool_outcome_kind kind) {
    return kind == TOOL_OUTCOME_OK ? "ok" : kind == TOOL_OUTCOME_REFUSED ? "refused" : "failed";
}

static void tell_finished(const struct passage *passage, enum tool_outcome_kind kind) {
    struct chat_metrics *metrics = &passage->turn->chat->metrics;
    uint64_t *count = kind == TOOL_OUTCOME_OK        ? &metrics->tools_ok
                      : kind == TOOL_OUTCOME_REFUSED ? &metrics->tools_refused
                                                     : &metrics->tools_failed;
    (*count)++;
    json_t *frame = tool_frame(passage, "tool.finished");
    json_object_set_new(frame, "outcome", json_string(outcome_word(kind)));
    turn_say(passage->turn, frame);
    json_t *used = json_object();
    frame_set_text(used, "name", passage->tool->name);
    frame_set_text(used, "title", passage->tool->title);
    json_object_set_new(used, "outcome", json_string(outcome_word(kind)));
    json_array_append_new(passage->turn->tools, used);
}

/* ---- the log ---- */

static void count(const struct passage *passage, enum tool_outcome_kind kind) {
    statistics_count_tool(passage->turn->environment->counters,
                          kind == TOOL_OUTCOME_REFUSED ? STATISTICS_TOOL_REFUSED
                          : kind == TOOL_OUTCOME_OK    ? STATISTICS_TOOL_ALLOWED
                                                       : STATISTICS_TOOL_FAILED);
}

static enum status record(const struct passage *passage, const struct tool_outcome *outcome) {
    const struct turn *turn = passage->turn;
    count(passage, outcome->kind);
    struct verified *verified = passage->verified;
    bool is_refused = outcome->kind == TOOL_OUTCOME_REFUSED;
    json_auto_t *parameters = passage->arguments.value != NULL
                                  ? tool_arguments_for_audit(passage->tool, &passage->arguments)
                                  : NULL;
    struct audit_event event = {
        .environment = turn->environment->id,
        .action = AUDIT_TOOL_CALL,
        .who = {.visitor = turn->visitor, .session = turn->session_id, .conversation = turn->conversation},
        .tool = passage->tool->name,
        .parameters = parameters,
        .outcome = is_refused                         ? AUDIT_REFUSED
                   : outcome->kind == TOOL_OUTCOME_OK ? AUDIT_ALLOWED
                                                      : AUDIT_FAILED,
        .duration_us = clock_monotonic_us() - passage->began_us,
    };
    if (is_refused) {
        event.reason = str_from(tool_refusal_name(outcome->refusal.reason));
        event.detail = outcome->refusal.detail;
    } else if (outcome->kind != TOOL_OUTCOME_OK) {
        event.reason = str_from(tool_outcome_name(outcome->kind));
        event.detail =
            outcome->http_status != 0 ? arena_print(turn->arena, "http-%d", outcome->http_status) : STR_NONE;
    }
    if (verified != NULL) {
        event.who.subject = verified->identity.subject;
        event.who.issuer = verified->issuer;
        event.who.acting_for = json_object_get(identity_claims(&verified->identity), "act");
        event.who.token = verified->token_id;
    }
    return audit_record_wait(turn->chat->services.store, &event);
}

/* ---- the passage ---- */

static enum status identify(struct passage *passage) {
    TRY(turn_identity_wait(passage->turn, &passage->verified));
    if (passage->verified != NULL) {
        struct identity *identity = &passage->verified->identity;
        passage->visitor =
            (struct tool_visitor){.user = identity_user(identity),
                                  .permissions = {identity->permissions, identity->permission_count}};
    }
    return OK;
}

/* The gate, then the arguments. DENIED: `passage->refusal` says why. */
static enum status check(struct passage *passage, struct str arguments) {
    TRY(tool_gate(passage->turn->arena, passage->tool, &passage->visitor, &passage->refusal));
    return tool_arguments_bind(passage->turn->arena, passage->tool, arguments, &passage->visitor,
                               &passage->arguments, &passage->refusal);
}

static enum status call(struct passage *passage, struct tool_outcome *outcome) {
    struct turn *turn = passage->turn;
    const struct tool_call call = {
        .tool = passage->tool,
        .call_id = id_new(turn->arena, STR("call")),
        .conversation_id = turn->conversation,
        .environment_id = turn->environment->id,
        .arguments = &passage->arguments,
        .user = passage->visitor.user,
        .signing_secrets = turn->environment->tool_signing.at,
        .signing_secret_count = turn->environment->tool_signing.count,
    };
    turn_say(turn, tool_frame(passage, "tool.started"));
    environment_note_use(turn->environment, turn->environment->tool_signing_use, clock_now_ms());
    chat_count_tool(turn->chat, turn->environment, turn->visitor, passage->verified != NULL);
    enum status status = tool_call_wait(turn->arena, turn->chat->services.egress, &call, outcome);
    if (status == CANCELED) /* it may have run all the same: the log must know of it */
        *outcome =
            (struct tool_outcome){.kind = TOOL_OUTCOME_TIMED_OUT, .sentence = STR("Stopped by the visitor.")};
    fiber_shield();
    enum status recorded = record(passage, outcome);
    fiber_unshield();
    tell_finished(passage, outcome->kind);
    return status != OK ? status : recorded;
}

static enum status pass(struct passage *passage, struct str arguments, struct tool_outcome *outcome) {
    TRY(identify(passage));
    enum status status = check(passage, arguments);
    if (status == OK)
        return call(passage, outcome);
    if (status != DENIED)
        return status;
    *outcome = tool_outcome_refused(&passage->refusal);
    TRY(record(passage, outcome));
    if (passage->refusal.reason == TOOL_SIGN_IN_REQUIRED)
        return turn_wait_for_sign_in_wait(passage->turn, STR("sign-in-required"), passage->tool);
    tell_finished(passage, outcome->kind);
    return OK;
}

enum status turn_call_tool_wait(struct turn *turn, const struct assistant_call *wanted,
                                const struct tool **tool, struct tool_outcome *outcome) {
    *tool = find_tool(turn->environment, wanted->name);
    if (*tool == NULL) {
        const struct tool_refusal unknown = {
            .reason = TOOL_UNKNOWN,
            .sentence = STR("There is no tool of this name. Use only those that are offered.")};
        *outcome = tool_outcome_refused(&unknown);
        return OK;
    }
    struct passage passage = {
        .turn = turn,
        .tool = *tool,
        .call_id = arena_print(turn->arena, "call_%zu", json_array_size(turn->tools) + 1),
        .began_us = clock_monotonic_us(),
    };
    enum status status = pass(&passage, wanted->arguments, outcome);
    verified_unref(passage.verified);
    return status;
}
