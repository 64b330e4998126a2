/* SPDX-License-Identifier: Apache-2.0 */
/* A turn, from the stored question to the stored answer: verify, load, ask the assistant, gate and call
 * tools, stream, store. */
#include "chat/turn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "chat/answering.h"
#include "chat/internal.h"

enum {
    HISTORY_MAX = 40,      /* messages that the assistant is told */
    ROUNDS_MAX = 6,        /* times that it may ask for tools */
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

static enum status say_delta_wait(void *argument, struct str text) {
    struct turn *turn = argument;
    json_t *frame = frame_new("assistant.delta", STR_NONE);
    frame_set_text(frame, "message", turn->message.id);
    frame_set_number(frame, "offset", (int64_t)turn->text_utf16);
    frame_set_text(frame, "text", text);
    turn_say(turn, frame);
    buffer_append(&turn->text, text);
    turn->text_utf16 += frame_utf16_length(text);
    return fiber_is_canceled() ? CANCELED : OK;
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

/* For the last word of a turn: the session is free for the next message before its client hears it. NULL:
 * nobody listens. */
static struct chat_session *free_session(struct turn *turn) {
    if (turn->session != NULL)
        turn->session->turn = NULL;
    return turn->session;
}

static void say_done(struct turn *turn, const struct store_message *answer) {
    struct chat_session *session = free_session(turn);
    if (session != NULL)
        session_send_stored(session, turn_done_frame(answer, turn->message.id), answer->position);
}

static void say_failed(struct turn *turn) {
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

/* ---- what the assistant is told ---- */

struct dialogue {
    struct assistant_message *messages;
    size_t count;
};

enum { DIALOGUE_MAX = HISTORY_MAX + 1 + ROUNDS_MAX * (1 + ASSISTANT_CALLS_MAX) };

bool turn_may_hear(const struct store_message *message, const struct verified *verified) {
    if (str_is_empty(message->subject))
        return true;
    return verified != NULL && str_equal(message->subject, verified->identity.subject) &&
           str_equal(message->issuer, verified->issuer);
}

static enum status load_dialogue(struct turn *turn, const struct verified *verified,
                                 struct dialogue *dialogue) {
    struct store_messages before;
    TRY(store_message_list_latest_wait(turn->chat->services.store, turn->arena, turn->environment->id,
                                       turn->conversation, 0, HISTORY_MAX, &before));
    dialogue->messages = arena_alloc_array(turn->arena, DIALOGUE_MAX, sizeof *dialogue->messages);
    for (size_t i = 0; i < before.count; i++) {
        const struct store_message *message = &before.at[i];
        bool is_told = message->role != STORE_TOOL_RESULT && message->state == STORE_ANSWERED &&
                       !str_equal(message->id, turn->message.id) && turn_may_hear(message, verified);
        if (is_told)
            dialogue->messages[dialogue->count++] = (struct assistant_message){
                .role = message->role == STORE_VISITOR ? ASSISTANT_ROLE_VISITOR : ASSISTANT_ROLE_ASSISTANT,
                .text = message->text,
            };
    }
    dialogue->messages[dialogue->count++] =
        (struct assistant_message){.role = ASSISTANT_ROLE_VISITOR, .text = turn->message.text};
    return OK;
}

/* ---- asking and calling ---- */

static enum status ask(struct turn *turn, const struct dialogue *dialogue, const struct verified *verified,
                       struct assistant_reply *reply) {
    const struct chat_knowledge *knowledge = chat_knowledge_of(turn->environment);
    const struct assistant_request request = {
        .config = &turn->environment->config.assistant,
        .messages = dialogue->messages,
        .message_count = dialogue->count,
        .tools = turn->environment->tools,
        .tool_count = turn->environment->tool_count,
        .knowledge = knowledge->snippets,
        .knowledge_count = knowledge->count,
        .user = verified != NULL ? verified->identity.user : NULL,
        .title = json_get_str(turn->environment->config.appearance, "title"),
        .api_key = turn->environment->api_key,
        .egress = turn->chat->services.egress,
        .arena = turn->arena,
        .sink = {say_delta_wait, turn},
    };
    return assistant_ask_wait(&request, reply);
}

/* Calls what the assistant asked for, and adds both to the dialogue. */
static enum status call_tools(struct turn *turn, const struct assistant_reply *reply,
                              struct dialogue *dialogue) {
    dialogue->messages[dialogue->count++] = (struct assistant_message){.role = ASSISTANT_ROLE_ASSISTANT,
                                                                       .text = reply->text,
                                                                       .calls = reply->calls,
                                                                       .call_count = reply->call_count};
    for (size_t i = 0; i < reply->call_count; i++) {
        struct tool_outcome *outcome = ARENA_NEW(turn->arena, struct tool_outcome);
        const struct tool *tool = NULL;
        TRY(turn_call_tool_wait(turn, &reply->calls[i], &tool, outcome));
        dialogue->messages[dialogue->count++] =
            (struct assistant_message){.role = ASSISTANT_ROLE_TOOL,
                                       .text = tool_outcome_for_model(turn->arena, outcome),
                                       .call_id = reply->calls[i].id,
                                       .tool = tool,
                                       .outcome = outcome};
    }
    if (turn->text.len > 0 && turn->text.at[turn->text.len - 1] != '\n')
        return say_delta_wait(turn, STR("\n\n")); /* what comes after the tools is a paragraph of its own */
    return OK;
}

/* One round: OK goes on, NOT_FOUND when there is nothing more to do. */
static enum status ask_and_call(struct turn *turn, struct dialogue *dialogue, struct assistant_reply *reply) {
    struct verified *verified = NULL;
    TRY(turn_identity_wait(turn, &verified));
    enum status status = ask(turn, dialogue, verified, reply);
    verified_unref(verified);
    TRY(status);
    if (reply->finish == ASSISTANT_FINISH_FAILED)
        return UNAVAILABLE;
    if (reply->call_count == 0 || reply->call_count > ASSISTANT_CALLS_MAX)
        return NOT_FOUND;
    return call_tools(turn, reply, dialogue);
}

static enum status begin_dialogue(struct turn *turn, struct dialogue *dialogue) {
    struct verified *verified = NULL;
    TRY(turn_identity_wait(turn, &verified));
    enum identity_enforcement enforcement = turn->environment->config.sign_in->enforcement;
    enum status status = verified == NULL && enforcement == IDENTITY_REQUIRED
                             ? turn_wait_for_sign_in_wait(turn, STR("required"), NULL)
                             : load_dialogue(turn, verified, dialogue);
    verified_unref(verified);
    return status;
}

/* The answer's text is in turn->text when it comes back with OK, with CANCELED what there is of it. DENIED:
 * the message waits for a sign-in. UNAVAILABLE: the assistant failed; `reply` says how. */
static enum status compose(struct turn *turn, struct assistant_reply *reply) {
    struct dialogue dialogue = {NULL, 0};
    TRY(begin_dialogue(turn, &dialogue));
    for (int round = 0; round < ROUNDS_MAX; round++) {
        enum status status = ask_and_call(turn, &dialogue, reply);
        if (status == NOT_FOUND)
            return OK;
        TRY(status);
    }
    reply->sentence = STR("I could not finish this. Ask for it in smaller steps.");
    reply->failure = ASSISTANT_TOO_LONG;
    reply->detail = STR("tool-rounds");
    return UNAVAILABLE;
}

/* ---- keeping ---- */

static struct str parts_of(struct turn *turn, bool is_failed) {
    json_auto_t *parts = json_object();
    frame_set_text(parts, "inReplyTo", turn->message.id);
    json_object_set(parts, "tools", turn->tools);
    if (turn->is_stopped)
        frame_set_flag(parts, "stopped", true);
    if (is_failed)
        frame_set_flag(parts, "failed", true);
    return json_write(turn->arena, parts);
}

static enum status keep_answer(struct turn *turn, bool is_failed) {
    const struct store_message_draft draft = {
        .role = STORE_ASSISTANT,
        .subject = turn->subject,
        .issuer = turn->issuer,
        .text = buffer_text(&turn->text),
        .parts = parts_of(turn, is_failed),
        .state = STORE_ANSWERED,
        .answers = turn->message.position,
    };
    struct store_message answer;
    bool is_duplicate;
    TRY(store_message_append_wait(turn->chat->services.store, turn->arena, turn->environment->id,
                                  turn->conversation, &draft, &answer, &is_duplicate));
    say_done(turn, &answer);
    return OK;
}

static void log_failure(struct turn *turn, const struct assistant_reply *reply) {
    turn->chat->metrics.turns_failed++;
    log_event(LOG_WARNING, "assistant-failed", LOG_STR("environment", turn->environment->id),
              LOG_STR("conversation", turn->conversation),
              LOG_STR("why", str_from(assistant_failure_name(reply->failure))),
              LOG_STR("detail", reply->detail));
}

static void answer(struct turn *turn) {
    struct assistant_reply reply = {.text = STR_NONE};
    turn->chat->metrics.turns++;
    enum status status = compose(turn, &reply);
    if (status == DENIED)
        return; /* it waits */
    bool is_failed = status == UNAVAILABLE && reply.failure != ASSISTANT_FAILURE_NONE;
    if (is_failed) {
        log_failure(turn, &reply);
        if (turn->text.len > 0)
            buffer_append(&turn->text, STR("\n\n"));
        buffer_append(&turn->text, reply.sentence);
        status = OK;
    }
    turn->is_stopped = status == CANCELED;
    bool is_left = turn->session == NULL || turn->chat->is_stopping;
    if (turn->is_stopped && is_left && turn->text.len == 0)
        return;     /* nobody stopped it, they left: it is answered when they come back */
    fiber_shield(); /* what has been written is kept, also when somebody stopped it */
    if (status == OK || status == CANCELED)
        status = keep_answer(turn, is_failed);
    fiber_unshield();
    if (status == OK)
        return;
    turn->chat->metrics.turns_failed++;
    log_event(LOG_ERROR, "turn-failed", LOG_STR("environment", turn->environment->id),
              LOG_STR("conversation", turn->conversation), LOG_STR("why", str_from(status_name(status))));
    say_failed(turn);
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

/* The other turn has ended: passes its answer on, or takes the message over where there is none. */
static void take_over(struct turn *turn) {
    struct store_message found;
    enum status status = find_answer(turn, &found);
    if (status == OK)
        say_done(turn, &found);
    else if (status == NOT_FOUND)
        answer(turn);
    else
        say_failed(turn);
}

static void work(void *argument) {
    struct turn *turn = argument;
    struct chat_answering *answering = turn->chat->services.answering;
    turn->fiber = fiber_current();
    if (answering_begin(answering, turn->message.id)) {
        answer(turn);
        answering_end(answering, turn->message.id);
        return;
    }
    for (int i = 0; i < FOLLOW_ROUNDS_MAX && fiber_sleep_wait(FOLLOW_EVERY_MS) == OK; i++) {
        if (answering_begin(answering, turn->message.id)) {
            take_over(turn);
            answering_end(answering, turn->message.id);
            return;
        }
    }
    say_failed(turn);
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
                const struct store_message *message) {
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
        turn_begin(session, environment, &found.at[0]);
    return OK;
}
