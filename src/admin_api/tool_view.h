/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/. */
#pragma once

#include "base/json.h"

struct tool;

/* {"name", "description", "parameters"}: all that a model is told of it. Shares the tool's JSON: deep-copy
 * what shall outlive it. A new reference. */
json_t *tool_view_json(const struct tool *tool);
