/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: the chat of a front thread. */
#pragma once

#include "assistant/assistant.h"
#include "chat/chat.h"

struct presences;
struct turn;

struct chat {
    struct chat_services services;
    struct presences *presences;
    struct turn *turns; /* those that are running, linked by turn->next */
    size_t busy;        /* fibers of sessions and turns */
    bool is_stopping;
    struct chat_metrics metrics;
};

/* A tool that was called for a visitor costs as much as a message. */
void chat_count_tool(struct chat *chat, const struct environment *environment, struct str visitor,
                     bool is_verified);

/* What the assistant of an environment goes by, read once (it hangs on the environment). */
struct chat_knowledge {
    struct arena *arena;
    struct knowledge_snippet *snippets;
    size_t count;
    const struct assistant_triggers *triggers; /* of the environment's tools */
};

/* A request to the environment's assistant, but for the messages and who hears the answer. `verified`: NULL
 * where the visitor is anonymous. */
struct assistant_request chat_assistant_request(const struct chat *chat, struct environment *environment,
                                                struct verified *verified, struct arena *arena);
