/* SPDX-License-Identifier: Apache-2.0 */
/* A turn's life: it begins with a stored message, answers it or passes on who does, and ends whatever becomes
 * of its client. */
#include "chat/turn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "chat/answering.h"
#include "chat/internal.h"

enum {
    FOLLOW_EVERY_MS = 200, /* looking whether another thread has written the answer */
    FOLLOW_ROUNDS_MAX = 900,
    WAITING_MS_MAX =
        15 * 60 * 1000, /* a question that waited longer may be somebody else's than who signs in */
};

/* ---- saying ---- */

void turn_say(struct turn *turn, json_t *frame) {
    if (turn->session != NULL)
        session_send(turn->session, frame);
    else
        json_decref(frame);
}

json_t *turn_done_frame(const struct store_message *answer, struct str in_reply_to) {
    json_t *frame = frame_new("assistant.done", STR_NONE);
    json_t *message = frame_message(answer);
    frame_set_text(frame, "inReplyTo", in_reply_to);
    frame_set_flag(frame, "stopped", json_get_bool(message, "stopped", false));
    if (json_get_bool(message, "failed", false))
        frame_set_flag(frame, "failed", true);
    json_object_set_new(frame, "message", message);
    return frame;
}

json_t *turn_delta_frame(struct str message, size_t offset, struct str text) {
    json_t *frame = frame_new("assistant.delta", STR_NONE);
    frame_set_text(frame, "message", message);
    frame_set_number(frame, "offset", (int64_t)offset);
    frame_set_text(frame, "text", text);
    return frame;
}

json_t *turn_answer_parts(struct str in_reply_to, json_t *tools) {
    json_t *parts = json_object();
    frame_set_text(parts, "inReplyTo", in_reply_to);
    json_object_set(parts, "tools", tools);
    return parts;
}

/* For the last word of a turn: the session is free for the next message before its client hears it. NULL:
 * nobody listens. */
static struct chat_session *free_session(struct turn *turn) {
    if (turn->session != NULL)
        turn->session->turn = NULL;
    return turn->session;
}

void turn_say_done(struct turn *turn, const struct store_message *answer) {
    struct chat_session *session = free_session(turn);
    if (session != NULL)
        session_send_stored(session, turn_done_frame(answer, turn->message.id), answer->position);
}

void turn_say_failed(struct turn *turn) {
    struct chat_session *session = free_session(turn);
    if (session != NULL)
        session_send_error(session, turn->message.client_id, STR("unavailable"),
                           STR("The answer could not be kept. Ask again in a moment."));
}

/* ---- who ---- */

/* By the settings of this moment: a secret that was killed, or a key that was revoked, since the turn began
 * is no proof any more. */
static enum status identify(struct turn *turn, struct chat_session *session, struct verified **verified) {
    struct environment *environment = NULL;
    TRY(environment_find_wait(turn->chat->services.environments, kept_text(&session->key), &environment));
    enum status status = OK;
    if (turn->session != NULL) /* it may have been abandoned while we waited */
        status = session_identity_wait(session, environment, turn->arena, verified);
    environment_unref(environment);
    return status;
}

enum status turn_identity_wait(struct turn *turn, struct verified **verified) {
    struct chat_session *session = turn->session;
    *verified = NULL;
    if (session != NULL) {
        session_ref(session); /* abandoning the turn gives the turn's own reference back */
        enum status status = identify(turn, session, verified);
        session_unref(session);
        TRY(status);
    }
    if (*verified != NULL && str_is_empty(turn->subject)) {
        turn->subject = arena_copy(turn->arena, (*verified)->identity.subject);
        turn->issuer = arena_copy(turn->arena, (*verified)->issuer);
    }
    return OK;
}

enum status turn_wait_for_sign_in_wait(struct turn *turn, struct str why, const struct tool *tool) {
    TRY(store_message_set_state_wait(turn->chat->services.store, turn->arena, turn->environment->id,
                                     turn->conversation, turn->message.position, STORE_WAITING));
    struct chat_session *session = free_session(turn);
    if (session != NULL)
        session_ask_sign_in(session, turn->environment, turn->message.id, turn->message.position, why, tool);
    return DENIED;
}

/* ---- following an answer that is written elsewhere ---- */

enum status turn_find_answer_wait(struct store *store, struct arena *arena, struct str environment,
                                  const struct store_message *message, struct store_message *answer) {
    struct store_messages after;
    TRY(store_message_list_after_wait(store, arena, environment, message->conversation, message->position,
                                      100, &after));
    for (size_t i = 0; i < after.count; i++) {
        json_auto_t *parts = NULL;
        if (after.at[i].role != STORE_ASSISTANT || str_is_empty(after.at[i].parts))
            continue;
        if (json_read(after.at[i].parts, FRAME_DEPTH_MAX, &parts, NULL) == OK &&
            str_equal(json_get_str(parts, "inReplyTo"), message->id)) {
            *answer = after.at[i];
            return OK;
        }
    }
    return NOT_FOUND;
}

/* The answer that another turn has written, perhaps under a sign-in that this one's visitor has no part in:
 * DENIED. */
static enum status find_answer(struct turn *turn, struct store_message *found) {
    struct verified *verified = NULL;
    TRY(turn_find_answer_wait(turn->chat->services.store, turn->arena, turn->environment->id, &turn->message,
                              found));
    TRY(turn_identity_wait(turn, &verified));
    bool may_hear = turn_may_hear(found, verified);
    verified_unref(verified);
    return may_hear ? OK : DENIED;
}

/* Nobody is at it any more: passes on the answer that another turn has written, or writes it where there is
 * none. */
static void take_over(struct turn *turn) {
    struct store_message found;
    enum status status = find_answer(turn, &found);
    if (status == OK)
        turn_say_done(turn, &found);
    else if (status == NOT_FOUND)
        turn_answer_wait(turn);
    else
        turn_say_failed(turn);
}

static void work(void *argument) {
    struct turn *turn = argument;
    struct chat_answering *answering = turn->chat->services.answering;
    turn->fiber = fiber_current();
    if (turn->is_fresh && answering_begin(answering, turn->message.id)) {
        turn_answer_wait(turn);
        answering_end(answering, turn->message.id);
        return;
    }
    for (int i = 0; i < FOLLOW_ROUNDS_MAX; i++) {
        if (answering_begin(answering, turn->message.id)) {
            take_over(turn);
            answering_end(answering, turn->message.id);
            return;
        }
        if (fiber_sleep_wait(FOLLOW_EVERY_MS) != OK)
            break;
    }
    turn_say_failed(turn);
}

/* ---- life ---- */

static void run(void *argument) {
    struct turn *turn = argument;
    work(turn);
    turn->fiber = NULL;
    struct chat_session *session = turn->session;
    if (session == NULL)
        return;
    turn->session = NULL;
    if (session->turn == turn)
        session->turn = NULL;
    session_turn_ended(session);
    session_unref(session);
}

static void finished(void *argument) {
    struct turn *turn = argument;
    struct chat *chat = turn->chat;
    struct turn **at = &chat->turns;
    while (*at != turn)
        at = &(*at)->next;
    *at = turn->next;
    chat->busy--;
    buffer_free(&turn->text);
    json_decref(turn->tools);
    environment_unref(turn->environment);
    arena_free(turn->arena); /* `turn` itself lives in it */
}

static struct store_message copy_message(struct arena *arena, const struct store_message *message) {
    struct store_message copy = *message;
    copy.id = arena_copy(arena, message->id);
    copy.conversation = arena_copy(arena, message->conversation);
    copy.text = arena_copy(arena, message->text);
    copy.client_id = arena_copy(arena, message->client_id);
    copy.subject = copy.issuer = copy.parts = STR_NONE;
    return copy;
}

void turn_begin(struct chat_session *session, struct environment *environment,
                const struct store_message *message, bool is_fresh) {
    struct arena *arena = arena_new();
    arena_wipe_on_free(arena);
    struct turn *turn = ARENA_NEW(arena, struct turn);
    turn->chat = session->chat;
    turn->arena = arena;
    turn->session = session;
    session_ref(session);
    turn->environment = environment;
    environment_ref(environment);
    turn->message = copy_message(arena, message);
    turn->conversation = turn->message.conversation;
    turn->session_id = arena_copy(arena, kept_text(&session->id));
    turn->visitor = arena_copy(arena, kept_text(&session->owner.visitor));
    turn->is_fresh = is_fresh;
    turn->began_us = clock_monotonic_us();
    turn->tools = json_array();
    turn->next = session->chat->turns;
    session->chat->turns = turn;
    session->chat->busy++;
    session->turn = turn;
    fiber_start(run, turn, finished);
}

void turn_stop(struct turn *turn) {
    if (turn->fiber != NULL)
        fiber_cancel(turn->fiber);
}

void turn_abandon(struct turn *turn) {
    struct chat_session *session = turn->session;
    turn->session = NULL;
    session->turn = NULL;
    session_unref(session);
    turn_stop(turn);
}

bool turn_may_answer_waiting(const struct chat_session *session) {
    return session->waiting.len > 0 && session->token.len > 0 && session->turn == NULL && !session->has_left;
}

enum status turn_answer_waiting_wait(struct chat_session *session, struct environment *environment,
                                     struct arena *arena) {
    struct str waiting = arena_copy(arena, kept_text(&session->waiting));
    struct store_messages found;
    TRY(store_message_list_after_wait(session->chat->services.store, arena, environment->id,
                                      arena_copy(arena, kept_text(&session->conversation)),
                                      session->waiting_position - 1, 1, &found));
    session_forget_waiting(session);
    bool is_there = found.count == 1 && str_equal(found.at[0].id, waiting) &&
                    found.at[0].state == STORE_WAITING &&
                    clock_now_ms() - found.at[0].created_at < WAITING_MS_MAX;
    if (is_there)
        turn_begin(session, environment, &found.at[0], false);
    return OK;
}
