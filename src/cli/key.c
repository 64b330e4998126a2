/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine key */
#include "cli/environment.h"

#include "cli/client.h"
#include "cli/terminal.h"

struct request {
    struct place place;
    bool is_secret, yes;
    struct option_list names;
};

static bool is_secret_key(const json_t *key) {
    return str_equal(json_get_str(key, "kind"), STR("secret"));
}

/* As the API has it; what a key says of itself is its `key`, or of a secret one its `hint`. */
static json_t *key_json(const json_t *key) {
    json_t *json = json_copy((json_t *)key);
    json_object_set(json, is_secret_key(key) ? "hint" : "key", json_object_get(key, "text"));
    json_object_del(json, "text");
    return json;
}

/* ---- issue ---- */

static FIBER int issue_wait(struct client *client, void *argument) {
    struct request *request = argument;
    const json_t *environment;
    struct client_answer answer;
    struct str path;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    json_auto_t *body = json_pack("{s:s}", "kind", request->is_secret ? "secret" : "publishable");
    const struct client_request create = {
        .method = "POST", .path = CLIENT_PATH(client->arena, path, STR("keys")), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    const json_t *key = json_object_get(answer.json, "key");
    struct str text = request->is_secret ? json_get_str(answer.json, "secret") : json_get_str(key, "text");
    json_auto_t *json = key_json(key);
    json_set(json, STR("key"), json_from_str(text));
    if (client->cli->json) {
        cli_print_json(client->cli, json);
        return CLI_OK;
    }
    cli_say("%.*s", STR_ARG(text));
    if (request->is_secret)
        cli_say("\nThis secret key (%.*s) is shown this once. Only its hash is kept.",
                STR_ARG(json_get_str(key, "id")));
    return CLI_OK;
}

static int issue(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_FLAG("secret",
                    "a secret key (sk_…), for servers; otherwise a publishable one (pk_…), for pages",
                    &request.is_secret, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, issue_wait, &request);
}

static const struct command command_issue = {.name = "issue", .summary = "Make a key.", .run = issue};

/* ---- list ---- */

static void add_row(struct table *table, struct arena *arena, const json_t *key) {
    struct str state = str_is_empty(json_get_str(key, "revokedAt")) ? STR("good") : STR("revoked");
    struct str text = json_get_str(key, "text");
    if (is_secret_key(key))
        text = arena_join(arena, 2, (struct str[]){text, STR("…")});
    table_add(table, (struct str[]){json_get_str(key, "id"), json_get_str(key, "kind"), state,
                                    client_time(arena, key, "createdAt"),
                                    client_time(arena, key, "lastUsedAt"), text});
}

static FIBER int list_wait(struct client *client, void *argument) {
    const json_t *environment;
    struct str path;
    json_t *items;
    int exit_status;
    (void)argument;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, path, STR("keys"))};
    if (!client_list_wait(client, &list, 0, &items, &exit_status))
        return exit_status;
    struct table *table = table_new(client->arena, (const char *const[]){"ID", "KIND", "STATE", "MADE (UTC)",
                                                                         "LAST USED (UTC)", "KEY", NULL});
    json_auto_t *json = json_array();
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_array_append_new(json, key_json(json_array_get(items, i)));
        add_row(table, client->arena, json_array_get(items, i));
    }
    client_print(client, json, table, "There are no keys.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct place place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_PLACE(place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &place, list_wait, NULL);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's keys.", .run = list};
const struct command command_environment_keys = {
    .name = "keys", .summary = "List an environment's keys.", .run = list};

/* ---- revoke ---- */

static FIBER int revoke_wait(struct client *client, void *argument) {
    struct request *request = argument;
    const json_t *environment;
    struct str path;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status) ||
        !terminal_ask(client->cli, request->yes, STR_NONE, &exit_status,
                      "Pages or servers that use the key %.*s of %.*s are refused within a second, for good.",
                      STR_ARG(request->names.at[0]), STR_ARG(json_get_str(environment, "name"))))
        return exit_status;
    const struct client_request revoke = {
        .method = "DELETE", .path = CLIENT_PATH(client->arena, path, STR("keys"), request->names.at[0])};
    return client_do_wait(client, &revoke);
}

static int revoke_key(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"KEY-ID", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, revoke_wait, &request);
}

static const struct command command_revoke = {
    .name = "revoke",
    .summary = "Make a key worthless, within a second everywhere.",
    .details = "On a terminal it asks first.",
    .run = revoke_key,
};

const struct command command_key = {
    .name = "key",
    .summary = "An environment's keys: publishable ones for pages, secret ones for servers.",
    .subcommands = (const struct command *const[]){&command_issue, &command_list, &command_revoke, NULL},
};
