/* SPDX-License-Identifier: Apache-2.0 */
/* What the rule assistant would do with a message, and what else would have fitted: for an administrator who
 * writes triggers. */
#include "assistant/kinds.h"
#include "assistant/knowledge.h"

#include <stdlib.h>

static void note(struct assistant_explanation *explanation, struct assistant_candidate candidate) {
    if (explanation->candidate_count < ASSISTANT_CANDIDATES_MAX)
        explanation->candidates[explanation->candidate_count++] = candidate;
}

/* The longest of the triggers that stand in the phrase; 0: none does. */
static unsigned best_trigger(struct arena *arena, const struct phrase *phrase, struct tool_names triggers,
                             struct str *found) {
    unsigned best = 0;
    for (size_t i = 0; i < triggers.count; i++) {
        struct phrase_trigger trigger = phrase_trigger_read(arena, triggers.at[i]);
        struct phrase_match match;
        if (phrase_match(phrase, &trigger, &match) && match.score > best) {
            best = match.score;
            *found = triggers.at[i];
        }
    }
    return best;
}

static int by_score(const void *left, const void *right) {
    const struct assistant_candidate *a = left;
    const struct assistant_candidate *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (b->tool != NULL) - (a->tool != NULL); /* among equals a tool goes first */
}

static void collect(const struct assistant_request *request, const struct phrase *phrase,
                    struct assistant_explanation *explanation) {
    struct str trigger = STR_NONE;
    for (size_t i = 0; i < request->tool_count; i++) {
        unsigned score = best_trigger(request->arena, phrase, request->tools[i]->triggers, &trigger);
        if (score > 0)
            note(explanation, (struct assistant_candidate){request->tools[i], NULL, trigger, score});
    }
    for (size_t i = 0; i < request->knowledge_count; i++) {
        const struct knowledge_snippet *snippet = &request->knowledge[i];
        unsigned score = best_trigger(request->arena, phrase, snippet->triggers, &trigger);
        if (score > 0)
            note(explanation, (struct assistant_candidate){NULL, snippet, trigger, score});
    }
    if (explanation->candidate_count > 1)
        qsort(explanation->candidates, explanation->candidate_count, sizeof *explanation->candidates,
              by_score);
}

static const struct tool *tool_named(const struct assistant_request *request, struct str name) {
    for (size_t i = 0; i < request->tool_count; i++) {
        if (str_equal(request->tools[i]->name, name))
            return request->tools[i];
    }
    return NULL;
}

static const struct knowledge_snippet *snippet_told(const struct assistant_request *request,
                                                    struct str text) {
    for (size_t i = 0; i < request->knowledge_count; i++) {
        if (request->knowledge[i].text.at == text.at && text.len > 0)
            return &request->knowledge[i];
    }
    return NULL;
}

void assistant_explain(const struct assistant_request *request, struct assistant_explanation *explanation) {
    struct str text = request->messages[request->message_count - 1].text;
    struct phrase phrase = phrase_read(request->arena, text);
    *explanation = (struct assistant_explanation){.knowledge = NULL};
    explanation->candidates =
        arena_alloc_array(request->arena, ASSISTANT_CANDIDATES_MAX, sizeof *explanation->candidates);
    collect(request, &phrase, explanation);
    if (!assistant_rules_answer_at_once(request, &explanation->reply)) {
        explanation->tool = tool_named(request, explanation->reply.calls[0].name);
        return;
    }
    explanation->knowledge = snippet_told(request, explanation->reply.text);
    if (explanation->knowledge != NULL &&
        (explanation->candidate_count == 0 || explanation->candidates[0].knowledge != explanation->knowledge))
        note(explanation, (struct assistant_candidate){NULL, explanation->knowledge, STR_NONE, 0});
    explanation->is_fallback = explanation->knowledge == NULL && explanation->reply.is_fallback;
}
