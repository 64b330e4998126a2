/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the sign-in settings: where a reader is, and the members that it reads there. An absent member, or
 * null, leaves the target as it is; one of another type is refused with its place. */
#pragma once

#include "identity/identity.h"

enum {
    SETTINGS_TEXT_MAX = 512, /* issuer, audience, client */
    SETTINGS_URL_MAX = 2048,
};

struct settings_reader {
    struct arena *arena;
    struct identity_config_error *error; /* may be NULL */
    struct str base;                     /* the pointer of the object whose members are being read */
};

/* Gives INVALID, for `return settings_refuse(…)`. */
enum status settings_refuse_at(const struct settings_reader *reader, struct str pointer, const char *message);
enum status settings_refuse(const struct settings_reader *reader, const char *member, const char *message);

/* A misspelt setting must not be ignored: `audience` for `audiences` would switch a check off. `known` ends
 * with NULL. */
NODISCARD enum status settings_check_members(const struct settings_reader *reader, const json_t *object,
                                             const char *const *known);
NODISCARD enum status settings_read_text(const struct settings_reader *reader, const json_t *object,
                                         const char *name, size_t max, struct str *text);
NODISCARD enum status settings_read_url(const struct settings_reader *reader, const json_t *object,
                                        const char *name, struct str *url);
NODISCARD enum status settings_read_list(const struct settings_reader *reader, const json_t *object,
                                         const char *name, size_t max_count, struct str **list,
                                         size_t *count);
NODISCARD enum status settings_read_flag(const struct settings_reader *reader, const json_t *object,
                                         const char *name, bool *flag);
