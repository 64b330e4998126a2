/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: whom a token makes of somebody who tries things out, and what a tool's gate says to
 * them. */
#pragma once

#include "admin_api/token_verdict.h"
#include "tool/tool.h"

struct gate_visitor {
    bool has_token;
    struct verifier_inspection inspection; /* where has_token */
    struct tool_visitor visitor;           /* anonymous where there is no token, or a bad one */
};

/* `token` empty: anonymous. False: it has answered. Release it in any case. */
FIBER NODISCARD bool gate_visitor_wait(struct call *call, const struct sign_in_draft *opened,
                                       struct str token, struct gate_visitor *visitor);
void gate_visitor_release(struct gate_visitor *visitor); /* a zeroed one is fine */

/* New references. */
json_t *gate_verdict_json(const struct gate_visitor *visitor); /* null without a token */
json_t *gate_permissions_json(const struct gate_visitor *visitor);
json_t *gate_json(struct arena *arena, const struct tool *tool, const struct gate_visitor *visitor);
