/* SPDX-License-Identifier: Apache-2.0 */
/* An ECMA-262 regular expression (`u` flag) in PCRE2's spelling. */
#pragma once

#include "base/buffer.h"

/* INVALID, with `*what` a static sentence that goes behind "the pattern". */
NODISCARD enum status pattern_translate(struct str text, struct buffer *translated, const char **what);
