/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two JSON values, for a person: a line a member, `+`, `-` or `~` in front, long texts
 * as unified diffs. Pure: it writes into a buffer. */
#pragma once

#include "base/json.h"

struct diff {
    struct arena *arena; /* for what it needs on the way */
    struct buffer *out;
    bool has_color;
};

/* `before` NULL: it is added; `after` NULL: it is removed. `label` is what the value is called, empty for
 * none. Each line is indented by `indent` blanks. Things in lists are known by their "name" or "id", else by
 * what they are. False: nothing differs, and nothing was written. */
bool diff_json(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
               const json_t *after);

/* Line by line, as `diff -U2` shows it. */
void diff_text(const struct diff *diff, unsigned indent, struct str before, struct str after);
