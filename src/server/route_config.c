/* SPDX-License-Identifier: Apache-2.0 */
/* GET /sdk/config: what a page's chat must know before it connects. */
#include "server/answer.h"
#include "server/assets_find.h"
#include "server/client.h"
#include "server/routes.h"

static const char *enforcement_name(enum identity_enforcement enforcement) {
    return enforcement == IDENTITY_REQUIRED   ? "required"
           : enforcement == IDENTITY_OPTIONAL ? "optional"
                                              : "off";
}

static json_t *sign_in_json(const struct identity_sign_in *sign_in) {
    json_t *json = json_pack("{s:s}", "enforcement", enforcement_name(sign_in->enforcement));
    if (!str_is_empty(sign_in->sign_in_url))
        json_object_set_new(json, "signInUrl", json_from_str(sign_in->sign_in_url));
    return json;
}

static json_t *assistant_json(struct arena *arena, const struct environment *environment) {
    const struct environment_assistant *assistant = &environment->config.assistant;
    json_t *suggestions = json_array();
    for (size_t i = 0; i < assistant->suggestions.count; i++)
        json_array_append_new(suggestions, json_from_str(assistant->suggestions.at[i]));
    json_t *json = json_object();
    json_object_set_new(json, "greeting", json_from_str(chat_greeting(arena, environment)));
    json_object_set_new(json, "suggestions", suggestions);
    return json;
}

static struct str config_json(struct arena *arena, const struct environment *environment) {
    const struct environment_config *config = &environment->config;
    json_auto_t *json = json_object();
    json_object_set_new(json, "product", json_from_str(environment->product_id));
    json_object_set_new(json, "environment", json_from_str(environment->id));
    json_object_set_new(json, "protocol", json_integer(1));
    json_object_set_new(json, "session", json_string("/v1/session"));
    const struct web_asset *chat = assets_find_prefix(STR("/assets/chat."));
    if (chat != NULL)
        json_object_set_new(json, "chat", json_from_str(chat->path));
    json_object_set_new(json, "signIn", sign_in_json(config->sign_in));
    json_object_set_new(json, "assistant", assistant_json(arena, environment));
    json_object_set_new(json, "appearance",
                        config->appearance != NULL ? json_deep_copy(config->appearance) : json_object());
    json_object_set_new(json, "limits",
                        json_pack("{s:I,s:I}", "messageCharacters",
                                  (json_int_t)config->limits.message_characters, "tokenBytes",
                                  (json_int_t)JOSE_TOKEN_MAX));
    return json_write(arena, json);
}

static void answer(struct exchange *exchange, const struct client *client) {
    answer_json_to_origin(exchange, 200, config_json(exchange_arena(exchange), client->environment),
                          client->origin);
}

static void run(struct exchange *exchange) {
    struct client client;
    if (client_wait(exchange, &client) != OK)
        return;
    answer(exchange, &client);
    environment_unref(client.environment);
}

void route_sdk_config(struct exchange *exchange) {
    struct client client;
    enum status status = client_try(exchange, &client);
    if (status == OK)
        answer(exchange, &client);
    else if (status == UNAVAILABLE)
        route_start_fiber(exchange, run);
}
