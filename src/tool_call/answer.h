/* SPDX-License-Identifier: Apache-2.0 */
/* What a tool answered, made safe to show. Pure: what came over the wire goes in, an outcome comes out. */
#pragma once

#include "tool_call/tool_call.h"

struct tool_outcome tool_outcome_of(enum tool_outcome_kind kind,
                                    int http_status); /* with the kind's own sentence */

/* `content_type` may be empty; `body` is within TOOL_ANSWER_BYTES_MAX. */
struct tool_outcome tool_answer_read(struct arena *arena, unsigned http_status, struct str content_type,
                                     struct str body);
