/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine key */
#include "cli/environment.h"

struct request {
    struct place place;
    bool is_secret;
    struct option_list names;
};

/* ---- issue ---- */

static FIBER int issue_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_key key;
    struct str text;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = admin_key_issue_wait(&installation->admin, installation->arena, &environment,
                                              request->is_secret, &key, &text, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    if (installation->cli->json) {
        json_auto_t *json = admin_key_json(&key);
        json_set(json, STR("key"), json_from_str(text));
        cli_print_json(installation->cli, json);
        return CLI_OK;
    }
    cli_say("%.*s", STR_ARG(text));
    if (request->is_secret)
        cli_say("\nThis secret key (%.*s) is shown this once. Only its hash is kept.", STR_ARG(key.id));
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
    return installation_run(cli, &request.place, NEEDS_STORE, issue_wait, &request);
}

static const struct command command_issue = {.name = "issue", .summary = "Make a key.", .run = issue};

/* ---- list ---- */

static void add_row(struct table *table, struct arena *arena, const struct store_key *key) {
    struct str state = key->revoked_at != 0 ? STR("revoked") : STR("good");
    struct str text = key->is_secret ? arena_join(arena, 2, (struct str[]){key->text, STR("…")}) : key->text;
    table_add(table,
              (struct str[]){key->id, key->is_secret ? STR("secret") : STR("publishable"), state,
                             table_time(arena, key->created_at), table_time(arena, key->last_used_at), text});
}

static FIBER int list_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_keys keys;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = store_key_list_wait(installation->store, installation->arena, environment.id, &keys);
    if (status != OK)
        return installation_fail(installation, status);
    struct table *table =
        table_new(installation->arena,
                  (const char *const[]){"ID", "KIND", "STATE", "MADE (UTC)", "LAST USED (UTC)", "KEY", NULL});
    json_auto_t *json = json_array();
    for (size_t i = 0; i < keys.count; i++) {
        json_array_append_new(json, admin_key_json(&keys.at[i]));
        add_row(table, installation->arena, &keys.at[i]);
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, "There are no keys.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, list_wait, &request);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's keys.", .run = list};
const struct command command_environment_keys = {
    .name = "keys", .summary = "List an environment's keys.", .run = list};

/* ---- revoke ---- */

static FIBER int revoke_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = admin_key_revoke_wait(&installation->admin, installation->arena, &environment,
                                               request->names.at[0], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int revoke_key(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"KEY-ID", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, revoke_wait, &request);
}

static const struct command command_revoke = {
    .name = "revoke", .summary = "Make a key worthless, within a second everywhere.", .run = revoke_key};

const struct command command_key = {
    .name = "key",
    .summary = "An environment's keys: publishable ones for pages, secret ones for servers.",
    .subcommands = (const struct command *const[]){&command_issue, &command_list, &command_revoke, NULL},
};
