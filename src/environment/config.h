/* SPDX-License-Identifier: Apache-2.0 */
/* Private to environment/: the parts of the configuration document, each read by a function of its own. */
#pragma once

#include "environment/environment.h"

/* Where a reader is in the document, so that an error can name the place. */
struct config_reader {
    struct arena *arena;
    struct environment_error *error;
};

/* Sets the error to `pointer` and `message`; gives INVALID, for `return config_refuse(…)`. */
NODISCARD enum status config_refuse(struct config_reader *reader, struct str pointer, const char *message);

/* Refuses members of `object` that are not among `names` (NULL-terminated): a misspelt setting must not be
 * ignored. */
NODISCARD enum status config_known_members(struct config_reader *reader, struct str pointer,
                                           const json_t *object, const char *const *names);

/* An optional string, number or list of strings: absent leaves the fallback, another type is refused. */
NODISCARD enum status config_string(struct config_reader *reader, struct str pointer, const json_t *object,
                                    const char *name, size_t max_bytes, struct str *value);
NODISCARD enum status config_number(struct config_reader *reader, struct str pointer, const json_t *object,
                                    const char *name, int64_t lowest, int64_t highest, int64_t *value);
NODISCARD enum status config_strings(struct config_reader *reader, struct str pointer, const json_t *object,
                                     const char *name, size_t max_count, size_t max_bytes,
                                     struct str_list *list);

NODISCARD enum status config_read_origins(struct config_reader *reader, const json_t *document,
                                          struct environment_config *config);
NODISCARD enum status config_read_assistant(struct config_reader *reader, const json_t *document,
                                            struct environment_config *config);
NODISCARD enum status config_read_appearance(struct config_reader *reader, const json_t *document,
                                             struct environment_config *config);
NODISCARD enum status config_read_limits(struct config_reader *reader, const json_t *document,
                                         struct environment_config *config);
