/* SPDX-License-Identifier: Apache-2.0 */
/* What of the system this server needs, by its options. */
#pragma once

#include "sandbox/sandbox.h"
#include "server/server.h"

/* Lives in the arena. */
struct sandbox_options confine_plan(const struct server_options *options, struct arena *arena);

/* Says in the log what is in force, and what this system did not offer. */
void confine_log(const struct sandbox *sandbox, struct arena *arena);
