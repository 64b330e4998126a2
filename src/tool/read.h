/* SPDX-License-Identifier: Apache-2.0 */
/* Private to tool/: a tool's document, member by member. */
#pragma once

#include "tool/tool.h"

/* Where a reader is, so that an error can name the place. */
struct tool_reader {
    struct arena *errors; /* the caller's: for `error` */
    struct arena *arena;  /* the tool's own */
    const json_t *json;   /* in the tool's own copy */
    struct tool_error *error;
};

NODISCARD enum status reader_refuse(struct tool_reader *reader, struct str pointer, const char *sentence);

/* An optional member: absent leaves `*text` as it is, another type or a longer text is refused. */
NODISCARD enum status reader_text(struct tool_reader *reader, const char *name, size_t max_bytes,
                                  struct str *text);
NODISCARD enum status reader_names(struct tool_reader *reader, const char *name, size_t max_bytes,
                                   struct tool_names *names);

/* parameters.c: the schema, the bindings, what the model sees. */
NODISCARD enum status reader_parameters(struct tool_reader *reader, struct tool *tool,
                                        struct schema **schema);
bool tool_has_parameter(const struct tool *tool, struct str name);
const struct tool_binding *tool_binding_of(const struct tool *tool, struct str parameter);
