/* SPDX-License-Identifier: Apache-2.0 */
/* A session's life: frames in, in order; frames out, numbered. */
#include "chat/session.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "chat/internal.h"
#include "chat/presence.h"
#include "chat/turn.h"

#include <string.h>

enum {
    SEQ_BITS = 20, /* docs/protocol.md: a stored message's frame has at least position × 2²⁰ */
    QUEUED_FRAMES_BYTES = 256 * 1024,
    TYPE_SHOWN = 32, /* bytes of what a client calls its frame, in the log */
};

struct queued_frame {
    struct queued_frame *next;
    size_t len;
    char text[];
};

/* ---- text that is kept ---- */

void kept_clear(struct kept *kept) {
    mem_wipe(kept->at, kept->len);
    mem_free(kept->at);
    *kept = (struct kept){NULL, 0};
}

void kept_set(struct kept *kept, struct str text) {
    char *copy = NULL;
    if (text.len > 0) {
        copy = mem_alloc(text.len);
        memcpy(copy, text.at, text.len); /* first: `text` may be what is kept now */
    }
    kept_clear(kept);
    *kept = (struct kept){copy, text.len};
}

/* ---- life ---- */

struct chat_session *chat_session_new(struct chat *chat, struct str key, const struct chat_output *output) {
    AUTO_ARENA arena = arena_new();
    struct chat_session *session = mem_alloc_zero(sizeof *session);
    session->chat = chat;
    session->references = 1;
    session->output = *output;
    kept_set(&session->key, key);
    kept_set(&session->id, id_new(arena, STR("ses")));
    chat->metrics.sessions++;
    return session;
}

void session_ref(struct chat_session *session) {
    session->references++;
}

static void drop_queue(struct chat_session *session) {
    while (session->first != NULL) {
        struct queued_frame *next = session->first->next;
        mem_wipe(session->first->text, session->first->len); /* it may hold a token */
        mem_free(session->first);
        session->first = next;
    }
    session->last = NULL;
    session->queued_bytes = 0;
}

void session_unref(struct chat_session *session) {
    if (--session->references > 0)
        return;
    drop_queue(session);
    kept_clear(&session->key);
    kept_clear(&session->id);
    kept_clear(&session->token);
    kept_clear(&session->owner.visitor);
    kept_clear(&session->conversation);
    kept_clear(&session->waiting);
    session->chat->metrics.sessions--;
    mem_free(session);
}

void chat_session_set_source(struct chat_session *session, struct limit_source source) {
    session->source = source;
}

void chat_session_set_client(struct chat_session *session, struct str user_agent) {
    session->client = client_kind_of(user_agent);
    session->is_lasting = true;
}

void chat_session_start(struct chat_session *session) {
    json_t *frame = frame_new("session.started", STR_NONE);
    frame_set_text(frame, "session", kept_text(&session->id));
    frame_set_number(frame, "protocol", 1);
    session_send(session, frame);
}

void chat_session_leave(struct chat_session *session) {
    session->has_left = true;
    presence_end(session);
    drop_queue(session);
    session_unref(session);
}

/* ---- sending ---- */

static void send_numbered(struct chat_session *session, json_t *frame, int64_t at_least) {
    session->seq = session->seq + 1 > at_least ? session->seq + 1 : at_least;
    frame_set_number(frame, "seq", session->seq);
    if (!session->has_left) {
        AUTO_ARENA arena = arena_new();
        session->output.send(session->output.to, json_get_str(frame, "type"), json_write(arena, frame));
    }
    json_decref(frame);
}

void session_send(struct chat_session *session, json_t *frame) {
    send_numbered(session, frame, 1);
}

void session_send_stored(struct chat_session *session, json_t *frame, int64_t position) {
    send_numbered(session, frame, position << SEQ_BITS);
}

void session_send_error(struct chat_session *session, struct str id, struct str code, struct str message) {
    json_t *frame = frame_new("error", id);
    frame_set_text(frame, "code", code);
    frame_set_text(frame, "message", message);
    session_send(session, frame);
}

void request_refuse_member(struct request *request, const char *name, const char *rule) {
    session_send_error(request->session, request->frame->id, STR("malformed-frame"),
                       arena_print(request->arena, "`%s` %s.", name, rule));
}

enum status request_text(struct request *request, const char *name, bool is_needed, struct str *text) {
    enum status status = frame_text(request->frame, name, text);
    if (status == INVALID || (status == NOT_FOUND && is_needed))
        request_refuse_member(request, name, "must be text");
    return status;
}

void session_announce(struct chat_session *session, struct str resume_key) {
    json_t *frame = frame_new("sdk.session.created", STR_NONE);
    frame_set_text(frame, "visitor", kept_text(&session->owner.visitor));
    frame_set_text(frame, "conversation", kept_text(&session->conversation));
    frame_set_flag(frame, "anonymous", !session->owner.is_verified);
    if (!str_is_empty(resume_key))
        frame_set_text(frame, "resumeKey", resume_key);
    session_send(session, frame);
}

/* ---- where a session stands ---- */

void session_forget_waiting(struct chat_session *session) {
    kept_clear(&session->waiting);
    session->waiting_position = 0;
}

void session_leave_conversation(struct chat_session *session) {
    if (session->turn != NULL)
        turn_abandon(session->turn);
    kept_clear(&session->conversation);
    session_forget_waiting(session);
}

void session_forget_identity(struct chat_session *session) {
    kept_clear(&session->token);
    presence_end(session);
    if (!session->owner.is_verified)
        return;
    session_leave_conversation(session);
    kept_clear(&session->owner.visitor);
    session->owner.is_verified = false;
}

void session_ask_sign_in(struct chat_session *session, const struct environment *environment,
                         struct str message, int64_t position, struct str why, const struct tool *tool) {
    kept_set(&session->waiting, message);
    session->waiting_position = position;
    session->chat->metrics.sign_ins_asked++;
    json_t *frame = frame_new("auth.required", STR_NONE);
    frame_set_text(frame, "message", message);
    frame_set_text(frame, "why", why);
    if (tool != NULL) {
        json_t *named = json_object();
        frame_set_text(named, "name", tool->name);
        frame_set_text(named, "title", tool->title);
        json_object_set_new(frame, "tool", named);
    }
    json_t *ways = json_array();
    json_array_append_new(ways, json_pack("{s:s}", "kind", "page"));
    struct str url = environment->config.sign_in->sign_in_url;
    if (!str_is_empty(url))
        json_array_append_new(ways, json_pack("{s:s,s:s%}", "kind", "popup", "url", url.at, url.len));
    json_object_set_new(frame, "ways", ways);
    frame_set_text(frame, "text", str_from(identity_visitor_sentence(IDENTITY_MISSING_TOKEN)));
    session_send(session, frame);
}

static void tell_expired(struct chat_session *session, const struct identity_failure *failure) {
    const struct identity_words *words = identity_words(failure->detail);
    json_t *frame = frame_new("auth.expired", STR_NONE);
    frame_set_text(frame, "reason", str_from(identity_reason_name(words->reason)));
    frame_set_text(frame, "detail", str_from(words->detail));
    frame_set_text(frame, "message", str_from(identity_visitor_sentence(words->reason)));
    session_send(session, frame);
}

enum status session_identity_wait(struct chat_session *session, const struct environment *environment,
                                  struct arena *arena, struct verified **verified) {
    *verified = NULL;
    if (session->token.len == 0)
        return OK;
    struct identity_failure failure = {.explanation = STR_NONE};
    struct str token =
        arena_copy(arena, kept_text(&session->token)); /* the session's may change while we wait */
    enum status status =
        verifier_verify_wait(session->chat->services.verifier, environment, token, arena, verified, &failure);
    if (status != DENIED)
        return status;
    if (str_equal(token, kept_text(&session->token))) {
        kept_clear(&session->token);
        presence_end(session);
        session->why_unsigned = (uint8_t)failure.detail;
        tell_expired(session, &failure);
    }
    return OK;
}

/* ---- receiving ---- */

static const struct {
    const char *type;
    enum status (*handle_wait)(struct request *request);
} handlers[] = {
    {"auth.upgrade", handle_auth_upgrade_wait},
    {"auth.refresh", handle_auth_refresh_wait},
    {"auth.logout", handle_auth_logout_wait},
    {"auth.decline", handle_auth_decline_wait},
    {"message.send", handle_message_send_wait},
    {"message.stop", handle_message_stop_wait},
    {"conversation.resume", handle_conversation_resume_wait},
    {"conversation.start", handle_conversation_start_wait},
};

static enum status dispatch(struct request *request) {
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (str_equal(request->frame->type, str_from(handlers[i].type)))
            return handlers[i].handle_wait(request);
    }
    session_send_error(request->session, request->frame->id, STR("unknown-type"),
                       STR("This server does not know frames of this type."));
    return OK;
}

/* The environment is looked up for every frame: a change of its settings holds at once, and with its key's
 * end the session ends. */
static enum status handle_with_environment(struct request *request) {
    struct chat_session *session = request->session;
    enum status status = environment_find_wait(session->chat->services.environments, kept_text(&session->key),
                                               &request->environment);
    if (status == OK) {
        status = dispatch(request);
        environment_unref(request->environment);
    } else if (status == NOT_FOUND) {
        session_send_error(session, request->frame->id, STR("environment-gone"),
                           STR("This chat is not available any more."));
        return status;
    }
    if (status == OK || status == CANCELED)
        return status;
    log_event(LOG_ERROR, "frame-not-served", LOG_STR("session", kept_text(&session->id)),
              LOG_STR("type", str_slice(request->frame->type, 0, TYPE_SHOWN)),
              LOG_STR("why", str_from(status_name(status))));
    session_send_error(session, request->frame->id, STR("unavailable"),
                       STR("The chat cannot do this right now. Try again in a moment."));
    return status;
}

/* Frames by which somebody else than before is said to be there, or nobody. One that is not served leaves
 * nobody signed in: who talks next must not be taken for who was there before. */
static bool replaces_visitor(const struct frame *frame) {
    return str_equal(frame->type, STR("auth.upgrade")) || str_equal(frame->type, STR("auth.logout"));
}

static void handle_frame(struct chat_session *session, struct str text) {
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    struct frame frame;
    struct str code;
    struct str message;
    struct request request = {
        .session = session, .frame = &frame, .arena = arena, .began_us = clock_monotonic_us()};
    enum status status = frame_read(text, &frame, &code, &message);
    if (status == OK)
        status = handle_with_environment(&request);
    else
        session_send_error(session, frame.id, code, message);
    if (status != OK && replaces_visitor(&frame))
        session_forget_identity(session);
    json_decref(frame.json);
}

/* Whoever is signed in by now may have a question waiting. */
static void answer_waiting(struct chat_session *session) {
    if (!turn_may_answer_waiting(session))
        return;
    AUTO_ARENA arena = arena_new();
    struct environment *environment = NULL;
    enum status status =
        environment_find_wait(session->chat->services.environments, kept_text(&session->key), &environment);
    if (status == OK) {
        status = turn_answer_waiting_wait(session, environment, arena);
        environment_unref(environment);
    }
    if (status != OK && status != CANCELED && status != NOT_FOUND)
        log_event(LOG_WARNING, "waiting-not-answered", LOG_STR("session", kept_text(&session->id)),
                  LOG_STR("why", str_from(status_name(status))));
}

/* Tells the client where its visitor's token does not hold any more. */
static void recheck(struct chat_session *session) {
    bool is_asked = session->is_to_recheck;
    session->is_to_recheck = false;
    if (!is_asked || session->has_left)
        return;
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    struct environment *environment = NULL;
    struct verified *verified = NULL;
    if (environment_find_wait(session->chat->services.environments, kept_text(&session->key), &environment) !=
        OK)
        return; /* it is looked at with the next frame */
    if (session_identity_wait(session, environment, arena, &verified) == OK)
        verified_unref(verified);
    environment_unref(environment);
}

static void handle_oldest(struct chat_session *session) {
    struct queued_frame *frame = session->first;
    session->first = frame->next;
    if (session->first == NULL)
        session->last = NULL;
    session->queued_bytes -= sizeof *frame + frame->len;
    handle_frame(session, str_of(frame->text, frame->len));
    mem_wipe(frame->text, frame->len);
    mem_free(frame);
}

/* Nothing but this begins an answer or says who is there, one thing after the other: so none of them need
 * think of what another has begun and not finished. */
static void work(void *argument) {
    struct chat_session *session = argument;
    answer_waiting(session);
    while (session->is_to_recheck || session->first != NULL) {
        recheck(session);
        if (session->first != NULL)
            handle_oldest(session);
        answer_waiting(session);
    }
    if (session->is_overrun)
        session_forget_identity(session);
    session->is_overrun = false;
    session->is_working = false;
}

static void worked(void *argument) {
    struct chat_session *session = argument;
    session->chat->busy--;
    session_unref(session);
}

static void begin_work(struct chat_session *session) {
    session->is_working = true;
    session_ref(session);
    session->chat->busy++;
    fiber_start(work, session, worked);
}

void session_recheck(struct chat_session *session) {
    session->is_to_recheck = session->token.len > 0;
    if (session->is_to_recheck && !session->is_working && fiber_has_room())
        begin_work(session);
}

void session_turn_ended(struct chat_session *session) {
    if (!session->is_working && turn_may_answer_waiting(session))
        begin_work(session);
}

/* A frame that there is no room for. Where it would have said that somebody else is there, no later one is
 * taken before that has come about. */
void chat_session_refuse(struct chat_session *session, struct str text, unsigned retry_after_s) {
    struct frame frame;
    struct str code;
    struct str message;
    enum status status = frame_read(text, &frame, &code, &message);
    (void)status; /* what can be read of it is enough */
    if (replaces_visitor(&frame)) {
        if (session->is_working)
            session->is_overrun = true;
        else
            session_forget_identity(session);
    }
    session_say_limited(session, frame.id,
                        STR("Too much is going on. This frame was left out; send it again in a moment."),
                        retry_after_s);
    json_decref(frame.json);
}

void chat_session_receive(struct chat_session *session, struct str text) {
    size_t size = sizeof(struct queued_frame) + text.len;
    bool is_full = session->queued_bytes + size > QUEUED_FRAMES_BYTES;
    if (is_full || session->is_overrun || (!session->is_working && !fiber_has_room())) {
        chat_session_refuse(session, text, 1);
        return;
    }
    struct queued_frame *frame = mem_alloc(size);
    *frame = (struct queued_frame){.next = NULL, .len = text.len};
    memcpy(frame->text, text.at, text.len);
    *(session->last != NULL ? &session->last->next : &session->first) = frame;
    session->last = frame;
    session->queued_bytes += size;
    if (!session->is_working)
        begin_work(session);
}
