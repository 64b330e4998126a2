/* SPDX-License-Identifier: Apache-2.0 */
/* What a visitor writes against what an administrator wrote: a trigger (or a snippet's document), a line
 * feed, a message. However hostile either is, matching comes to an end, and what it takes out of a message
 * stood in it. */
#include "assistant/knowledge.h"
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_phrase(const struct phrase *phrase, struct str text) {
    for (size_t i = 0; i < phrase->word_count; i++) {
        require(phrase->words[i].token < phrase->token_count);
        require(str_is_utf8(phrase->words[i].folded));
    }
    for (size_t i = 0; i < phrase->token_count; i++)
        require(str_find(text, phrase->tokens[i].text) != STR_NOT_FOUND);
}

static void check_match(struct arena *arena, const struct phrase *phrase, struct str trigger,
                        struct str text) {
    struct phrase_match match;
    struct phrase_match again;
    const struct phrase_trigger read = phrase_trigger_read(arena, trigger);
    bool matches = phrase_match(phrase, &read, &match);
    require(phrase_match(phrase, &read, &again) == matches);
    if (!matches)
        return;
    require(match.score > 0 && match.score == again.score && match.slot_count <= PHRASE_SLOTS_MAX);
    for (size_t i = 0; i < match.slot_count; i++) {
        require(str_find(trigger, match.slots[i].name) != STR_NOT_FOUND);
        require(str_find(text, match.slots[i].value) != STR_NOT_FOUND);
        require(str_equal(match.slots[i].value, again.slots[i].value));
    }
}

static void check_snippet(struct arena *arena, const struct phrase *phrase, struct str document,
                          struct str text) {
    json_t *json;
    struct knowledge_snippet snippets[2];
    struct tool_error error = {STR_NONE, STR_NONE};
    if (json_read(document, JSON_DEPTH_DOCUMENT, &json, NULL) != OK)
        return;
    if (knowledge_read(arena, json, &snippets[0], &error) == OK) {
        snippets[1] = snippets[0];
        struct knowledge_fit fit = knowledge_find(phrase, snippets, 2);
        require(fit.snippet == NULL || fit.snippet == &snippets[0]); /* of equals the first */
        const size_t *order = knowledge_rank(arena, phrase, snippets, 2);
        require(order[0] == 0 && order[1] == 1);
        for (size_t i = 0; i < snippets[0].triggers.count; i++)
            check_match(arena, phrase, snippets[0].triggers.at[i], text);
    } else {
        require(error.sentence.len > 0 && str_is_utf8(error.pointer));
    }
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str trigger;
    if (size > 32768 || size == 0 || !str_cut(&rest, '\n', &trigger) || !str_is_utf8(trigger) ||
        !str_is_utf8(rest)) /* JSON lets nothing else through */
        return 0;
    AUTO_ARENA arena = arena_new();
    struct str text = rest.at != NULL ? rest : STR("");
    struct phrase phrase = phrase_read(arena, text);
    check_phrase(&phrase, text);
    check_match(arena, &phrase, str_slice(trigger, 0, 256), text);
    check_snippet(arena, &phrase, trigger, text);
    return 0;
}
