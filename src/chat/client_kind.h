/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: what kind of program a User-Agent names, and no more of it. Pure. */
#pragma once

#include "base/arena.h"

struct client_kind {
    uint8_t program, system;
};
struct client_kind client_kind_of(struct str user_agent);
/* "Firefox on Linux", "another program". */
struct str client_kind_text(struct arena *arena, struct client_kind kind);
