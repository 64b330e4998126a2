/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: the chat of a front thread. */
#pragma once

#include "assistant/assistant.h"
#include "chat/chat.h"

struct turn;

struct chat {
    struct chat_services services;
    struct turn *turns; /* those that are running, linked by turn->next */
    size_t busy;        /* fibers of sessions and turns */
    bool is_stopping;
    struct chat_metrics metrics;
};

/* The knowledge of an environment, read once (it hangs on the environment). */
struct chat_knowledge {
    struct arena *arena;
    struct knowledge_snippet *snippets;
    size_t count;
};
const struct chat_knowledge *chat_knowledge_of(struct environment *environment);
