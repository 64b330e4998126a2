/* SPDX-License-Identifier: Apache-2.0 */
/* The frames by which a visitor talks, stops an answer, comes back to a conversation or leaves it. */
#include "base/digest.h"
#include "base/random.h"
#include "chat/internal.h"
#include "chat/presence.h"
#include "chat/session.h"
#include "chat/turn.h"
#include "store/conversation.h"
#include "store/visitor.h"

enum { TITLE_CHARACTERS = 80, RESUMED_MESSAGES_MAX = 200, SEQ_SHIFT = 20 };

/* ---- message.send ---- */

static struct str clip(struct str text, size_t characters) {
    size_t seen = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool begins = ((unsigned char)text.at[i] & 0xC0U) != 0x80U;
        if (text.at[i] == '\n' || (begins && seen++ == characters))
            return str_slice(text, 0, i);
    }
    return text;
}

/* A message after a token that was refused is nobody's, and must not look as if nobody had claimed to be
 * anybody. */
static struct str refusal_of(const struct request *request) {
    const struct identity_words *words = identity_words((enum identity_detail)request->session->why_unsigned);
    if (words->reason == IDENTITY_MISSING_TOKEN ||
        request->environment->config.sign_in->enforcement == IDENTITY_OFF)
        return STR_NONE;
    json_auto_t *parts = json_object();
    frame_set_text(parts, "refused", str_from(identity_reason_name(words->reason)));
    return json_write(request->arena, parts);
}

static struct store_message_draft draft_of(const struct request *request, struct str text,
                                           const struct verified *verified) {
    struct store_message_draft draft = {
        .role = STORE_VISITOR, .text = text, .state = STORE_ACCEPTED, .client_id = request->frame->id};
    if (verified != NULL) {
        draft.subject = verified->identity.subject;
        draft.issuer = verified->issuer;
    } else {
        draft.parts = refusal_of(request);
    }
    return draft;
}

/* The first message makes the conversation and, for an anonymous visitor who is new, the visitor. */
static enum status begin_conversation(struct request *request, const struct store_message_draft *draft,
                                      struct store_message *message) {
    struct chat_session *session = request->session;
    if (session->owner.is_verified &&
        str_is_empty(draft->subject)) { /* their sign-in has ended: nothing new in their name */
        kept_clear(&session->owner.visitor);
        session->owner.is_verified = false;
    }
    bool is_new_visitor = session->owner.visitor.len == 0;
    struct str resume_key = is_new_visitor ? random_secret(request->arena, STR("rk_")) : STR_NONE;
    const struct store_conversation_draft conversation = {
        .visitor = arena_copy(request->arena, kept_text(&session->owner.visitor)),
        .resume_hash = is_new_visitor ? digest_sha256_hex(request->arena, resume_key) : STR_NONE,
        .title = clip(draft->text, TITLE_CHARACTERS),
        .first = draft,
    };
    struct store_begun begun;
    enum status status = store_conversation_begin_wait(session->chat->services.store, request->arena,
                                                       request->environment->id, &conversation, &begun);
    if (status == NOT_FOUND && !is_new_visitor && str_is_empty(draft->subject)) {
        kept_clear(&session->owner.visitor); /* erased meanwhile: whoever writes now is somebody new */
        return begin_conversation(request, draft, message);
    }
    TRY(status);
    if (is_new_visitor) {
        kept_set(&session->owner.visitor, begun.visitor.id);
        session->owner.is_verified = false;
    }
    kept_set(&session->conversation, begun.conversation.id);
    session->seq = 0; /* it rises within a conversation; this is another one */
    session_announce(session, resume_key);
    presence_note_title(session->chat, request->environment, begun.conversation.id, conversation.title);
    *message = begun.message;
    return OK;
}

static void refuse_unknown(struct request *request) {
    session_send_error(request->session, request->frame->id, STR("conversation-not-found"),
                       STR("There is no such conversation for this visitor."));
}

/* A message that was sent before, on a connection that was lost: goes on where it stood. */
static enum status continue_message(struct request *request, const struct store_message *message,
                                    const struct verified *verified) {
    struct chat_session *session = request->session;
    struct store_message answer;
    if (message->state == STORE_FAILED)
        return OK; /* the visitor has declined to sign in for it */
    if (message->state == STORE_WAITING) {
        kept_set(&session->waiting, message->id);
        session->waiting_position = message->position;
        if (session->token.len == 0)
            session_ask_sign_in(session, request->environment, message->id, message->position,
                                STR("sign-in-required"), NULL);
        return OK;
    }
    enum status status = turn_find_answer_wait(session->chat->services.store, request->arena,
                                               request->environment->id, message, &answer);
    if (status == OK && !turn_may_hear(&answer, verified))
        refuse_unknown(request);
    else if (status == OK)
        session_send_stored(session, turn_done_frame(&answer, message->id), answer.position);
    else if (status == NOT_FOUND && session->turn == NULL)
        turn_begin(session, request->environment, message, false);
    return status == NOT_FOUND ? OK : status;
}

/* To the conversation, as far as it still is this visitor's: in another window it may have become that of who
 * signed in there. Then this one begins a new one. */
static enum status append(struct request *request, struct store_message_draft draft,
                          struct store_message *message, bool *is_duplicate) {
    struct chat_session *session = request->session;
    draft.visitor = arena_copy(request->arena, kept_text(&session->owner.visitor));
    enum status status = store_message_append_wait(
        session->chat->services.store, request->arena, request->environment->id,
        arena_copy(request->arena, kept_text(&session->conversation)), &draft, message, is_duplicate);
    if (status != NOT_FOUND)
        return status;
    session_leave_conversation(session);
    draft.visitor = STR_NONE;
    *is_duplicate = false;
    return begin_conversation(request, &draft, message);
}

static enum status store_and_answer(struct request *request, struct str text, struct verified *verified) {
    struct chat_session *session = request->session;
    const struct store_message_draft draft = draft_of(request, text, verified);
    enum status status = answer_at_once_wait(request, &draft, verified);
    if (status != NOT_FOUND)
        return status;
    struct store_message message;
    bool is_duplicate = false;
    if (session->conversation.len == 0)
        TRY(begin_conversation(request, &draft, &message));
    else
        TRY(append(request, draft, &message, &is_duplicate));
    if (is_duplicate && !turn_may_hear(&message, verified)) { /* whoever said it must sign in again first */
        refuse_unknown(request);
        return OK;
    }
    if (!is_duplicate)
        session_count_message(request, verified);
    session_accept(request, &message, is_duplicate);
    if (is_duplicate)
        return continue_message(request, &message, verified);
    turn_begin(session, request->environment, &message, true);
    return OK;
}

enum status handle_message_send_wait(struct request *request) {
    struct chat_session *session = request->session;
    struct str id = request->frame->id;
    struct str text;
    if (request_text(request, "text", false, &text) == INVALID)
        return OK;
    if (str_is_empty(str_trim(text))) {
        session_send_error(session, id, STR("text-missing"), STR("A message has a text."));
        return OK;
    }
    unsigned most = request->environment->config.limits.message_characters;
    if (frame_characters(text) > most) {
        session_send_error(session, id, STR("text-too-long"),
                           arena_print(request->arena, "A message has %u characters at most.", most));
        return OK;
    }
    if (session->turn != NULL && !str_equal(session->turn->message.client_id, id)) {
        session_send_error(session, id, STR("busy"),
                           STR("The answer before is still being written. Send this again after it."));
        return OK;
    }
    struct verified *verified = NULL;
    TRY(session_identity_wait(session, request->environment, request->arena, &verified));
    enum status status = OK;
    if (session_admit_message(request, verified != NULL))
        status = store_and_answer(request, text, verified);
    verified_unref(verified);
    return status;
}

enum status handle_message_stop_wait(struct request *request) {
    if (request->session->turn != NULL)
        turn_stop(request->session->turn);
    session_send(request->session, frame_new("message.stopped", request->frame->id));
    return OK;
}

/* ---- conversation.start, conversation.resume ---- */

/* What a conversation.resume names. */
struct wanted {
    struct str conversation;
    struct str resume_key; /* may be empty */
    int64_t last_seq;
};

/* INVALID has been answered. */
static enum status read_wanted(struct request *request, struct wanted *wanted) {
    if (request_text(request, "conversation", true, &wanted->conversation) != OK ||
        request_text(request, "resumeKey", false, &wanted->resume_key) == INVALID)
        return INVALID;
    const json_t *last_seq = json_object_get(request->frame->json, "lastSeq");
    wanted->last_seq = json_integer_value(last_seq);
    if (last_seq == NULL || (json_is_integer(last_seq) && wanted->last_seq >= 0))
        return OK;
    request_refuse_member(request, "lastSeq", "must be a number, 0 or more");
    return INVALID;
}

enum status handle_conversation_start_wait(struct request *request) {
    session_leave_conversation(request->session);
    session_send(request->session, frame_new("conversation.left", request->frame->id));
    return OK;
}

/* Whose the conversation must be: the verified visitor who is signed in on this session, or the anonymous one
 * who has the key. */
static enum status find_owner(struct request *request, struct str resume_key, struct str *visitor,
                              bool *is_verified) {
    struct chat_session *session = request->session;
    struct verified *verified = NULL;
    TRY(session_identity_wait(session, request->environment, request->arena, &verified));
    *is_verified = verified != NULL;
    verified_unref(verified);
    if (*is_verified) {
        *visitor = arena_copy(request->arena, kept_text(&session->owner.visitor));
        return OK;
    }
    if (str_is_empty(resume_key))
        return NOT_FOUND;
    struct store_visitor found;
    TRY(store_visitor_find_anonymous_wait(session->chat->services.store, request->arena,
                                          request->environment->id,
                                          digest_sha256_hex(request->arena, resume_key), &found));
    *visitor = found.id;
    return OK;
}

/* An anonymous conversation that a visitor comes back to after having signed in elsewhere becomes theirs by
 * auth.upgrade only, so a signed-in session that names one is told that it is not there. */
static enum status find_conversation(struct request *request, const struct wanted *wanted,
                                     struct store_conversation *conversation, struct str *visitor,
                                     bool *is_verified) {
    TRY(find_owner(request, wanted->resume_key, visitor, is_verified));
    return store_conversation_find_wait(request->session->chat->services.store, request->arena,
                                        request->environment->id, wanted->conversation, *visitor,
                                        conversation);
}

/* What was seen, as far as this conversation can have said it. */
static int64_t seen_of(const struct wanted *wanted, const struct store_conversation *conversation) {
    int64_t most = ((conversation->last_position + 1) << SEQ_SHIFT) - 1;
    return wanted->last_seq > most ? most : wanted->last_seq;
}

static const struct store_message *find_state(const struct store_messages *messages,
                                              enum store_message_state state) {
    for (size_t i = messages->count; i > 0; i--) {
        if (messages->at[i - 1].role == STORE_VISITOR && messages->at[i - 1].state == state)
            return &messages->at[i - 1];
    }
    return NULL;
}

static void send_resumed(struct request *request, const struct store_messages *messages, int64_t after,
                         const struct store_message *waiting) {
    json_t *list = json_array();
    int64_t last = after;
    for (size_t i = 0; i < messages->count; i++) {
        last = messages->at[i].position;
        if (messages->at[i].position > after && messages->at[i].role != STORE_TOOL_RESULT)
            json_array_append_new(list, frame_message(&messages->at[i]));
    }
    json_t *frame = frame_new("conversation.resumed", request->frame->id);
    frame_set_text(frame, "conversation", kept_text(&request->session->conversation));
    json_object_set_new(frame, "messages", list);
    json_object_set_new(frame, "waiting", waiting != NULL ? json_from_str(waiting->id) : json_null());
    session_send_stored(request->session, frame, last);
}

/* In another window it may have become that of who signed in there, since it was looked up. */
static bool holds_verified(const struct store_messages *messages) {
    for (size_t i = 0; i < messages->count; i++) {
        if (!str_is_empty(messages->at[i].subject))
            return true;
    }
    return false;
}

/* The latest messages are looked at whatever was seen of them: one may still be without its answer, or wait
 * for a sign-in. */
static enum status resume(struct request *request, const struct store_conversation *conversation,
                          int64_t last_seq) {
    struct chat_session *session = request->session;
    struct store_messages messages;
    TRY(store_message_list_latest_wait(session->chat->services.store, request->arena,
                                       request->environment->id, conversation->id, 0, RESUMED_MESSAGES_MAX,
                                       &messages));
    if (!session->owner.is_verified && holds_verified(&messages))
        return NOT_FOUND;
    const struct store_message *waiting = find_state(&messages, STORE_WAITING);
    const struct store_message *unanswered = find_state(&messages, STORE_ACCEPTED);
    session->seq = last_seq > session->seq ? last_seq : session->seq;
    if (waiting != NULL) {
        kept_set(&session->waiting, waiting->id);
        session->waiting_position = waiting->position;
    }
    send_resumed(request, &messages, last_seq >> SEQ_SHIFT, waiting);
    if (unanswered != NULL && session->turn == NULL)
        turn_begin(session, request->environment, unanswered, false);
    return OK;
}

enum status handle_conversation_resume_wait(struct request *request) {
    struct chat_session *session = request->session;
    struct store_conversation conversation;
    struct str visitor;
    struct wanted wanted;
    bool is_verified = false;
    if (read_wanted(request, &wanted) != OK)
        return OK;
    enum status status = find_conversation(request, &wanted, &conversation, &visitor, &is_verified);
    if (status == NOT_FOUND) {
        refuse_unknown(request);
        return OK;
    }
    TRY(status);
    if (!str_equal(kept_text(&session->conversation), conversation.id)) {
        session_leave_conversation(session);
        session->seq = 0;
    }
    kept_set(&session->owner.visitor, visitor);
    session->owner.is_verified = is_verified;
    kept_set(&session->conversation, conversation.id);
    status = resume(request, &conversation, seen_of(&wanted, &conversation));
    if (status != NOT_FOUND)
        return status;
    session_leave_conversation(session);
    refuse_unknown(request);
    return OK;
}
