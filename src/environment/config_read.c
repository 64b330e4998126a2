/* SPDX-License-Identifier: Apache-2.0 */
/* The small readers that the parts of the configuration share. */
#include "environment/config.h"

#include <string.h>

enum status config_refuse(struct config_reader *reader, struct str pointer, const char *message) {
    if (reader->error != NULL) {
        reader->error->pointer = arena_copy(reader->arena, pointer);
        reader->error->sentence = arena_copy(reader->arena, str_from(message));
    }
    return INVALID;
}

/* "/assistant" and "url" give "/assistant/url", escaped as RFC 6901 section 3 says. */
static struct str pointer_to(struct config_reader *reader, struct str pointer, const char *name) {
    struct str escaped[64];
    size_t count = 0;
    escaped[count++] = pointer;
    escaped[count++] = STR("/");
    for (const char *at = name; *at != '\0' && count < 63;) {
        size_t plain = strcspn(at, "~/");
        escaped[count++] = str_of(at, plain);
        at += plain;
        if (*at != '\0')
            escaped[count++] = *at++ == '~' ? STR("~0") : STR("~1");
    }
    return arena_join(reader->arena, count, escaped);
}

enum status config_known_members(struct config_reader *reader, struct str pointer, const json_t *object,
                                 const char *const *names) {
    if (!json_is_object(object))
        return config_refuse(reader, pointer, "This must be an object.");
    struct str name = json_unknown_member(object, names);
    if (name.at == NULL)
        return OK;
    return config_refuse(reader, json_pointer_add(reader->arena, pointer, name),
                         json_no_such_member(reader->arena, name, names).at);
}

enum status config_string(struct config_reader *reader, struct str pointer, const json_t *object,
                          const char *name, size_t max_bytes, struct str *value) {
    const json_t *member = json_object_get(object, name);
    if (member == NULL || json_is_null(member))
        return OK;
    if (!json_is_string(member))
        return config_refuse(reader, pointer_to(reader, pointer, name), "This must be text.");
    struct str text = json_str(member);
    if (text.len > max_bytes)
        return config_refuse(reader, pointer_to(reader, pointer, name), "This text is too long.");
    *value = arena_copy(reader->arena, text);
    return OK;
}

enum status config_number(struct config_reader *reader, struct str pointer, const json_t *object,
                          const char *name, int64_t lowest, int64_t highest, int64_t *value) {
    const json_t *member = json_object_get(object, name);
    if (member == NULL || json_is_null(member))
        return OK;
    if (!json_is_integer(member) || json_integer_value(member) < lowest ||
        json_integer_value(member) > highest) {
        struct str message = arena_print(reader->arena, "This must be a whole number from %lld to %lld.",
                                         (long long)lowest, (long long)highest);
        return config_refuse(reader, pointer_to(reader, pointer, name), message.at);
    }
    *value = json_integer_value(member);
    return OK;
}

enum status config_strings(struct config_reader *reader, struct str pointer, const json_t *object,
                           const char *name, size_t max_count, size_t max_bytes, struct str_list *list) {
    const json_t *member = json_object_get(object, name);
    if (member == NULL || json_is_null(member))
        return OK;
    struct str place = pointer_to(reader, pointer, name);
    if (!json_is_array(member) || json_array_size(member) > max_count)
        return config_refuse(
            reader, place,
            arena_print(reader->arena, "This must be a list of at most %zu texts.", max_count).at);
    struct str *texts = arena_alloc_array(reader->arena, json_array_size(member), sizeof *texts);
    for (size_t i = 0; i < json_array_size(member); i++) {
        struct str text = json_str(json_array_get(member, i));
        if (text.at == NULL || text.len == 0 || text.len > max_bytes)
            return config_refuse(reader, arena_print(reader->arena, "%s/%zu", place.at, i),
                                 "This must be a text, neither empty nor too long.");
        texts[i] = arena_copy(reader->arena, text);
    }
    *list = (struct str_list){texts, json_array_size(member)};
    return OK;
}
