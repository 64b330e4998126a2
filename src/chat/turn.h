/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: a turn, in which one message of the visitor is answered. */
#pragma once

#include "base/buffer.h"
#include "chat/session.h"

/* One turn. What it needs is its own: it goes on when the client leaves. */
struct turn {
    struct turn *next; /* in chat->turns */
    struct chat *chat;
    struct chat_session *session;    /* a reference; NULL once abandoned: nothing is said any more */
    struct environment *environment; /* a reference */
    struct fiber *fiber;
    struct arena *arena;
    struct str conversation; /* ids */
    struct str session_id;
    struct str visitor;
    struct store_message message; /* the one that is answered */
    struct buffer text;           /* the answer so far */
    size_t text_utf16;            /* its length as the client counts */
    json_t *tools;                /* array: those that were used, for the history */
    struct str subject, issuer;   /* whose identity went into the answer; empty: nobody's */
    int64_t began_us;
    bool is_stopped;
    bool is_fresh; /* the message was stored just now: nobody can have answered it yet */
};

/* Begins to answer `message` (stored, not answered yet) in a fiber of its own; the session has no turn. Where
 * it is being answered already, on whatever thread, the turn waits for that answer and passes it on. */
void turn_begin(struct chat_session *session, struct environment *environment,
                const struct store_message *message, bool is_fresh);

/* Ends it soon: what is written so far is kept as the answer. */
void turn_stop(struct turn *turn);
/* The same, and its session hears nothing of it any more. */
void turn_abandon(struct turn *turn);

/* Whether a message of the session waits for a sign-in, and nothing is in its way any more. Not for a client
 * that has left: it is answered when that comes back. */
bool turn_may_answer_waiting(const struct chat_session *session);
/* Answers it, where turn_may_answer_waiting; by the session's own fiber only. */
FIBER NODISCARD enum status turn_answer_waiting_wait(struct chat_session *session,
                                                     struct environment *environment, struct arena *arena);

/* Whether this visitor may know of the message: what was written under somebody else's sign-in is not told to
 * who comes after, even within one conversation. */
bool turn_may_hear(const struct store_message *message, const struct verified *verified);

/* The answer to a stored message. NOT_FOUND: none yet. */
FIBER NODISCARD enum status turn_find_answer_wait(struct store *store, struct arena *arena,
                                                  struct str environment, const struct store_message *message,
                                                  struct store_message *answer);
json_t *turn_done_frame(const struct store_message *answer, struct str in_reply_to);
json_t *turn_delta_frame(struct str message, size_t offset, struct str text);
json_t *turn_answer_parts(struct str in_reply_to, json_t *tools); /* for the history; `tools` is shared */

/* ---- within a turn ---- */

/* turn_answer.c: writes the answer and keeps it, or has the message wait for a sign-in. */
FIBER void turn_answer_wait(struct turn *turn);

/* A turn's last word. The session is free for its next message before its client hears it. */
void turn_say_done(struct turn *turn, const struct store_message *answer);
void turn_say_failed(struct turn *turn);

/* Sends and releases a frame, where somebody still listens. */
void turn_say(struct turn *turn, json_t *frame);

/* Who the visitor is, now: verified anew. NULL: anonymous. A reference. */
FIBER NODISCARD enum status turn_identity_wait(struct turn *turn, struct verified **verified);

/* The message waits for a sign-in from now on, and the visitor is asked for it; `tool` may be NULL. Gives
 * DENIED: the turn is over. */
struct tool;
FIBER NODISCARD enum status turn_wait_for_sign_in_wait(struct turn *turn, struct str why,
                                                       const struct tool *tool);

/* turn_tool.c: the gate, the arguments, the call, the log. OK: `*outcome` is there, a refusal included.
 * DENIED: the visitor must sign in first, has been asked to, and the turn is over. */
struct assistant_call;
struct tool_outcome;
FIBER NODISCARD enum status turn_call_tool_wait(struct turn *turn, const struct assistant_call *call,
                                                const struct tool **tool, struct tool_outcome *outcome);
