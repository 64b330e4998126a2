/* SPDX-License-Identifier: Apache-2.0 */
/* Tools: what the assistant may do in the visitor's name, by HTTP. Everything that decides is pure
 * (tool_read, tool_model_view, tool_gate, tool_arguments_bind); only tool_call_wait talks to the outside.
 *
 * The order at a call, always on the server and always anew: tool_gate → tool_arguments_bind →
 * tool_call_wait. Nothing that comes from the model is ever identity, claim, URL or header: the model chooses
 * a tool by name from those offered and proposes arguments, no more. */
#pragma once

#include "base/json.h"
#include "schema/schema.h"

enum {
    TOOL_ARGUMENTS_BYTES_MAX = 16 * 1024,
    TOOL_TIMEOUT_S_DEFAULT = 10,
    TOOL_TIMEOUT_S_MAX = 60,
    TOOL_LIST_MAX = 64, /* members of each of a tool's lists: claims, permissions, bindings, triggers */
};

/* ---- a tool, read ---- */
enum tool_access { TOOL_PUBLIC, TOOL_SIGN_IN };

struct tool_names {
    const struct str *at;
    size_t count;
};

struct tool_binding {
    struct str parameter; /* a property of the parameter schema */
    struct str claim;     /* of the resolved identity: "sub", "accountId", "metadata.plan" */
};

/* Immutable once read; may be shared between threads as long as it lives. All text is the tool's own. */
struct tool {
    struct str name;        /* [A-Za-z0-9_-]{1,64}, as models want it */
    struct str title;       /* for the visitor; the name where none is given */
    struct str description; /* for the model */
    struct str url;
    unsigned timeout_s;
    enum tool_access access;
    struct tool_names required_claims;
    struct tool_names permissions; /* the visitor needs every one of them */
    const struct tool_binding *bindings;
    size_t binding_count;
    struct tool_names audit_values; /* parameters whose values may stand in the audit log */
    struct tool_names triggers;     /* phrases of the rule assistant */
    struct str answer;              /* template of the rule assistant; empty: none */
    const struct schema *parameters;
    const json_t *parameters_json; /* the schema as it was given */
    const json_t *model_view;      /* the same without bound parameters: all that a model may see of it */
    struct arena *arena;           /* owns what stands above */
};

struct tool_error {
    struct str pointer;  /* JSON pointer into the tool's document */
    struct str sentence; /* for the administrator */
};

/* Reads and checks a tool's document (the shape is in docs: name, title, description, url, timeoutSeconds,
 * access, requiredClaims, permissions, parameters, bind, auditValues, triggers, answer; any other member is
 * refused). Whether the URL's address may be reached is decided at the call. `error`'s texts live in `arena`.
 * INVALID or TOO_LARGE; the tool is the caller's to tool_free. */
NODISCARD enum status tool_read(struct arena *arena, const json_t *json, struct tool **tool,
                                struct tool_error *error);
void tool_free(struct tool *tool); /* NULL is fine */

/* ---- the gate ---- */
/* Who the visitor was proven to be, on this very request. */
struct tool_visitor {
    const json_t *user;            /* the resolved identity (object with "sub"…), or NULL: anonymous */
    struct tool_names permissions; /* scopes and roles of the verified token */
};

enum tool_refusal_reason {
    TOOL_ALLOWED = 0,
    TOOL_UNKNOWN,            /* "tool-unknown": no such tool was offered */
    TOOL_SIGN_IN_REQUIRED,   /* "sign-in-required" */
    TOOL_CLAIM_MISSING,      /* "claim-missing": detail names the claim */
    TOOL_PERMISSION_MISSING, /* "permission-missing": detail names the permission */
    TOOL_CLAIM_UNFIT, /* "claim-unfit": a claim does not fit the parameter it is bound to; detail names that
                       */
    TOOL_ARGUMENTS_INVALID, /* "arguments-invalid": detail is the JSON pointer into the arguments */
};

struct tool_refusal {
    enum tool_refusal_reason reason;
    struct str detail;
    struct str sentence; /* plain, without any value: fit for the model, the visitor and the audit log */
};

const char *tool_refusal_name(enum tool_refusal_reason reason); /* "sign-in-required"; never NULL */

/* May this visitor use this tool, now? OK, or DENIED with `refusal` filled in (its sentence lives in
 * `arena`). Pure, and called at every call: nothing is remembered from an earlier one. */
NODISCARD enum status tool_gate(struct arena *arena, const struct tool *tool,
                                const struct tool_visitor *visitor, struct tool_refusal *refusal);

/* ---- arguments ---- */
struct tool_arguments {
    json_t *value; /* what the tool gets: an object; lives as long as the arena */
    struct tool_names
        dropped; /* bound parameters that the model tried to set all the same: for the audit log */
};

/* Reads what the model sent (empty text counts as {}), puts the claims into the bound parameters whatever it
 * said about them, and checks the whole against the schema. DENIED with `refusal`: claim-missing or
 * arguments-invalid (its sentence lets a model correct itself). Call it only after tool_gate said OK. */
NODISCARD enum status tool_arguments_bind(struct arena *arena, const struct tool *tool, struct str text,
                                          const struct tool_visitor *visitor,
                                          struct tool_arguments *arguments, struct tool_refusal *refusal);

/* The arguments as the audit log may keep them: every parameter's name, its value only where the tool says so
 * (else null). A new reference. */
json_t *tool_arguments_for_audit(const struct tool *tool, const struct tool_arguments *arguments);
