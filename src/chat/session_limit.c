/* SPDX-License-Identifier: Apache-2.0 */
/* What a session may ask for: its messages by visitor and environment, its sign-ins by where it comes from.
 */
#include "base/clock.h"
#include "chat/internal.h"
#include "chat/session.h"

void session_say_limited(struct chat_session *session, struct str id, struct str message,
                         unsigned retry_after_s) {
    json_t *error = frame_new("error", id);
    frame_set_text(error, "code", STR("rate-limited"));
    frame_set_text(error, "message", message);
    frame_set_number(error, "retryAfter", retry_after_s);
    session_send(session, error);
}

static void refuse(struct request *request, const char *what, const struct limit_refusal *refusal) {
    session_say_limited(request->session, request->frame->id,
                        arena_print(request->arena, "%s Try again in %u second%s.", what,
                                    refusal->retry_after_s, refusal->retry_after_s == 1 ? "" : "s"),
                        refusal->retry_after_s);
}

/* ---- messages ---- */

static struct limit_message message_of(const struct environment *environment, struct str visitor,
                                       bool is_verified) {
    return (struct limit_message){
        .environment = environment->id,
        .visitor = visitor,
        .is_verified = is_verified,
        .visitor_per_minute = environment->config.limits.visitor_messages_per_minute,
        .environment_per_minute = environment->config.limits.messages_per_minute,
    };
}

bool session_admit_message(struct request *request, bool is_verified) {
    struct chat_session *session = request->session;
    struct limit_message message =
        message_of(request->environment, kept_text(&session->owner.visitor), is_verified);
    message.source = session->source;
    struct limit_refusal refusal;
    if (limit_message(session->chat->services.limiter, &message, clock_monotonic_us(), &refusal))
        return true;
    bool is_own = refusal.kind == LIMIT_VISITOR || refusal.kind == LIMIT_ADDRESS;
    refuse(request, is_own ? "Too many messages." : "The chat has too many messages to answer right now.",
           &refusal);
    return false;
}

void chat_count_tool(struct chat *chat, const struct environment *environment, struct str visitor,
                     bool is_verified) {
    const struct limit_message message = message_of(environment, visitor, is_verified);
    limit_message_more(chat->services.limiter, &message, 1, clock_monotonic_us());
}

/* ---- sign-ins ---- */

bool session_admit_token(struct request *request, struct str token) {
    struct chat_session *session = request->session;
    const struct chat_services *services = &session->chat->services;
    struct limit_refusal refusal;
    if (limit_may_fail(services->limiter, session->source, clock_monotonic_us(), &refusal) ||
        verifier_remembers(services->verifier, request->environment, token))
        return true;
    limit_refused(services->limiter, &refusal);
    refuse(request, "Too many failed sign-ins.", &refusal);
    return false;
}

void session_count_refused(struct chat_session *session, const struct identity_failure *failure) {
    if (identity_words(failure->detail)->reason == IDENTITY_BAD_SIGNATURE)
        limit_failed(session->chat->services.limiter, session->source, clock_monotonic_us());
}
