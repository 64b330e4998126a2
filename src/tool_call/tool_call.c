/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_call/tool_call.h"

#include "base/clock.h"
#include "base/json.h"
#include "egress/egress.h"
#include "tool_call/answer.h"
#include "tool_call/webhook_signature.h"

enum { PAUSE_BEFORE_SECOND_TRY_MS = 200 };

struct str tool_call_body(struct arena *arena, const struct tool_call *call) {
    json_auto_t *body = json_object();
    json_object_set_new(body, "tool", json_from_str(call->tool->name));
    json_object_set_new(body, "arguments", json_deep_copy(call->arguments->value));
    if (call->user)
        json_object_set_new(body, "user", json_deep_copy(call->user));
    json_object_set_new(body, "conversation", json_from_str(call->conversation_id));
    json_object_set_new(body, "call", json_from_str(call->call_id));
    json_object_set_new(body, "environment", json_from_str(call->environment_id));
    return json_write(arena, body);
}

/* Signed anew at each try: the timestamp is of the sending, the id is the call's own, so that a backend can
 * tell a repetition. */
static enum status send_wait(struct arena *arena, struct egress *egress, const struct tool_call *call,
                             struct str body, struct egress_answer *answer) {
    int64_t now_s = clock_now_s();
    struct str signature = STR_NONE;
    *answer = (struct egress_answer){.problem = EGRESS_BAD_REQUEST};
    TRY(webhook_sign(arena, call->signing_secrets, call->signing_secret_count, call->call_id, now_s, body,
                     &signature));
    const struct egress_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Accept"), STR("application/json, text/plain;q=0.5")},
        {STR("webhook-id"), call->call_id},
        {STR("webhook-timestamp"), arena_print(arena, "%lld", (long long)now_s)},
        {STR("webhook-signature"), signature},
    };
    const struct egress_request request = {
        .method = "POST",
        .url = call->tool->url,
        .headers = headers,
        .header_count = sizeof headers / sizeof *headers,
        .body = body,
        .timeout_ms = (int64_t)call->tool->timeout_s * 1000,
        .max_bytes = TOOL_ANSWER_BYTES_MAX,
        .is_sent_once = true,
    };
    return egress_fetch_wait(egress, &request, arena, answer);
}

/* Nothing of the request can have been read by anybody. */
static bool was_never_sent(const struct egress_answer *answer) {
    return answer->problem == EGRESS_CONNECT_FAILED || answer->problem == EGRESS_NAME_NOT_RESOLVED;
}

static enum tool_outcome_kind kind_of_problem(enum egress_problem problem) {
    switch (problem) {
    case EGRESS_TIMED_OUT:
        return TOOL_OUTCOME_TIMED_OUT;
    case EGRESS_TOO_LARGE:
        return TOOL_OUTCOME_TOO_LARGE;
    case EGRESS_PROTOCOL_ERROR:
        return TOOL_OUTCOME_MALFORMED;
    default:
        return TOOL_OUTCOME_UNREACHABLE;
    }
}

enum status tool_call_wait(struct arena *arena, struct egress *egress, const struct tool_call *call,
                           struct tool_outcome *outcome) {
    struct str body = tool_call_body(arena, call);
    struct egress_answer answer;
    enum status status = send_wait(arena, egress, call, body, &answer);
    if (status != OK && was_never_sent(&answer)) {
        TRY(fiber_sleep_wait(PAUSE_BEFORE_SECOND_TRY_MS));
        status = send_wait(arena, egress, call, body, &answer);
    }
    if (status == CANCELED)
        return CANCELED;
    *outcome = status == OK ? tool_answer_read(arena, answer.status_code, answer.content_type, answer.body)
                            : tool_outcome_of(kind_of_problem(answer.problem), 0);
    return OK;
}
