/* SPDX-License-Identifier: Apache-2.0 */
/* The rule assistant's sentences with holes: "Your balance is **{balance} {currency}**, {user.name}." Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

/* Fills in the holes: `{user.…}` from `user`, every other dotted path ({items.0.name}) from `result`; either
 * may be NULL. Values are put in as text (see markdown.h), lists of objects as tables. A hole that nothing
 * fills goes, with the comma or the space before it, and the marks around it. The template itself is the
 * administrator's Markdown and stays as it is. `*filled` (may be NULL) gets the number of holes that `result`
 * filled. */
struct str answer_template_fill(struct arena *arena, struct str template, const json_t *result,
                                const json_t *user, unsigned *filled);
/* How many holes it has that `result` is to fill. */
unsigned answer_template_holes(struct str template);
