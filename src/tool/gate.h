/* SPDX-License-Identifier: Apache-2.0 */
/* Private to tool/: what the gate and the arguments share. */
#pragma once

#include "tool/tool.h"

/* Fills in the refusal; gives DENIED. `detail` must live as long as the refusal. */
NODISCARD enum status tool_refuse(struct arena *arena, const struct tool *tool,
                                  enum tool_refusal_reason reason, struct str detail,
                                  struct tool_refusal *refusal);

/* A claim of the resolved identity, by its name or the way to it; NULL where it is absent or null. Borrowed.
 */
const json_t *tool_claim(const struct tool_visitor *visitor, struct str name);
