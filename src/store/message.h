/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of conversations. */
#pragma once

#include "store/store.h"

enum store_role { STORE_VISITOR, STORE_ASSISTANT, STORE_TOOL_RESULT };
enum store_message_state {
    STORE_ACCEPTED, /* durable, not answered yet */
    STORE_WAITING,  /* for a sign-in */
    STORE_ANSWERED, /* of a visitor's message; what others write is born so */
    STORE_FAILED,
};

struct store_message {
    int64_t position; /* from 1, rising within the conversation */
    struct str id;    /* msg_… */
    struct str conversation;
    enum store_role role;
    struct str subject; /* the verified `sub` when it was written; none: anonymous */
    struct str issuer;
    struct str text;
    struct str parts; /* JSON: tool calls and their results, sources, …; none */
    enum store_message_state state;
    struct str client_id; /* a client's idempotency key; unique in the conversation; none */
    int64_t created_at;
};
struct store_messages {
    struct store_message *at;
    size_t count;
};

/* What is to be appended. */
struct store_message_draft {
    struct str visitor; /* id of whose the conversation must be; empty: anybody's */
    enum store_role role;
    struct str subject, issuer, text, parts;
    enum store_message_state state;
    struct str client_id;
    int64_t
        answers; /* position of the message that this one answers: set to STORE_ANSWERED with it; 0: none */
};

/* Gives it the next position. Where `client_id` stands in the conversation already, the row that is there is
 * given and `*duplicate` is true, and nothing is written. NOT_FOUND: no such conversation of that visitor. */
FIBER NODISCARD enum status store_message_append_wait(struct store *store, struct arena *arena,
                                                      struct str environment, struct str conversation,
                                                      const struct store_message_draft *draft,
                                                      struct store_message *message, bool *duplicate);

struct store_exchange {
    struct store_message question, answer;
};

/* A question and its answer, both in one commit: for an answer that needs nothing but the question. The
 * question's id is the caller's (id_new "msg"), so that the answer can name it. CONFLICT: nothing was
 * written; the question's `client_id` stands in the conversation already, or there is no such conversation of
 * that visitor. */
FIBER NODISCARD enum status store_message_exchange_wait(struct store *store, struct arena *arena,
                                                        struct str environment, struct str conversation,
                                                        const struct store_message_draft *question,
                                                        struct str question_id,
                                                        const struct store_message_draft *answer,
                                                        struct store_exchange *exchange);

FIBER NODISCARD enum status store_message_set_state_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str conversation,
                                                         int64_t position, enum store_message_state state);
/* Those behind `position`, in order. */
FIBER NODISCARD enum status store_message_list_after_wait(struct store *store, struct arena *arena,
                                                          struct str environment, struct str conversation,
                                                          int64_t position, unsigned limit,
                                                          struct store_messages *messages);
/* The latest `limit` of those behind `position` (0: of all), in order. */
FIBER NODISCARD enum status store_message_list_latest_wait(struct store *store, struct arena *arena,
                                                           struct str environment, struct str conversation,
                                                           int64_t position, unsigned limit,
                                                           struct store_messages *messages);
