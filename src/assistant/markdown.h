/* SPDX-License-Identifier: Apache-2.0 */
/* Data as Markdown that says what the data says and does nothing else: no link, no picture, no heading, no
 * HTML comes out of a tool's answer or of a name. Pure. */
#pragma once

#include "base/buffer.h"

#include <jansson.h>

/* One line: white space of any kind becomes a space. */
void markdown_add_text(struct buffer *out, struct str text);
/* Several lines stay several lines. */
void markdown_add_lines(struct buffer *out, struct str text);

/* A value within a sentence: text, a number, yes or no; a list of such with commas. False, with nothing
 * added, for null and for what does not go into a sentence. */
bool markdown_add_inline(struct buffer *out, const json_t *value);

/* A value as a block of its own: a list of objects as a table, an object as a table of two columns, a list as
 * a list. */
void markdown_add_block(struct buffer *out, const json_t *value);
bool markdown_is_block(const json_t *value);
