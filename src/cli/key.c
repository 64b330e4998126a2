/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine key */
#include "cli/environment.h"

#include "cli/plain.h"

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

struct issue {
    struct place place;
    bool is_secret;
};

static FIBER int issue_wait(struct client *client, void *argument) {
    const struct issue *issue = argument;
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_pack("{s:s}", "kind", issue->is_secret ? "secret" : "publishable");
    const struct client_request create = {
        .method = "POST", .path = CLIENT_PATH_HERE(client, STR("keys")), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    const json_t *key = json_object_get(answer.json, "key");
    struct str text = issue->is_secret ? json_get_str(answer.json, "secret") : json_get_str(key, "text");
    json_auto_t *json = key_json(key);
    json_set(json, STR("key"), json_from_str(text));
    if (cli_printed_as_json(client->cli, json))
        return CLI_OK;
    cli_say("%.*s", STR_ARG(text));
    if (issue->is_secret)
        cli_say("\nThis secret key (%.*s) is shown this once. Only its hash is kept.",
                STR_ARG(json_get_str(key, "id")));
    return CLI_OK;
}

static int issue(struct cli *cli) {
    struct issue issue = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(issue.place),
        OPTION_FLAG("secret",
                    "a secret key (sk_…), for servers; otherwise a publishable one (pk_…), for pages",
                    &issue.is_secret, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &issue.place, issue_wait, &issue);
}

static const struct command command_issue = {.name = "issue", .summary = "Make a key.", .run = issue};

/* ---- list ---- */

static struct str cell_state(struct arena *arena, const json_t *key, const char *member) {
    (void)arena;
    return str_is_empty(json_get_str(key, member)) ? STR("good") : STR("revoked");
}

static struct str cell_key(struct arena *arena, const json_t *key, const char *member) {
    return is_secret_key(key) ? cell_hint(arena, key, "hint") : json_get_str(key, member);
}

static FIBER int list_wait(struct client *client, const struct plain_call *call) {
    static const struct table_column columns[] = {COLUMN("ID", "id"),
                                                  COLUMN("KIND", "kind"),
                                                  COLUMN_AS("STATE", "revokedAt", cell_state),
                                                  COLUMN_AS("MADE (UTC)", "createdAt", cell_time),
                                                  COLUMN_AS("LAST USED (UTC)", "lastUsedAt", cell_time),
                                                  COLUMN_AS("KEY", "key", cell_key),
                                                  COLUMN_END};
    const struct client_request list = {.method = "GET", .path = CLIENT_PATH_HERE(client, STR("keys"))};
    json_t *items;
    int exit_status;
    (void)call;
    if (!client_list_wait(client, &list, 0, &items, &exit_status))
        return exit_status;
    json_auto_t *json = json_array();
    for (size_t i = 0; i < json_array_size(items); i++)
        json_array_append_new(json, key_json(json_array_get(items, i)));
    client_print(client, json, columns, "There are no keys.");
    return CLI_OK;
}

static const struct plain plain_list = {.run = list_wait, .in = PLAIN_ENVIRONMENT};
static const struct command command_list = {
    .name = "list", .summary = "List an environment's keys.", .run = plain_run, .plain = &plain_list};
const struct command command_environment_keys = {
    .name = "keys", .summary = "List an environment's keys.", .run = plain_run, .plain = &plain_list};

/* ---- revoke ---- */

static FIBER int revoke_wait(struct client *client, const struct plain_call *call) {
    struct str id = call->operands.at[0];
    int exit_status;
    if (!terminal_ask(client->cli, call->yes, STR_NONE, &exit_status,
                      "Pages or servers that use the key %.*s of %.*s are refused within a second, for good.",
                      STR_ARG(id), STR_ARG(json_get_str(client->environment, "name"))))
        return exit_status;
    const struct client_request revoke = {.method = "DELETE",
                                          .path = CLIENT_PATH_HERE(client, STR("keys"), id)};
    return client_do_wait(client, &revoke);
}

static const struct command command_revoke = {
    .name = "revoke",
    .summary = "Make a key worthless, within a second everywhere.",
    .details = "On a terminal it asks first.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = revoke_wait, .in = PLAIN_ENVIRONMENT, .operands = {"KEY-ID", 1}, .asks = true},
};

const struct command command_key = {
    .name = "key",
    .summary = "An environment's keys: publishable ones for pages, secret ones for servers.",
    .subcommands = (const struct command *const[]){&command_issue, &command_list, &command_revoke, NULL},
};
