/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/knowledge.h"

#include "base/json.h"

enum {
    TITLE_BYTES_MAX = 200,
    TRIGGER_BYTES_MAX = 256,
    TEXT_BYTES_MAX = 16 * 1024,
    ID_BYTES_MAX = 128,
    SURE_OVERLAP = 500, /* half of what is asked about, if it is one word … */
    GOOD_OVERLAP = 400, /* … or two fifths, if it is several */
};

struct knowledge_subject {
    const struct phrase_trigger *triggers; /* in the snippet's order */
    struct phrase_subject words; /* of title and triggers: what the administrator said that it is about */
};

/* ---- reading ---- */
static enum status refuse(struct arena *arena, struct tool_error *error, struct str pointer,
                          const char *sentence) {
    *error = (struct tool_error){arena_copy(arena, pointer), str_from(sentence)};
    return INVALID;
}

static enum status read_text(struct arena *arena, const json_t *json, const char *name, size_t max_bytes,
                             struct str *text, struct tool_error *error) {
    const json_t *value = json_object_get(json, name);
    struct str pointer = json_pointer_add(arena, STR(""), str_from(name));
    *text = STR("");
    if (!value)
        return OK;
    if (!json_is_string(value))
        return refuse(arena, error, pointer, "This must be a string.");
    if (json_string_length(value) > max_bytes)
        return refuse(arena, error, pointer, "This is too long.");
    *text = arena_copy(arena, json_str(value));
    return OK;
}

static enum status read_triggers(struct arena *arena, const json_t *json, struct tool_names *triggers,
                                 struct tool_error *error) {
    const json_t *list = json_object_get(json, "triggers");
    size_t count = json_array_size(list);
    *triggers = (struct tool_names){NULL, 0};
    if (!list)
        return OK;
    if (!json_is_array(list) || count > TOOL_LIST_MAX)
        return refuse(arena, error, STR("/triggers"), "This must be a list of at most 64 strings.");
    struct str *at = arena_alloc_array(arena, count, sizeof *at);
    for (size_t i = 0; i < count; i++) {
        struct str one = json_str(json_array_get(list, i));
        if (str_trim(one).len == 0 || one.len > TRIGGER_BYTES_MAX)
            return refuse(arena, error, arena_print(arena, "/triggers/%zu", i),
                          "This must be a string of 1 to 256 bytes.");
        at[i] = arena_copy(arena, one);
    }
    *triggers = (struct tool_names){at, count};
    return OK;
}

static enum status refuse_unknown_members(struct arena *arena, const json_t *json, struct tool_error *error) {
    static const char *const known[] = {"id", "title", "triggers", "text", NULL};
    struct str name = json_unknown_member(json, known);
    if (name.at == NULL)
        return OK;
    return refuse(arena, error, json_pointer_add(arena, STR(""), name),
                  json_no_such_member(arena, name, known).at);
}

static const struct knowledge_subject *read_subject(struct arena *arena,
                                                    const struct knowledge_snippet *snippet) {
    size_t count = snippet->triggers.count;
    AUTO_ARENA scratch = arena_new();
    struct str *texts = arena_alloc_array(scratch, count + 1, sizeof *texts);
    struct phrase_trigger *triggers = arena_alloc_array(arena, count, sizeof *triggers);
    for (size_t i = 0; i < count; i++) {
        texts[i] = snippet->triggers.at[i];
        triggers[i] = phrase_trigger_read(arena, texts[i]);
    }
    texts[count] = snippet->title;
    struct knowledge_subject *subject = ARENA_NEW(arena, struct knowledge_subject);
    *subject = (struct knowledge_subject){triggers, phrase_subject_read(arena, texts, count + 1)};
    return subject;
}

enum status knowledge_read(struct arena *arena, const json_t *json, struct knowledge_snippet *snippet,
                           struct tool_error *error) {
    *snippet = (struct knowledge_snippet){.id = STR("")};
    if (!json_is_object(json))
        return refuse(arena, error, STR(""), "A snippet must be an object.");
    TRY(refuse_unknown_members(arena, json, error));
    TRY(read_text(arena, json, "id", ID_BYTES_MAX, &snippet->id, error));
    TRY(read_text(arena, json, "title", TITLE_BYTES_MAX, &snippet->title, error));
    TRY(read_text(arena, json, "text", TEXT_BYTES_MAX, &snippet->text, error));
    TRY(read_triggers(arena, json, &snippet->triggers, error));
    if (str_trim(snippet->text).len == 0)
        return refuse(arena, error, STR("/text"), "A snippet needs a text: it is the answer.");
    if (snippet->triggers.count == 0 && str_trim(snippet->title).len == 0)
        return refuse(arena, error, STR("/triggers"),
                      "A snippet needs a title or a trigger: by these it is found.");
    snippet->subject = read_subject(arena, snippet);
    return OK;
}

/* ---- finding ---- */
static unsigned trigger_score(const struct phrase *phrase, const struct knowledge_snippet *snippet) {
    unsigned best = 0;
    for (size_t i = 0; i < snippet->triggers.count; i++) {
        struct phrase_match match;
        if (phrase_match(phrase, &snippet->subject->triggers[i], &match) && match.score > best)
            best = match.score;
    }
    return best;
}

struct knowledge_fit knowledge_find(const struct phrase *phrase, const struct knowledge_snippet *snippets,
                                    size_t count) {
    struct knowledge_fit fit = {NULL, 0};
    unsigned best_overlap = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned score = trigger_score(phrase, &snippets[i]);
        if (score > fit.trigger_score)
            fit = (struct knowledge_fit){&snippets[i], score};
    }
    for (size_t i = 0; i < count && fit.trigger_score == 0; i++) {
        unsigned shared = 0;
        unsigned found = phrase_overlap(phrase, &snippets[i].subject->words, &shared);
        bool is_enough = found >= (shared > 1 ? GOOD_OVERLAP : SURE_OVERLAP);
        if (is_enough && found > best_overlap) {
            fit.snippet = &snippets[i];
            best_overlap = found;
        }
    }
    return fit;
}

const size_t *knowledge_rank(struct arena *arena, const struct phrase *phrase,
                             const struct knowledge_snippet *snippets, size_t count) {
    size_t *order = arena_alloc_array(arena, count, sizeof *order);
    unsigned *scores = arena_alloc_array(arena, count, sizeof *scores);
    for (size_t i = 0; i < count; i++) {
        unsigned shared = 0;
        unsigned score = trigger_score(phrase, &snippets[i]) * 10000 +
                         phrase_overlap(phrase, &snippets[i].subject->words, &shared);
        size_t at = i; /* insertion: few, and in order where scores are equal */
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            order[at] = order[at - 1];
        }
        scores[at] = score;
        order[at] = i;
    }
    return order;
}
