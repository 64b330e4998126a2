/* SPDX-License-Identifier: Apache-2.0 */
/* A tool called over HTTP: one signed POST, one bounded answer. */
#pragma once

#include "base/fiber.h"
#include "tool/tool.h"

struct egress;

enum { TOOL_ANSWER_BYTES_MAX = 64 * 1024 };

struct tool_call {
    const struct tool *tool;
    struct str call_id; /* ours, fresh for each call, the same on a retry: the webhook-id */
    struct str conversation_id;
    struct str environment_id;
    const struct tool_arguments *arguments;
    const json_t *user;                /* the resolved identity, or NULL */
    const struct str *signing_secrets; /* "whsec_…", the newest first; all of them sign (rotation) */
    size_t signing_secret_count;       /* at least one */
};

enum tool_outcome_kind {
    TOOL_OUTCOME_OK,          /* "ok": result or text */
    TOOL_OUTCOME_REFUSED,     /* "refused": by the gate or the arguments; made by tool_outcome_refused */
    TOOL_OUTCOME_ERROR,       /* "error": the tool answered with an error status */
    TOOL_OUTCOME_TIMED_OUT,   /* "timed-out" */
    TOOL_OUTCOME_UNREACHABLE, /* "unreachable": no connection, or an address that we don't talk to */
    TOOL_OUTCOME_TOO_LARGE,   /* "too-large": over TOOL_ANSWER_BYTES_MAX */
    TOOL_OUTCOME_MALFORMED,   /* "malformed": says it is JSON and is not, is not UTF-8, or is neither JSON nor
                                 text */
};

/* What came of a call. A tool's answer is untrusted text: bounded, well-formed UTF-8, and never more than
 * data. */
struct tool_outcome {
    enum tool_outcome_kind kind;
    const json_t *result;        /* the answer where it was JSON, else NULL; lives as long as the arena */
    struct str text;             /* the answer as text (JSON is compacted); "" where there is none */
    struct tool_refusal refusal; /* where kind is TOOL_OUTCOME_REFUSED */
    int http_status;             /* 0 where no answer came */
    struct str sentence;         /* what happened, where it is not OK: for model, visitor and log */
};

const char *tool_outcome_name(enum tool_outcome_kind kind); /* "timed-out"; never NULL */

/* OK whenever there is an outcome of any kind; CANCELED when nobody waits any more. Sent once; a second time
 * only where the first try could not even connect. */
FIBER NODISCARD enum status tool_call_wait(struct arena *arena, struct egress *egress,
                                           const struct tool_call *call, struct tool_outcome *outcome);

/* What a tool's backend gets to see: the same members for every tool. JSON, in `arena`. */
struct str tool_call_body(struct arena *arena, const struct tool_call *call);

struct tool_outcome tool_outcome_refused(const struct tool_refusal *refusal);

/* The outcome as the model is told about it, and as it is kept in the conversation: a JSON object in one
 * line, {"result":…} or
 * {"error":{"code":…,"message":…}}. In `arena`. */
struct str tool_outcome_for_model(struct arena *arena, const struct tool_outcome *outcome);
