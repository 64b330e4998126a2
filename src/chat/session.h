/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: what a session is. Its frames are handled in a fiber that lives only while there are any;
 * a message's answer is written in a fiber of its own (turn.h), so that the visitor can sign in, sign out or
 * stop it meanwhile. An idle session has neither. */
#pragma once

#include "chat/chat.h"
#include "chat/client_kind.h"
#include "chat/frame.h"

struct presence;
struct turn;
struct queued_frame;

/* Text that the session owns. */
struct kept {
    char *at;
    size_t len;
};
void kept_set(struct kept *kept, struct str text);
void kept_clear(struct kept *kept); /* wiped */
static inline struct str kept_text(const struct kept *kept) {
    return (struct str){kept->at, kept->len};
}

/* Whose conversation it is. It stays when the token ends: only who signs in again as the same visitor goes on
 * with it as theirs. */
struct owner {
    struct kept visitor; /* id; empty: nobody yet */
    bool is_verified;
};

struct chat_session {
    struct chat *chat;
    unsigned references; /* the client, the fiber, the turn */
    bool has_left;       /* the client has gone: nothing is sent any more */
    struct chat_output output;
    struct limit_source source; /* of the client */
    int64_t seq;                /* of the last frame sent */
    struct kept key;            /* the publishable key */
    struct kept id;
    struct kept token; /* of the visitor that is signed in; empty: anonymous */
    struct owner owner;
    struct kept conversation; /* id; empty: none yet */
    struct kept waiting;      /* id of the message that waits for a sign-in */
    int64_t waiting_position;
    struct turn *turn;         /* the answer being written */
    struct presence *presence; /* what is noted of who is signed in; NULL: nobody, or it is not noted */
    struct client_kind client;
    bool is_lasting;      /* its client stays */
    bool is_to_recheck;   /* the token may have been revoked */
    uint8_t why_unsigned; /* enum identity_detail: why a message now would be nobody's */
    bool is_working;      /* a fiber is at the frames */
    bool is_overrun; /* a sign-in or sign-out found no room: no frame is taken until those before are done */
    struct queued_frame *first, *last;
    size_t queued_bytes;
};

/* One frame being handled: what all handlers need. */
struct request {
    struct chat_session *session;
    struct environment *environment;
    const struct frame *frame;
    struct arena *arena;
    int64_t began_us; /* when the frame was taken up */
};

void session_ref(struct chat_session *session);
void session_unref(struct chat_session *session);

/* Sends and releases `frame`. Where `position` is that of a stored message, the frame announces it
 * (docs/protocol.md, `seq`). */
void session_send(struct chat_session *session, json_t *frame);
void session_send_stored(struct chat_session *session, json_t *frame, int64_t position);
void session_send_error(struct chat_session *session, struct str id, struct str code, struct str message);

/* `error` with rate-limited. */
void session_say_limited(struct chat_session *session, struct str id, struct str message,
                         unsigned retry_after_s);
/* Whether one more message, or one more token that is not known to be good, may be taken; answered
 * `rate-limited` where not. */
NODISCARD bool session_admit_message(struct request *request, bool is_verified);
NODISCARD bool session_admit_token(struct request *request, struct str token);
void session_count_refused(struct chat_session *session, const struct identity_failure *failure);

/* A member of the request's frame that must be text. OK; NOT_FOUND where it is absent (answered too if it
 * `is_needed`); INVALID where it is something else: answered. */
NODISCARD enum status request_text(struct request *request, const char *name, bool is_needed,
                                   struct str *text);
void request_refuse_member(struct request *request, const char *name,
                           const char *rule); /* answers malformed-frame */

/* Leaves the conversation: the next message begins a new one. A turn that is running is stopped and says
 * nothing here any more. */
void session_leave_conversation(struct chat_session *session);
void session_forget_waiting(struct chat_session *session);
/* Nobody is signed in any more; a verified visitor's conversation is left. */
void session_forget_identity(struct chat_session *session);
/* Looks at the token now, in a fiber. */
void session_recheck(struct chat_session *session);
/* The answer that was being written is done, or given up: what waited for that is looked at. */
void session_turn_ended(struct chat_session *session);

/* Who the visitor is, on this request: verifies the session's token anew. `*verified` is NULL for an
 * anonymous session, else a reference. Where the token does not hold any more, the session becomes anonymous
 * and the client is told. OK or CANCELED. */
FIBER NODISCARD enum status session_identity_wait(struct chat_session *session,
                                                  const struct environment *environment, struct arena *arena,
                                                  struct verified **verified);

/* ---- handlers: one for each of a client's frames; OK, or why it could not be served (answered
 * `unavailable`) ---- */
FIBER NODISCARD enum status handle_auth_upgrade_wait(struct request *request);
FIBER NODISCARD enum status handle_auth_refresh_wait(struct request *request);
FIBER NODISCARD enum status handle_auth_logout_wait(struct request *request);
FIBER NODISCARD enum status handle_auth_decline_wait(struct request *request);
FIBER NODISCARD enum status handle_message_send_wait(struct request *request);
FIBER NODISCARD enum status handle_message_stop_wait(struct request *request);
FIBER NODISCARD enum status handle_conversation_resume_wait(struct request *request);
FIBER NODISCARD enum status handle_conversation_start_wait(struct request *request);

/* session_at_once.c: stores a message together with its answer, in one commit, and tells both, where the
 * answer needs nothing but the message. NOT_FOUND: it does, or the conversation does not take the message as
 * a new one; nothing was stored nor told. */
struct store_message_draft;
FIBER NODISCARD enum status answer_at_once_wait(struct request *request,
                                                const struct store_message_draft *draft,
                                                struct verified *verified);
/* session_accept.c */
void session_count_message(const struct request *request, const struct verified *verified);
/* Tells the client that its message is stored. */
void session_accept(struct request *request, const struct store_message *message, bool is_duplicate);

/* Tells the client which conversation it is in. `resume_key` only for a new anonymous visitor. */
void session_announce(struct chat_session *session, struct str resume_key);
/* Asks for a sign-in on behalf of a message, which waits from now on. `tool` may be NULL. */
struct tool;
void session_ask_sign_in(struct chat_session *session, const struct environment *environment,
                         struct str message, int64_t position, struct str why, const struct tool *tool);
