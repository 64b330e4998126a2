/* SPDX-License-Identifier: Apache-2.0 */
/* A message whose answer needs nothing but the message: no tool, no model, no history. Both are stored in one
 * commit, so the visitor waits for the disk once and not twice; whoever comes back later finds both or
 * neither. All else is a turn (turn.h). */
#include "base/clock.h"
#include "base/random.h"
#include "chat/internal.h"
#include "chat/session.h"
#include "chat/turn.h"

/* Who must sign in first is asked to by a turn. */
static bool may_answer(const struct request *request, const struct verified *verified) {
    const struct chat_session *session = request->session;
    bool must_sign_in =
        verified == NULL && request->environment->config.sign_in->enforcement == IDENTITY_REQUIRED;
    return session->conversation.len > 0 && session->turn == NULL && !must_sign_in;
}

static bool find_answer(struct request *request, struct str text, struct verified *verified,
                        struct str *answer) {
    const struct assistant_message question = {.role = ASSISTANT_ROLE_VISITOR, .text = text};
    struct assistant_request asking =
        chat_assistant_request(request->session->chat, request->environment, verified, request->arena);
    asking.messages = &question;
    asking.message_count = 1;
    struct assistant_reply reply;
    bool is_there = assistant_answer_at_once(&asking, &reply);
    *answer = is_there ? reply.text : STR_NONE;
    return is_there;
}

static enum status store(struct request *request, struct store_message_draft question, struct str text,
                         struct store_exchange *exchange) {
    struct chat_session *session = request->session;
    struct str id = id_new(request->arena, STR("msg"));
    json_auto_t *no_tools = json_array();
    json_auto_t *parts = turn_answer_parts(id, no_tools);
    question.visitor = arena_copy(request->arena, kept_text(&session->owner.visitor));
    question.state = STORE_ANSWERED;
    const struct store_message_draft answer = {
        .visitor = question.visitor,
        .role = STORE_ASSISTANT,
        .subject = question.subject,
        .issuer = question.issuer,
        .text = text,
        .parts = json_write(request->arena, parts),
        .state = STORE_ANSWERED,
    };
    return store_message_exchange_wait(
        session->chat->services.store, request->arena, request->environment->id,
        arena_copy(request->arena, kept_text(&session->conversation)), &question, id, &answer, exchange);
}

enum status answer_at_once_wait(struct request *request, const struct store_message_draft *draft,
                                struct verified *verified) {
    struct chat_session *session = request->session;
    struct store_exchange exchange;
    struct str text;
    if (!may_answer(request, verified) || !find_answer(request, draft->text, verified, &text))
        return NOT_FOUND;
    enum status status = store(request, *draft, text, &exchange);
    TRY(status == CONFLICT ? NOT_FOUND : status);
    session->chat->metrics.turns++;
    session_count_message(request, verified);
    session_accept(request, &exchange.question, false);
    if (text.len > 0) /* whole: cut into words it would all the same arrive at one time */
        session_send(session, turn_delta_frame(exchange.question.id, 0, text));
    session_send_stored(session, turn_done_frame(&exchange.answer, exchange.question.id),
                        exchange.answer.position);
    statistics_count_latency(request->environment->counters, clock_monotonic_us() - request->began_us);
    return OK;
}
