/* SPDX-License-Identifier: Apache-2.0 */
/* The assistant that needs no model: tools by their trigger phrases, knowledge by triggers and shared words,
 * a little small talk. */
#include "assistant/kinds.h"

#include "assistant/answer_template.h"
#include "assistant/knowledge.h"
#include "assistant/markdown.h"
#include "base/json.h"
#include "environment/environment.h"

enum {
    PIECES_MAX = 200
}; /* an answer comes in at most so many deltas: a long table need not come word by word */

/* ---- saying ---- */
/* A word at a time, with the white space behind it. */
static size_t piece_length(struct str rest, size_t at_least) {
    size_t at = 0;
    while (at < rest.len) {
        while (at < rest.len && rest.at[at] != ' ' && rest.at[at] != '\n')
            at++;
        while (at < rest.len && (rest.at[at] == ' ' || rest.at[at] == '\n'))
            at++;
        if (at >= at_least)
            break;
    }
    return at;
}

static void answer(struct assistant_reply *reply, struct str text) {
    reply->text = text;
    reply->finish = ASSISTANT_FINISH_STOP;
}

/* ---- what visitors say ---- */
static const char *const help[] = {"help", "what can you do", "what can I ask"};
static const char *const thanks[] = {"thanks", "thank you", "thx"};
static const char *const farewells[] = {"bye", "goodbye", "good night", "see you"};
static const char *const welcomes[] = {"hello",          "hi",           "hey",     "good morning",
                                       "good afternoon", "good evening", "good day"};

enum talk { HELP, THANKS, FAREWELL, WELCOME, TALKS };

static const struct {
    const char *const *triggers;
    size_t count;
} talks[TALKS] = {
    [HELP] = {help, sizeof help / sizeof *help},
    [THANKS] = {thanks, sizeof thanks / sizeof *thanks},
    [FAREWELL] = {farewells, sizeof farewells / sizeof *farewells},
    [WELCOME] = {welcomes, sizeof welcomes / sizeof *welcomes},
};

struct triggers {
    const struct phrase_trigger *at;
    size_t count;
};

struct assistant_triggers {
    const struct triggers *tools; /* by tool, in their order */
    struct triggers talks[TALKS];
};

const struct assistant_triggers *assistant_triggers_read(struct arena *arena, const struct tool *const *tools,
                                                         size_t tool_count) {
    struct triggers *of_tools = arena_alloc_array(arena, tool_count, sizeof *of_tools);
    for (size_t i = 0; i < tool_count; i++) {
        size_t count = tools[i]->triggers.count;
        struct phrase_trigger *at = arena_alloc_array(arena, count, sizeof *at);
        for (size_t k = 0; k < count; k++)
            at[k] = phrase_trigger_read(arena, tools[i]->triggers.at[k]);
        of_tools[i] = (struct triggers){at, count};
    }
    struct assistant_triggers *triggers = ARENA_NEW(arena, struct assistant_triggers);
    triggers->tools = of_tools;
    for (size_t i = 0; i < TALKS; i++) {
        struct phrase_trigger *at = arena_alloc_array(arena, talks[i].count, sizeof *at);
        for (size_t k = 0; k < talks[i].count; k++)
            at[k] = phrase_trigger_read(arena, str_from(talks[i].triggers[k]));
        triggers->talks[i] = (struct triggers){at, talks[i].count};
    }
    return triggers;
}

/* ---- choosing a tool ---- */
struct choice {
    const struct tool *tool;
    struct phrase_match match;
};

/* The longest trigger wins; among equals the tool that comes first. */
static struct choice choose_tool(const struct assistant_request *request,
                                 const struct assistant_triggers *triggers, const struct phrase *phrase) {
    struct choice best = {NULL, {.score = 0}};
    for (size_t i = 0; i < request->tool_count; i++) {
        const struct triggers *of_tool = &triggers->tools[i];
        for (size_t k = 0; k < of_tool->count; k++) {
            struct phrase_match match;
            if (phrase_match(phrase, &of_tool->at[k], &match) && match.score > best.match.score)
                best = (struct choice){request->tools[i], match};
        }
    }
    return best;
}

static bool schema_allows(const json_t *schema, const char *type) {
    const json_t *types = json_object_get(schema, "type");
    if (json_is_string(types))
        return str_equal(json_str(types), str_from(type));
    for (size_t i = 0; i < json_array_size(types); i++)
        if (str_equal(json_str(json_array_get(types, i)), str_from(type)))
            return true;
    return false;
}

/* What was written, as what the parameter takes: a number where it takes one, an allowed value in its own
 * spelling, else text. */
static json_t *argument_of(const json_t *schema, struct str written) {
    const json_t *allowed = json_get_array(schema, "enum");
    for (size_t i = 0; i < json_array_size(allowed); i++)
        if (str_equal_ignore_case(json_str(json_array_get(allowed, i)), written))
            return json_incref(json_array_get(allowed, i));
    bool takes_number = schema_allows(schema, "integer") || schema_allows(schema, "number");
    json_t *number = NULL;
    if (takes_number && json_read(written, 1, &number, NULL) == OK && json_is_number(number))
        return number;
    json_decref(number);
    return json_from_str(written);
}

static void ask_for_tool(const struct assistant_request *request, const struct choice *choice,
                         struct assistant_reply *reply) {
    const json_t *properties = json_get_object(choice->tool->parameters_json, "properties");
    json_auto_t *arguments = json_object();
    for (size_t i = 0; i < choice->match.slot_count; i++) {
        const struct phrase_slot *slot = &choice->match.slots[i];
        json_set(arguments, slot->name, argument_of(json_member(properties, slot->name), slot->value));
    }
    struct assistant_call *call = ARENA_NEW(request->arena, struct assistant_call);
    *call = (struct assistant_call){
        .id = arena_print(request->arena, "call_%zu", request->message_count),
        .name = choice->tool->name,
        .arguments = json_write(request->arena, arguments),
    };
    reply->calls = call;
    reply->call_count = 1;
    reply->finish = ASSISTANT_FINISH_TOOL_CALLS;
}

/* ---- what a tool brought ---- */
static struct str titled(const struct assistant_request *request, const struct tool *tool, const char *before,
                         const char *after) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, str_from(before));
    if (tool)
        markdown_add_text(&text, tool->title);
    else
        buffer_append(&text, STR("it"));
    buffer_append(&text, str_from(after));
    return arena_copy(request->arena, buffer_text(&text));
}

/* To the visitor, not to a model: without codes, with a way on where there is one. */
static struct str words_for_refusal(const struct assistant_request *request, const struct tool *tool,
                                    enum tool_refusal_reason reason) {
    switch (reason) {
    case TOOL_SIGN_IN_REQUIRED:
        return titled(request, tool, "For this I need to know who you are. Sign in, and I can use “",
                      "” for you.");
    case TOOL_PERMISSION_MISSING:
        return titled(request, tool, "You are signed in, but “", "” is not allowed for your account.");
    case TOOL_CLAIM_MISSING:
    case TOOL_CLAIM_UNFIT:
        return titled(request, tool, "You are signed in, but your sign-in does not tell me what “",
                      "” needs to know.");
    case TOOL_ARGUMENTS_INVALID:
        return titled(request, tool, "I could not make out what is needed for “",
                      "”. Say it in other words.");
    default:
        return STR("I can't do that.");
    }
}

static struct str words_for_error(const struct assistant_request *request,
                                  const struct tool_outcome *outcome) {
    if (outcome->text.len == 0)
        return STR("That did not work. Try again in a moment.");
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, STR("That did not work: "));
    markdown_add_text(&text, outcome->text);
    return arena_copy(request->arena, buffer_text(&text));
}

/* Without a template, or where the template has nothing to do with what came. */
static struct str plain_words(const struct assistant_request *request, const struct tool *tool,
                              const struct tool_outcome *outcome) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    if (outcome->result)
        markdown_add_block(&text, outcome->result);
    else
        markdown_add_lines(&text, outcome->text);
    if (str_trim(buffer_text(&text)).len == 0)
        return titled(request, tool, "Done: ", ".");
    return arena_copy(request->arena, str_trim(buffer_text(&text)));
}

static struct str words_for_result(const struct assistant_request *request, const struct tool *tool,
                                   const struct tool_outcome *outcome) {
    if (!tool || tool->answer.len == 0)
        return plain_words(request, tool, outcome);
    unsigned filled = 0;
    struct str text =
        answer_template_fill(request->arena, tool->answer, outcome->result, request->user, &filled);
    bool is_for_this = filled > 0 || answer_template_holes(tool->answer) == 0;
    return is_for_this && text.len > 0 ? text : plain_words(request, tool, outcome);
}

static struct str words_for_outcome(const struct assistant_request *request,
                                    const struct assistant_message *message) {
    const struct tool_outcome *outcome = message->outcome;
    if (!outcome)
        return STR("I can't say what came of it.");
    switch (outcome->kind) {
    case TOOL_OUTCOME_OK:
        return words_for_result(request, message->tool, outcome);
    case TOOL_OUTCOME_REFUSED:
        return words_for_refusal(request, message->tool, outcome->refusal.reason);
    case TOOL_OUTCOME_ERROR:
        return words_for_error(request, outcome);
    case TOOL_OUTCOME_TIMED_OUT:
        return titled(request, message->tool, "“", "” did not answer in time. Try again in a moment.");
    default:
        return titled(request, message->tool, "“", "” is not available right now. Try again in a moment.");
    }
}

static struct str words_for_outcomes(const struct assistant_request *request) {
    size_t first = request->message_count;
    while (first > 0 && request->messages[first - 1].role == ASSISTANT_ROLE_TOOL)
        first--;
    struct str text = STR("");
    for (size_t i = first; i < request->message_count; i++) {
        struct str words = words_for_outcome(request, &request->messages[i]);
        text = arena_join(request->arena, 3,
                          (const struct str[]){text, i > first ? STR("\n\n") : STR(""), words});
    }
    return text;
}

/* ---- small talk ---- */
static bool has_phrase(const struct phrase *phrase, const struct triggers *triggers) {
    struct phrase_match match;
    for (size_t i = 0; i < triggers->count; i++)
        if (phrase_match(phrase, &triggers->at[i], &match))
            return true;
    return false;
}

static struct str words_of_welcome(const struct assistant_request *request) {
    struct str welcome =
        answer_template_fill(request->arena, STR("Hello, {user.name}."), NULL, request->user, NULL);
    return arena_join(request->arena, 2, (const struct str[]){welcome, STR(" How can I help you?")});
}

/* What there is to ask for. Both kinds of title are the administrator's words. */
static struct str words_of_help(const struct assistant_request *request) {
    enum { LINES_MAX = 12 };
    AUTO_BUFFER text = BUFFER_EMPTY;
    size_t lines = 0;
    for (size_t i = 0; i < request->tool_count && lines < LINES_MAX; i++)
        if (request->tools[i]->triggers.count > 0) {
            buffer_append(&text, STR("\n- "));
            markdown_add_text(&text, request->tools[i]->title);
            lines++;
        }
    for (size_t i = 0; i < request->knowledge_count && lines < LINES_MAX; i++)
        if (request->knowledge[i].title.len > 0) {
            buffer_append(&text, STR("\n- "));
            markdown_add_text(&text, request->knowledge[i].title);
            lines++;
        }
    if (lines == 0)
        return request->config->fallback;
    return arena_join(request->arena, 2,
                      (const struct str[]){STR("You can ask me about:\n"), buffer_text(&text)});
}

/* Empty: it is no small talk. */
static struct str small_talk(const struct assistant_request *request,
                             const struct assistant_triggers *triggers, const struct phrase *phrase) {
    enum { WORDS_MAX = 6 }; /* more is a question that we did not understand */
    if (phrase->word_count == 0 || phrase->word_count > WORDS_MAX)
        return STR("");
    if (has_phrase(phrase, &triggers->talks[HELP]))
        return words_of_help(request);
    if (has_phrase(phrase, &triggers->talks[THANKS]))
        return STR("You are welcome.");
    if (has_phrase(phrase, &triggers->talks[FAREWELL]))
        return STR("Goodbye.");
    if (has_phrase(phrase, &triggers->talks[WELCOME]))
        return words_of_welcome(request);
    return STR("");
}

/* ---- the order of things ---- */
static void answer_message(const struct assistant_request *request, struct str message,
                           struct assistant_reply *reply) {
    const struct assistant_triggers *triggers = request->triggers;
    if (triggers == NULL)
        triggers = assistant_triggers_read(request->arena, request->tools, request->tool_count);
    struct phrase phrase = phrase_read(request->arena, message);
    struct choice choice = choose_tool(request, triggers, &phrase);
    struct knowledge_fit fit = knowledge_find(&phrase, request->knowledge, request->knowledge_count);
    if (choice.match.score > 0 && choice.match.score >= fit.trigger_score) {
        ask_for_tool(request, &choice, reply);
        return;
    }
    struct str talk = fit.snippet && fit.trigger_score > 0 ? STR("") : small_talk(request, triggers, &phrase);
    struct str fallback = request->config->fallback;
    if (talk.len > 0)
        answer(reply, talk);
    else if (fit.snippet)
        answer(reply, fit.snippet->text);
    else
        answer(reply, fallback.len > 0 ? fallback : STR("I don't know that. Ask me in other words."));
    reply->is_fallback = talk.len == 0 && fit.snippet == NULL;
}

static void reply_to(const struct assistant_request *request, struct assistant_reply *reply) {
    *reply = (struct assistant_reply){.text = STR(""), .sentence = STR(""), .detail = STR("")};
    if (request->message_count == 0) {
        answer(reply, words_of_welcome(request));
        return;
    }
    const struct assistant_message *last = &request->messages[request->message_count - 1];
    if (last->role == ASSISTANT_ROLE_TOOL)
        answer(reply, words_for_outcomes(request));
    else
        answer_message(request, last->text, reply);
}

bool assistant_rules_answer_at_once(const struct assistant_request *request, struct assistant_reply *reply) {
    reply_to(request, reply);
    return reply->call_count == 0;
}

enum status assistant_rules_ask_wait(const struct assistant_request *request, struct assistant_reply *reply) {
    reply_to(request, reply);
    size_t at_least = reply->text.len / PIECES_MAX + 1;
    for (struct str rest = reply->text; rest.len > 0;) {
        size_t length = piece_length(rest, at_least);
        TRY(assistant_say_wait(request, str_slice(rest, 0, length)));
        rest = str_from_index(rest, length);
    }
    return OK;
}
