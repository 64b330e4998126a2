/* SPDX-License-Identifier: Apache-2.0 */
/* What follows once a message is stored, alone or with its answer: it is counted, and its client is told. */
#include "chat/internal.h"
#include "chat/presence.h"
#include "chat/session.h"

void session_count_message(const struct request *request, const struct verified *verified) {
    struct chat_session *session = request->session;
    const struct environment *environment = request->environment;
    struct chat_metrics *metrics = &session->chat->metrics;
    (*(verified != NULL ? &metrics->messages_verified : &metrics->messages_anonymous))++;
    statistics_count_message(environment->counters, verified != NULL);
    if (verified == NULL && environment->config.sign_in->enforcement == IDENTITY_OPTIONAL)
        statistics_count_required(environment->counters, (enum identity_detail)session->why_unsigned);
    if (session->presence == NULL)
        presence_note_visitor(session->chat, environment, kept_text(&session->owner.visitor), verified);
}

void session_accept(struct request *request, const struct store_message *message, bool is_duplicate) {
    json_t *frame = frame_new("message.accepted", request->frame->id);
    frame_set_text(frame, "conversation", kept_text(&request->session->conversation));
    json_object_set_new(frame, "message", frame_message(message));
    frame_set_flag(frame, "duplicate", is_duplicate);
    session_send_stored(request->session, frame, message->position);
}
