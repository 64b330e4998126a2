/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations as administrators see them. */
#pragma once

#include "store/conversation.h"
#include "store/seen.h"

struct store_conversation_seen {
    struct store_conversation conversation;
    struct str issuer, subject, name, email; /* the visitor's */
};
struct store_conversations_seen {
    struct store_conversation_seen *at;
    size_t count;
    struct str next;
};

/* Newest first; of one visitor, by their latest message; with `search` alone, by what was found. */
FIBER NODISCARD enum status store_conversation_seen_list_wait(struct store *store, struct arena *arena,
                                                              const struct store_seen_filter *filter,
                                                              struct store_conversations_seen *list);
FIBER NODISCARD enum status store_conversation_seen_find_wait(struct store *store, struct arena *arena,
                                                              struct str environment, struct str id,
                                                              struct store_conversation_seen *seen);
/* So that it is found by its title. */
FIBER NODISCARD enum status store_conversation_note_title_wait(struct store *store, struct arena *arena,
                                                               struct str environment, struct str id,
                                                               struct str title);
