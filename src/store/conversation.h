/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations. */
#pragma once

#include "store/message.h"
#include "store/visitor.h"

struct store_conversation {
    struct str id; /* conv_… */
    struct str environment;
    struct str visitor; /* id of whose it is */
    struct str title;   /* may be empty */
    int64_t created_at;
    int64_t updated_at;    /* of the last message */
    int64_t last_position; /* 0: no message yet */
};
struct store_conversations {
    struct store_conversation *at;
    size_t count;
};

/* What begins with it, all in one transaction. */
struct store_conversation_draft {
    struct str visitor;     /* whose it is; empty: a new anonymous visitor, with `resume_hash` */
    struct str resume_hash; /* SHA-256 of the resume key in hexadecimal */
    struct str title;
    const struct store_message_draft *first; /* its first message; NULL: none yet */
};
struct store_begun {
    struct store_conversation conversation;
    struct store_visitor visitor; /* filled in where it was made here; else only `id` and `environment` */
    struct store_message message; /* where there was a first one */
};

/* NOT_FOUND: no such visitor (or environment). */
FIBER NODISCARD enum status store_conversation_begin_wait(struct store *store, struct arena *arena,
                                                          struct str environment,
                                                          const struct store_conversation_draft *draft,
                                                          struct store_begun *begun);
/* NOT_FOUND also where it is another visitor's; `visitor` empty: whoever's it is. */
FIBER NODISCARD enum status store_conversation_find_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct str visitor,
                                                         struct store_conversation *conversation);
/* Newest message first; `after` is the last conversation of the page before, NULL for the first page. */
FIBER NODISCARD enum status store_conversation_list_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str visitor,
                                                         const struct store_conversation *after,
                                                         unsigned limit,
                                                         struct store_conversations *conversations);
/* An anonymous visitor's conversation becomes the verified visitor's who signed in. NOT_FOUND: it is not (any
 * more) `from`'s; nobody can take a conversation twice. */
FIBER NODISCARD enum status store_conversation_move_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct str from, struct str to);
