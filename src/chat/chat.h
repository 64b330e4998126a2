/* SPDX-License-Identifier: Apache-2.0 */
/* The chat: sessions that speak docs/protocol.md, and the turns in which a message is answered. Knows nothing
 * of the wire: frames come in and go out as text. */
#pragma once

#include "egress/egress.h"
#include "environment/environment.h"
#include "limit/limit.h"
#include "verifier/verifier.h"

/* ---- the chat of a front thread ---- */

struct chat;
struct chat_answering; /* which messages are being answered right now, in the whole process */

struct chat_services {
    struct store *store;
    struct egress *egress;
    struct environment_cache *environments;
    struct verifier *verifier;
    struct limiter *limiter;
    struct chat_answering *answering;
};

struct chat_answering *chat_answering_new(void);
void chat_answering_free(struct chat_answering *answering);

struct chat *chat_new(const struct chat_services *services);
/* When no session and no turn is left, and chat_flush has said that nothing is being written. */
void chat_free(struct chat *chat);
/* Begins to write what administrators are to know of who is here. True: something is being written. */
bool chat_flush(struct chat *chat);
void chat_stop(struct chat *chat); /* the turns that are running end soon, with what they have */
size_t chat_count_busy(const struct chat *chat); /* fibers at work for sessions, their turns included */

struct chat_metrics {
    uint64_t sessions; /* now */
    uint64_t turns;    /* begun */
    uint64_t turns_failed;
    uint64_t messages_verified, messages_anonymous;
    uint64_t tools_ok, tools_refused, tools_failed;
    uint64_t sign_ins_asked; /* auth.required */
};
const struct chat_metrics *chat_read_metrics(const struct chat *chat);

/* ---- sessions ---- */

struct chat_session;

struct chat_output {
    /* A frame for the client: its type, and the whole as JSON. The text is good during the call only. Never
     * called from within chat_session_new, nor after chat_session_leave. */
    void (*send)(void *to, struct str type, struct str frame);
    void *to;
};

/* A client has come, with this publishable key. */
struct chat_session *chat_session_new(struct chat *chat, struct str key, const struct chat_output *output);
/* Where the client is, for the limits; by itself a session is nowhere that is counted. */
void chat_session_set_source(struct chat_session *session, struct limit_source source);
/* A session that lasts as long as its client stays, of this User-Agent: it is noted for administrators when
 * somebody signs in. */
void chat_session_set_client(struct chat_session *session, struct str user_agent);
void chat_session_start(struct chat_session *session); /* sends session.started */

/* A frame from the client; copied. Frames are handled one after the other, each answered before the next
 * begins. */
void chat_session_receive(struct chat_session *session, struct str text);
/* A frame that is not taken, since the client sends too many: it is told when to send it again. Where the
 * frame would have said that somebody else is there, nobody is signed in after it. */
void chat_session_refuse(struct chat_session *session, struct str text, unsigned retry_after_s);

/* Tokens of this environment were revoked: sessions that are signed in look at theirs now, and do not wait
 * for their visitor's next message. Empty: of any. */
void chat_recheck(struct chat *chat, struct str environment);

/* The client has gone; the session is not to be used any more. An answer that is being written is written to
 * its end, and kept for when the client comes back. */
void chat_session_leave(struct chat_session *session);

/* What an empty chat says to an anonymous visitor. */
struct str chat_greeting(struct arena *arena, const struct environment *environment);

/* ---- history ---- */

/* What GET /v1/conversations answers, for a verified visitor. INVALID: `after` is none of its conversations.
 */
FIBER NODISCARD enum status chat_history_conversations_wait(struct chat *chat,
                                                            const struct environment *environment,
                                                            const struct verified *verified, struct str after,
                                                            struct arena *arena, struct str *json);
/* What GET /v1/conversations/{id}/messages answers. NOT_FOUND: not this visitor's. */
FIBER NODISCARD enum status chat_history_messages_wait(struct chat *chat,
                                                       const struct environment *environment,
                                                       const struct verified *verified,
                                                       struct str conversation, int64_t after,
                                                       struct arena *arena, struct str *json);
