/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a JSON text a value stands: from JSON pointers (RFC 6901) to lines and columns. Pure. */
#pragma once

#include "base/json_item.h"

struct position {
    size_t offset;   /* of the first byte, from 0 */
    size_t len;      /* of the value, or of its name, in bytes */
    unsigned line;   /* from 1 */
    unsigned column; /* from 1, in characters */
    bool is_exact;   /* false: the pointer names nothing there; this is the nearest thing around it */
};

/* `root` is what json_item_read made of `text`. The place of the value that `pointer` names; where there is
 * none, of the innermost object or array that should hold it. */
struct position position_find(struct str text, const struct json_item *root, struct str pointer);
/* The same for the name of the member that it names, where it is one. */
struct position position_find_name(struct str text, const struct json_item *root, struct str pointer);
/* For a byte of the text: line and column. */
struct position position_at(struct str text, size_t offset);
/* The line (from 1) without its end; STR_NONE where there is none. */
struct str position_line(struct str text, unsigned line);
