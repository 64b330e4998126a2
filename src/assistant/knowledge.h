/* SPDX-License-Identifier: Apache-2.0 */
/* Which snippet of an administrator's knowledge fits what a visitor wrote. Pure. (knowledge_read is in
 * chat/assistant.h.) */
#pragma once

#include "assistant/assistant.h"
#include "assistant/phrase.h"

struct knowledge_fit {
    const struct knowledge_snippet *snippet; /* NULL: none fits */
    unsigned trigger_score; /* of the longest trigger that stands in the phrase; 0: none does */
};

/* The snippet that answers: by trigger, else by the words that it shares with the phrase, if these are enough
 * to be sure. */
struct knowledge_fit knowledge_find(const struct phrase *phrase, const struct knowledge_snippet *snippets,
                                    size_t count);

/* The snippets' indices, the most fitting first: for a model, which may be told more than one. */
const size_t *knowledge_rank(struct arena *arena, const struct phrase *phrase,
                             const struct knowledge_snippet *snippets, size_t count);
