/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration document of an environment: what it may say, and what is made of it. */
#include "environment/config.h"

#include <string.h>

enum {
    ORIGINS_MAX = 64,
    SUGGESTIONS_MAX = 8,
    TEXT_MAX = 4096,
    INSTRUCTIONS_MAX = 32768,
    URL_MAX = 2048,
    NAME_MAX_BYTES = 256,
    MESSAGE_CHARACTERS_MAX = 32000,
    VISITOR_MESSAGES_MAX = 60000,
    MESSAGES_MAX = 3000000,
    REQUESTS_MAX = 50000,
};

/* A serialised origin (RFC 6454 section 6.2): scheme, "://", host, perhaps a port; nothing behind it.
 * Compared letter for letter with what browsers send, so it must be written as they write it. */
static bool is_origin(struct str text) {
    struct str rest;
    if (str_starts_with(text, STR("https://")))
        rest = str_from_index(text, 8);
    else if (str_starts_with(text, STR("http://")))
        rest = str_from_index(text, 7);
    else
        return false;
    if (rest.len == 0)
        return false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
                    c == '[' || c == ']';
        if (!fits)
            return false;
    }
    return !str_ends_with(text, STR(":80")) || !str_starts_with(text, STR("http:"));
}

enum status config_read_origins(struct config_reader *reader, const json_t *document,
                                struct environment_config *config) {
    TRY(config_strings(reader, STR(""), document, "origins", ORIGINS_MAX, NAME_MAX_BYTES, &config->origins));
    for (size_t i = 0; i < config->origins.count; i++) {
        struct str origin = config->origins.at[i];
        bool any = str_equal(origin, STR("*")) && config->origins.count == 1;
        if (!any && !is_origin(origin))
            return config_refuse(
                reader, arena_print(reader->arena, "/origins/%zu", i),
                "An origin is a scheme, a host and perhaps a port, in lower case and without a path: "
                "https://shop.example. \"*\" alone allows every page.");
    }
    return OK;
}

static enum status read_openai(struct config_reader *reader, const json_t *member,
                               struct environment_assistant *assistant) {
    struct str place = STR("/assistant");
    TRY(config_string(reader, place, member, "url", URL_MAX, &assistant->url));
    TRY(config_string(reader, place, member, "model", NAME_MAX_BYTES, &assistant->model));
    TRY(config_string(reader, place, member, "apiKeySecret", NAME_MAX_BYTES, &assistant->api_key_secret));
    TRY(config_string(reader, place, member, "instructions", INSTRUCTIONS_MAX, &assistant->instructions));
    if (!str_starts_with(assistant->url, STR("https://")) && !str_starts_with(assistant->url, STR("http://")))
        return config_refuse(reader, STR("/assistant/url"),
                             "A model needs the URL of its API, such as https://models.example/v1.");
    if (str_is_empty(assistant->model))
        return config_refuse(reader, STR("/assistant/model"), "Name the model, as its provider does.");
    int64_t tokens = assistant->max_tokens;
    int64_t timeout = assistant->timeout_s;
    TRY(config_number(reader, place, member, "maxTokens", 1, 32768, &tokens));
    TRY(config_number(reader, place, member, "timeoutSeconds", 1, 300, &timeout));
    assistant->max_tokens = (unsigned)tokens;
    assistant->timeout_s = (unsigned)timeout;
    return OK;
}

enum status config_read_assistant(struct config_reader *reader, const json_t *document,
                                  struct environment_config *config) {
    static const char *const rules_names[] = {"kind", "greeting", "suggestions", "fallback", NULL};
    static const char *const openai_names[] = {
        "kind",         "greeting",  "suggestions",    "url", "model", "apiKeySecret",
        "instructions", "maxTokens", "timeoutSeconds", NULL};
    struct environment_assistant *assistant = &config->assistant;
    *assistant = (struct environment_assistant){.kind = ASSISTANT_RULES, .max_tokens = 1024, .timeout_s = 60};
    const json_t *member = json_object_get(document, "assistant");
    if (member == NULL || json_is_null(member))
        return OK;
    struct str place = STR("/assistant");
    struct str kind = STR("rules");
    if (json_is_object(member))
        TRY(config_string(reader, place, member, "kind", 16, &kind));
    if (str_equal(kind, STR("openai")))
        assistant->kind = ASSISTANT_OPENAI;
    else if (!str_equal(kind, STR("rules")))
        return config_refuse(reader, STR("/assistant/kind"), "An assistant is \"rules\" or \"openai\".");
    TRY(config_known_members(reader, place, member,
                             assistant->kind == ASSISTANT_OPENAI ? openai_names : rules_names));
    TRY(config_string(reader, place, member, "greeting", TEXT_MAX, &assistant->greeting));
    TRY(config_strings(reader, place, member, "suggestions", SUGGESTIONS_MAX, NAME_MAX_BYTES,
                       &assistant->suggestions));
    if (assistant->kind == ASSISTANT_OPENAI)
        return read_openai(reader, member, assistant);
    return config_string(reader, place, member, "fallback", TEXT_MAX, &assistant->fallback);
}

enum status config_read_appearance(struct config_reader *reader, const json_t *document,
                                   struct environment_config *config) {
    const json_t *member = json_object_get(document, "appearance");
    if (member == NULL || json_is_null(member))
        return OK;
    if (!json_is_object(member))
        return config_refuse(reader, STR("/appearance"), "This must be an object.");
    if (json_write(reader->arena, member).len > 16384)
        return config_refuse(reader, STR("/appearance"), "This is more than 16 KiB.");
    config->appearance = member;
    return OK;
}

static enum status read_limit(struct config_reader *reader, const json_t *member, const char *name,
                              int64_t lowest, int64_t highest, unsigned *limit) {
    int64_t number = *limit;
    TRY(config_number(reader, STR("/limits"), member, name, lowest, highest, &number));
    *limit = (unsigned)number;
    return OK;
}

enum status config_read_limits(struct config_reader *reader, const json_t *document,
                               struct environment_config *config) {
    static const char *const names[] = {"messageCharacters", "visitorMessagesPerMinute", "messagesPerMinute",
                                        "requestsPerSecond", NULL};
    config->limits = (struct environment_limits){
        .message_characters = 4000, .visitor_messages_per_minute = 60, .messages_per_minute = 6000};
    const json_t *member = json_object_get(document, "limits");
    if (member == NULL || json_is_null(member))
        return OK;
    TRY(config_known_members(reader, STR("/limits"), member, names));
    struct environment_limits *limits = &config->limits;
    TRY(read_limit(reader, member, "messageCharacters", 1, MESSAGE_CHARACTERS_MAX,
                   &limits->message_characters));
    TRY(read_limit(reader, member, "visitorMessagesPerMinute", 0, VISITOR_MESSAGES_MAX,
                   &limits->visitor_messages_per_minute));
    TRY(read_limit(reader, member, "messagesPerMinute", 0, MESSAGES_MAX, &limits->messages_per_minute));
    return read_limit(reader, member, "requestsPerSecond", 0, REQUESTS_MAX, &limits->requests_per_second);
}

static enum status read_sign_in(struct config_reader *reader, const json_t *document,
                                struct environment_config *config) {
    struct identity_sign_in *sign_in = ARENA_NEW(reader->arena, struct identity_sign_in);
    struct identity_config_error error = {STR_NONE, STR_NONE};
    enum status status =
        identity_sign_in_read(json_object_get(document, "signIn"), reader->arena, sign_in, &error);
    if (status != OK) {
        struct str place = arena_join(reader->arena, 2, (struct str[]){STR("/signIn"), error.pointer});
        return config_refuse(reader, place,
                             error.message.at != NULL ? error.message.at : "This does not read.");
    }
    identity_sign_in_set_origins(sign_in, config->origins.at, config->origins.count);
    config->sign_in = sign_in;
    return OK;
}

enum status environment_config_read(struct arena *arena, const json_t *document,
                                    struct environment_config *config, struct environment_error *error) {
    static const char *const names[] = {"origins", "signIn", "assistant", "appearance", "limits", NULL};
    struct config_reader reader = {arena, error};
    *config = (struct environment_config){.sign_in = NULL};
    TRY(config_known_members(&reader, STR(""), document, names));
    TRY(config_read_origins(&reader, document, config));
    TRY(config_read_assistant(&reader, document, config));
    TRY(config_read_appearance(&reader, document, config));
    TRY(config_read_limits(&reader, document, config));
    return read_sign_in(&reader, document, config); /* last: it holds what must be released */
}

void environment_config_release(struct environment_config *config) {
    /* The settings are const for those who use them; their keys end with the configuration. */
    if (config->sign_in != NULL)
        identity_sign_in_release((struct identity_sign_in *)(uintptr_t)config->sign_in);
    config->sign_in = NULL;
}

bool environment_allows_origin(const struct environment_config *config, struct str origin) {
    for (size_t i = 0; i < config->origins.count; i++) {
        if (str_equal(config->origins.at[i], origin) || str_equal(config->origins.at[i], STR("*")))
            return true;
    }
    return false;
}
