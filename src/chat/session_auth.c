/* SPDX-License-Identifier: Apache-2.0 */
/* The frames by which a session says who its visitor is: auth.upgrade, auth.refresh, auth.logout,
 * auth.decline. */
#include "audit/audit.h"
#include "chat/internal.h"
#include "chat/presence.h"
#include "chat/session.h"
#include "chat/turn.h"
#include "store/conversation.h"
#include "store/visitor.h"

static void refuse(struct request *request, struct str reason, struct str detail, struct str sentence) {
    json_t *frame = frame_new("auth.failed", request->frame->id);
    frame_set_text(frame, "reason", reason);
    frame_set_text(frame, "detail", detail);
    frame_set_text(frame, "message", sentence);
    session_send(request->session, frame);
}

static void refuse_failure(struct request *request, const struct identity_failure *failure) {
    const struct identity_words *words = identity_words(failure->detail);
    refuse(request, str_from(identity_reason_name(words->reason)), str_from(words->detail),
           str_from(identity_visitor_sentence(words->reason)));
}

/* Whoever signed in: what the audit log says of it. A log that cannot be written is a reason not to go on. */
static enum status record(struct request *request, struct str action, struct verified *verified,
                          const struct identity_failure *failure) {
    struct chat_session *session = request->session;
    struct audit_event event = {
        .environment = request->environment->id,
        .action = action,
        .who = {.visitor = kept_text(&session->owner.visitor),
                .session = kept_text(&session->id),
                .conversation = kept_text(&session->conversation)},
        .outcome = verified != NULL ? AUDIT_ALLOWED : AUDIT_REFUSED,
    };
    if (verified != NULL) {
        event.who.subject = verified->identity.subject;
        event.who.issuer = verified->issuer;
        event.who.acting_for = json_object_get(identity_claims(&verified->identity), "act");
        event.who.token = verified->token_id;
    }
    if (failure != NULL) {
        const struct identity_words *words = identity_words(failure->detail);
        event.reason = str_from(identity_reason_name(words->reason));
        event.detail = str_from(words->detail);
    }
    return audit_record_wait(session->chat->services.store, &event);
}

/* The token of this frame, verified. OK gives a reference. DENIED: `failure` says why. INVALID: it is no
 * text, or one too many, which has been answered. */
static enum status verify_frame_token(struct request *request, struct str *token, struct verified **verified,
                                      struct identity_failure *failure) {
    if (request->environment->config.sign_in->enforcement == IDENTITY_OFF) {
        identity_fail(failure, request->arena, IDENTITY_SIGN_IN_OFF, NULL);
        return DENIED;
    }
    if (request_text(request, "token", false, token) == INVALID)
        return INVALID;
    if (str_is_empty(*token)) {
        identity_fail(failure, request->arena, IDENTITY_TOKEN_ABSENT, NULL);
        return DENIED;
    }
    if (!session_admit_token(request, *token))
        return INVALID;
    enum status status = verifier_verify_wait(request->session->chat->services.verifier, request->environment,
                                              *token, request->arena, verified, failure);
    if (status == DENIED)
        session_count_refused(request->session, failure);
    return status;
}

static enum status resolve_visitor(struct request *request, const struct verified *verified,
                                   struct store_visitor *visitor) {
    return store_visitor_resolve_wait(request->session->chat->services.store, request->arena,
                                      request->environment->id, verified->issuer, verified->identity.subject,
                                      visitor);
}

/* ---- auth.upgrade ---- */

/* What becomes of the conversation when `visitor` signs in. */
static enum status adopt_conversation(struct request *request, struct str visitor, bool *is_carried,
                                      bool *is_switched) {
    struct chat_session *session = request->session;
    *is_carried = false;
    *is_switched = false;
    if (session->owner.is_verified && str_equal(kept_text(&session->owner.visitor), visitor))
        return OK;
    if (session->owner.is_verified) {
        session_forget_identity(session);
        *is_switched = true;
    } else if (session->conversation.len > 0) {
        enum status status = NOT_FOUND;
        if (request->environment->config.sign_in->carry_anonymous_conversation)
            status = store_conversation_move_wait(session->chat->services.store, request->arena,
                                                  request->environment->id, kept_text(&session->conversation),
                                                  kept_text(&session->owner.visitor), visitor);
        if (status != OK && status != NOT_FOUND)
            return status;
        *is_carried = status == OK;
        if (status == NOT_FOUND)
            session_leave_conversation(session);
    }
    kept_set(&session->owner.visitor, visitor);
    session->owner.is_verified = true;
    return OK;
}

static void send_upgraded(struct request *request, const struct verified *verified, bool is_carried,
                          bool is_switched) {
    struct chat_session *session = request->session;
    json_t *user = json_object();
    frame_set_text(user, "sub", verified->identity.subject);
    if (!str_is_empty(verified->identity.name))
        frame_set_text(user, "name", verified->identity.name);
    if (!str_is_empty(verified->identity.email))
        frame_set_text(user, "email", verified->identity.email);
    json_t *frame = frame_new("auth.upgraded", request->frame->id);
    json_object_set_new(frame, "user", user);
    frame_set_number(frame, "expiresAt", verified->identity.expires_at);
    json_object_set_new(frame, "conversation",
                        session->conversation.len > 0 ? json_from_str(kept_text(&session->conversation))
                                                      : json_null());
    frame_set_flag(frame, "carried", is_carried);
    frame_set_flag(frame, "switched", is_switched);
    session_send(session, frame);
}

/* A failed sign-in leaves an anonymous session: what somebody was signed in as before must not be used by who
 * failed now. */
static enum status fail_upgrade(struct request *request, const struct identity_failure *failure) {
    session_forget_identity(request->session);
    request->session->why_unsigned = (uint8_t)failure->detail;
    refuse_failure(request, failure);
    return record(request, AUDIT_IDENTIFY, NULL, failure);
}

static enum status upgrade(struct request *request, struct str token, struct verified *verified) {
    struct chat_session *session = request->session;
    struct store_visitor visitor;
    bool is_carried;
    bool is_switched;
    TRY(resolve_visitor(request, verified, &visitor));
    TRY(adopt_conversation(request, visitor.id, &is_carried, &is_switched));
    TRY(record(request, AUDIT_IDENTIFY, verified, NULL));
    kept_set(&session->token, token);
    session->why_unsigned = IDENTITY_TOKEN_ABSENT;
    presence_sign_in(session, request->environment, verified, visitor.id);
    if (is_carried) /* resumable by this visitor alone from now on */
        session_announce(session, STR_NONE);
    send_upgraded(request, verified, is_carried, is_switched);
    return OK;
}

enum status handle_auth_upgrade_wait(struct request *request) {
    struct identity_failure failure = {.explanation = STR_NONE};
    struct verified *verified = NULL;
    struct str token;
    enum status status = verify_frame_token(request, &token, &verified, &failure);
    if (status == DENIED)
        return fail_upgrade(request, &failure);
    if (status == INVALID) { /* has been answered */
        session_forget_identity(request->session);
        return OK;
    }
    TRY(status);
    status = upgrade(request, token, verified);
    verified_unref(verified);
    return status;
}

/* ---- auth.refresh ---- */

static enum status refresh(struct request *request, struct str token, struct verified *verified) {
    struct chat_session *session = request->session;
    struct store_visitor visitor;
    TRY(resolve_visitor(request, verified, &visitor));
    if (!session->owner.is_verified || !str_equal(kept_text(&session->owner.visitor), visitor.id)) {
        refuse(request, STR("bad-claim"), STR("subject-changed"),
               str_from(identity_visitor_sentence(IDENTITY_BAD_CLAIM)));
        return OK;
    }
    bool was_signed_in = session->token.len > 0;
    kept_set(&session->token, token);
    presence_sign_in(session, request->environment, verified, visitor.id);
    json_t *frame = frame_new("auth.refreshed", request->frame->id);
    frame_set_number(frame, "expiresAt", verified->identity.expires_at);
    session_send(session, frame);
    return was_signed_in ? OK
                         : record(request, AUDIT_IDENTIFY, verified, NULL); /* after its end: a sign-in */
}

enum status handle_auth_refresh_wait(struct request *request) {
    struct identity_failure failure = {.explanation = STR_NONE};
    struct verified *verified = NULL;
    struct str token;
    enum status status = verify_frame_token(request, &token, &verified, &failure);
    if (status == DENIED) {
        refuse_failure(request, &failure);
        return OK;
    }
    if (status != OK)
        return status == INVALID ? OK : status;
    status = refresh(request, token, verified);
    verified_unref(verified);
    return status;
}

/* ---- auth.logout, auth.decline ---- */

/* Whose token it was, for the audit log. */
static enum status record_logout(struct request *request, struct str token) {
    struct verified *verified = NULL;
    struct identity_failure failure = {.explanation = STR_NONE};
    enum status status = verifier_verify_wait(request->session->chat->services.verifier, request->environment,
                                              token, request->arena, &verified, &failure);
    if (status == OK)
        status = record(request, AUDIT_LOGOUT, verified, NULL);
    verified_unref(verified);
    return status;
}

enum status handle_auth_logout_wait(struct request *request) {
    struct chat_session *session = request->session;
    struct str token = arena_copy(request->arena, kept_text(&session->token));
    kept_clear(&session->token); /* before anything is waited for: an answer being written is nobody's now */
    if (session->turn != NULL)
        turn_abandon(session->turn);
    enum status status = token.len > 0 ? record_logout(request, token) : OK;
    if (status == CANCELED)
        return status; /* any other trouble of the log must not keep a visitor signed in */
    session_leave_conversation(session);
    presence_end(session);
    session->why_unsigned = IDENTITY_TOKEN_ABSENT;
    kept_clear(&session->owner.visitor);
    session->owner.is_verified = false;
    session_send(session, frame_new("auth.loggedOut", request->frame->id));
    return OK;
}

enum status handle_auth_decline_wait(struct request *request) {
    struct chat_session *session = request->session;
    struct str message;
    if (request_text(request, "message", true, &message) != OK)
        return OK;
    bool is_it = session->waiting.len > 0 && str_equal(message, kept_text(&session->waiting));
    if (is_it) {
        TRY(store_message_set_state_wait(session->chat->services.store, request->arena,
                                         request->environment->id, kept_text(&session->conversation),
                                         session->waiting_position, STORE_FAILED));
        session_forget_waiting(session);
    }
    session_send(session, frame_new("auth.declined", request->frame->id));
    return OK;
}
