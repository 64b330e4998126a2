/* SPDX-License-Identifier: Apache-2.0 */
/* What a person most likely did where a text is not JSON. Pure. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* `offset` is where reading stopped. A sentence that says what to do, without any of the text but its signs;
 * STR_NONE where nothing common is seen. */
struct str syntax_hint(struct arena *arena, struct str text, size_t offset);
