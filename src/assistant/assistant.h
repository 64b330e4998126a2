/* SPDX-License-Identifier: Apache-2.0 */
/* The assistant of an environment: given the conversation, it answers with text, asks for tools, or both. It
 * holds no state and has no rights: it never calls a tool itself, the turn does, after the gate. A turn asks,
 * calls the tools, appends what came of them, and asks again. */
#pragma once

#include "tool_call/tool_call.h"

struct environment_assistant; /* environment/environment.h: kind, url, model, instructions, greeting… */

enum {
    ASSISTANT_TEXT_BYTES_MAX = 128 * 1024, /* of one answer */
    ASSISTANT_CALLS_MAX = 8,               /* tool calls in one answer */
};

/* ---- knowledge ---- */
struct knowledge_snippet {
    struct str id;
    struct str title;
    struct tool_names triggers;
    struct str text;                         /* markdown, written by the administrator */
    const struct knowledge_subject *subject; /* triggers and title as they are looked for */
};

/* Reads one snippet's document ({id,title,triggers,text}); texts are copied into `arena`. INVALID with
 * `error`. */
NODISCARD enum status knowledge_read(struct arena *arena, const json_t *json,
                                     struct knowledge_snippet *snippet, struct tool_error *error);

/* ---- tools, by what visitors say ---- */

/* The triggers of tools, read. */
struct assistant_triggers;

/* Once for an environment's tools, not for each message. Lives in `arena`, and keeps nothing of the tools. */
const struct assistant_triggers *assistant_triggers_read(struct arena *arena, const struct tool *const *tools,
                                                         size_t tool_count);

/* ---- the conversation ---- */
enum assistant_role { ASSISTANT_ROLE_VISITOR, ASSISTANT_ROLE_ASSISTANT, ASSISTANT_ROLE_TOOL };

struct assistant_call {
    struct str id; /* the model's name for this call: goes back to it with the outcome; never an id of ours */
    struct str name; /* of the tool; as the model wrote it: look it up among those offered */
    struct str
        arguments; /* JSON text as the model wrote it, at most TOOL_ARGUMENTS_BYTES_MAX; not yet checked */
};

struct assistant_message {
    enum assistant_role role;
    struct str text; /* visitor's or assistant's words; of a tool: tool_outcome_for_model */
    const struct assistant_call *calls; /* assistant: the calls it asked for */
    size_t call_count;
    struct str call_id;                 /* tool: which call this answers */
    const struct tool *tool;            /* tool: which one it was, NULL where unknown or no longer there */
    const struct tool_outcome *outcome; /* tool: within the running turn; NULL in older turns */
};

/* ---- asking ---- */
struct assistant_sink {
    /* The next piece of the answer's text, whole UTF-8 characters, never empty. Called from within
     * assistant_ask_wait, may wait; anything but OK ends the asking with that status. NULL: nobody listens.
     */
    enum status (*delta_wait)(void *argument, struct str text);
    void *argument;
};

struct assistant_request {
    const struct environment_assistant *config;
    const struct assistant_message *messages; /* oldest first; the last is the visitor's or a tool's */
    size_t message_count;
    const struct tool *const *tools; /* those that are offered; [] of pointers */
    size_t tool_count;
    const struct assistant_triggers *triggers; /* of these tools; NULL: read for this request alone */
    const struct knowledge_snippet *knowledge;
    size_t knowledge_count;
    const json_t *user;    /* the resolved identity, NULL: anonymous */
    struct str title;      /* of the product, for greetings: "Acme Bank"; may be empty */
    struct str api_key;    /* openai: opened; may be empty. Never copied beyond the request's head */
    struct egress *egress; /* openai */
    struct arena *arena;   /* the answer lives in it */
    struct assistant_sink sink;
};

enum assistant_finish {
    ASSISTANT_FINISH_STOP,
    ASSISTANT_FINISH_TOOL_CALLS,
    ASSISTANT_FINISH_LENGTH, /* cut at the token limit: the text is a beginning */
    ASSISTANT_FINISH_FAILED, /* see failure; the text is what came before it */
};

enum assistant_failure {
    ASSISTANT_FAILURE_NONE = 0,
    ASSISTANT_UNAVAILABLE, /* "model-unavailable": no connection, 5xx, 429 */
    ASSISTANT_TIMED_OUT,   /* "model-timed-out" */
    ASSISTANT_MALFORMED,   /* "model-malformed": not the wire format, or a stream that broke off */
    ASSISTANT_TOO_LONG,    /* "model-too-long": over our bounds */
    ASSISTANT_REFUSED,     /* "model-refused": the provider would not answer this (400, its content filter) */
    ASSISTANT_MISCONFIGURED, /* "model-misconfigured": its URL, key or model name does not serve */
};

struct assistant_reply {
    struct str text; /* markdown; all deltas in a row */
    const struct assistant_call *calls;
    size_t call_count;
    enum assistant_finish finish;
    enum assistant_failure failure;
    struct str sentence; /* where it failed: for the visitor, without the provider's words */
    struct str detail; /* where it failed: for the administrator's log ("http-429", "stream-truncated"…) */
    int64_t prompt_tokens; /* 0 where not told */
    int64_t completion_tokens;
    bool is_fallback; /* rules: nothing fitted */
};

const char *assistant_failure_name(enum assistant_failure failure); /* never NULL */

/* OK whenever there is a reply, a failed one included; CANCELED when nobody waits any more. */
FIBER NODISCARD enum status assistant_ask_wait(const struct assistant_request *request,
                                               struct assistant_reply *reply);

/* Whether the assistant looks at more than the last message and what came of the tools since. */
bool assistant_reads_history(const struct environment_assistant *config);

/* The answer, where it is to be had without waiting and without a tool; the sink hears nothing of it. False:
 * ask by assistant_ask_wait. */
NODISCARD bool assistant_answer_at_once(const struct assistant_request *request,
                                        struct assistant_reply *reply);

/* ---- why: for an administrator who writes triggers (explain.c) ---- */

enum { ASSISTANT_CANDIDATES_MAX = 50 };

/* One whose trigger stands in the message: a tool or a snippet. */
struct assistant_candidate {
    const struct tool *tool;
    const struct knowledge_snippet *knowledge;
    struct str trigger; /* STR_NONE: shared words decided */
    unsigned score;
};

struct assistant_explanation {
    const struct tool *tool;                   /* it would call this (reply.calls) */
    const struct knowledge_snippet *knowledge; /* it would tell this; neither: small talk, or */
    bool is_fallback;                          /* nothing fitted */
    struct assistant_reply reply;
    struct assistant_candidate *candidates; /* the best first */
    size_t candidate_count;
};

/* What the rule assistant, whatever the configured kind, would do with the last message, a visitor's. */
void assistant_explain(const struct assistant_request *request, struct assistant_explanation *explanation);

/* The greeting of an empty conversation, {user.name} filled in where known. */
struct str assistant_greeting(struct arena *arena, const struct environment_assistant *config,
                              const json_t *user);
