/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: cursors. Pure. */
#pragma once

#include "admin_api/call.h"

/* `list` names the list (its path), `place` is where the next page begins. */
struct str page_cursor_write(struct arena *arena, struct str list, struct str place);
/* INVALID, TOO_LARGE: no cursor of this list. What it gives is UTF-8 without NUL, and not empty. */
NODISCARD enum status page_cursor_read(struct arena *arena, struct str list, struct str cursor,
                                       struct str *place);
