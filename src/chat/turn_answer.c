/* SPDX-License-Identifier: Apache-2.0 */
/* Answering a message, from the stored question to the stored answer: verify, load, ask the assistant, gate
 * and call tools, stream, store. */
#include "base/clock.h"
#include "base/log.h"
#include "chat/internal.h"
#include "chat/turn.h"

enum {
    HISTORY_MAX = 40, /* messages that the assistant is told */
    ROUNDS_MAX = 6,   /* times that it may ask for tools */
};

/* ---- what the assistant is told ---- */

struct dialogue {
    struct assistant_message *messages; /* room for DIALOGUE_MAX */
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
    struct store_messages before = {NULL, 0};
    if (assistant_reads_history(&turn->environment->config.assistant))
        TRY(store_message_list_latest_wait(turn->chat->services.store, turn->arena, turn->environment->id,
                                           turn->conversation, 0, HISTORY_MAX, &before));
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

static enum status say_delta_wait(void *argument, struct str text) {
    struct turn *turn = argument;
    turn_say(turn, turn_delta_frame(turn->message.id, turn->text_utf16, text));
    buffer_append(&turn->text, text);
    turn->text_utf16 += frame_utf16_length(text);
    return fiber_is_canceled() ? CANCELED : OK;
}

static enum status ask(struct turn *turn, const struct dialogue *dialogue, struct verified *verified,
                       struct assistant_reply *reply) {
    struct assistant_request request =
        chat_assistant_request(turn->chat, turn->environment, verified, turn->arena);
    request.messages = dialogue->messages;
    request.message_count = dialogue->count;
    request.sink = (struct assistant_sink){say_delta_wait, turn};
    environment_note_use(turn->environment, turn->environment->api_key_use, clock_now_ms());
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
    struct dialogue dialogue = {
        arena_alloc_array(turn->arena, DIALOGUE_MAX, sizeof(struct assistant_message)), 0};
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
    json_auto_t *parts = turn_answer_parts(turn->message.id, turn->tools);
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
    turn_say_done(turn, &answer);
    statistics_count_latency(turn->environment->counters, clock_monotonic_us() - turn->began_us);
    return OK;
}

static void log_failure(struct turn *turn, const struct assistant_reply *reply) {
    turn->chat->metrics.turns_failed++;
    log_event(LOG_WARNING, "assistant-failed", LOG_STR("environment", turn->environment->id),
              LOG_STR("conversation", turn->conversation),
              LOG_STR("why", str_from(assistant_failure_name(reply->failure))),
              LOG_STR("detail", reply->detail));
}

void turn_answer_wait(struct turn *turn) {
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
    turn_say_failed(turn);
}
