/* SPDX-License-Identifier: Apache-2.0 */
/* The small readers that the parts of the sign-in settings share. */
#include "identity/settings.h"

#include "base/json.h"

#include <string.h>

enum status settings_refuse_at(const struct settings_reader *reader, struct str pointer,
                               const char *message) {
    if (reader->error != NULL)
        *reader->error = (struct identity_config_error){pointer, str_from(message)};
    return INVALID;
}

enum status settings_refuse(const struct settings_reader *reader, const char *member, const char *message) {
    return settings_refuse_at(reader, arena_print(reader->arena, "%.*s/%s", STR_ARG(reader->base), member),
                              message);
}

/* A misspelt setting must not be ignored: `audience` for `audiences` would switch a check off. */
enum status settings_check_members(const struct settings_reader *reader, const json_t *object,
                                   const char *const *known) {
    struct str name = json_unknown_member(object, known);
    if (name.at == NULL)
        return OK;
    return settings_refuse_at(reader, json_pointer_add(reader->arena, reader->base, name),
                              json_no_such_member(reader->arena, name, known).at);
}

static bool is_plain_text(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return false;
    }
    return text.len > 0;
}

enum status settings_read_text(const struct settings_reader *reader, const json_t *object, const char *name,
                               size_t max, struct str *text) {
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return OK;
    if (!json_is_string(value) || json_string_length(value) > max || !is_plain_text(json_str(value)))
        return settings_refuse(
            reader, name,
            "This must be a text that is not empty, not too long and without control characters.");
    *text = arena_copy(reader->arena, json_str(value));
    return OK;
}

/* A name in letters, digits, dots, hyphens and underscores, or an address in brackets; and a port that there
 * is: what can be asked at all (egress/url.c has the same rule). */
static bool is_host_and_port(struct str text) {
    static const char hex[] = "0123456789abcdefABCDEF:.";
    static const char name[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
    bool is_v6 = text.len > 0 && text.at[0] == '[';
    size_t end = str_find_byte(text, is_v6 ? ']' : ':');
    struct str host = str_slice(text, is_v6 ? 1 : 0, end);
    struct str port = end == STR_NOT_FOUND ? STR_NONE : str_from_index(text, is_v6 ? end + 1 : end);
    uint64_t number = 1;
    if (host.len == 0 || (is_v6 && end == STR_NOT_FOUND))
        return false;
    for (size_t i = 0; i < host.len; i++) {
        if (memchr(is_v6 ? hex : name, host.at[i], (is_v6 ? sizeof hex : sizeof name) - 1) == NULL)
            return false;
    }
    return port.len == 0 || (port.at[0] == ':' && str_to_uint64(str_from_index(port, 1), &number) == OK &&
                             number > 0 && number <= UINT16_MAX);
}

/* http or https, a host, and nothing that readers of URLs disagree about. Where it may lead is the outgoing
 * side's to decide. */
static bool is_url(struct str url) {
    bool is_secure = str_starts_with(url, STR("https://"));
    if (!is_secure && !str_starts_with(url, STR("http://")))
        return false;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.at[i];
        if (c <= 0x20 || c >= 0x7F || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' ||
            c == '{' || c == '|' || c == '}' || c == '#')
            return false;
    }
    struct str host = str_from_index(url, is_secure ? 8 : 7);
    for (size_t i = 0; i < host.len; i++) {
        if (host.at[i] == '/' || host.at[i] == '?')
            host = str_slice(host, 0, i);
    }
    return is_host_and_port(host);
}

enum status settings_read_url(const struct settings_reader *reader, const json_t *object, const char *name,
                              struct str *url) {
    TRY(settings_read_text(reader, object, name, SETTINGS_URL_MAX, url));
    if (url->at != NULL && !is_url(*url))
        return settings_refuse(
            reader, name,
            "This is a URL that begins with https:// and has a host, no user name and no fragment.");
    return OK;
}

enum status settings_read_list(const struct settings_reader *reader, const json_t *object, const char *name,
                               size_t max_count, struct str **list, size_t *count) {
    const json_t *values = json_object_get(object, name);
    if (values == NULL || json_is_null(values))
        return OK;
    if (!json_is_array(values) || json_array_size(values) > max_count)
        return settings_refuse(reader, name, "This must be a list of at most 16 texts.");
    *list = arena_alloc_array(reader->arena, json_array_size(values), sizeof **list);
    *count = 0;
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_string(value) || json_string_length(value) > SETTINGS_TEXT_MAX ||
            !is_plain_text(json_str(value)))
            return settings_refuse_at(
                reader, arena_print(reader->arena, "%.*s/%s/%zu", STR_ARG(reader->base), name, i),
                "This must be a text of 1 to 512 bytes without control characters.");
        (*list)[(*count)++] = arena_copy(reader->arena, json_str(value));
    }
    return OK;
}

enum status settings_read_flag(const struct settings_reader *reader, const json_t *object, const char *name,
                               bool *flag) {
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return OK;
    if (!json_is_boolean(value))
        return settings_refuse(reader, name, "This must be true or false.");
    *flag = json_is_true(value);
    return OK;
}
