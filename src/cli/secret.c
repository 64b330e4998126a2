/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret: list, kill, set. Making them is in secret_generate.c, the master key in secret_reseal.c.
 */
#include "cli/secret.h"

#include "cli/terminal.h"

struct request {
    struct place place;
    struct str issuer, purpose, file, value;
    bool all, yes;
    struct option_list names;
};

json_t *secret_json(const json_t *secret) {
    json_t *json = json_copy((json_t *)secret);
    if (str_equal(json_get_str(secret, "purpose"), STR("visitor-signing")))
        json_object_set(json, "issuer", json_object_get(secret, "name"));
    return json;
}

/* ---- list ---- */

static struct str end_of(struct arena *arena, const json_t *secret) {
    bool is_killed = !str_is_empty(json_get_str(secret, "killedAt"));
    return client_time(arena, secret, is_killed ? "killedAt" : "expiresAt");
}

static void add_row(struct table *table, struct arena *arena, const json_t *secret) {
    struct str hint = json_get_str(secret, "hint");
    if (!str_is_empty(hint))
        hint = arena_join(arena, 2, (struct str[]){hint, STR("…")});
    table_add(table, (struct str[]){json_get_str(secret, "id"), json_get_str(secret, "purpose"),
                                    json_get_str(secret, "name"), hint, json_get_str(secret, "state"),
                                    client_time(arena, secret, "createdAt"), end_of(arena, secret),
                                    client_time(arena, secret, "lastUsedAt")});
}

static bool is_wanted(const struct request *request, const json_t *secret) {
    struct str state = json_get_str(secret, "state");
    bool is_alive = str_equal(state, STR("usable")) || str_equal(state, STR("ending"));
    return (request->all || is_alive) &&
           (str_is_empty(request->purpose) || str_equal(request->purpose, json_get_str(secret, "purpose"))) &&
           (str_is_empty(request->issuer) || str_equal(request->issuer, json_get_str(secret, "name")));
}

static FIBER int list_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct str path;
    json_t *items;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, path, STR("secrets"))};
    if (!client_list_wait(client, &list, 0, &items, &exit_status))
        return exit_status;
    struct table *table =
        table_new(client->arena, (const char *const[]){"ID", "PURPOSE", "NAME", "SECRET", "STATE",
                                                       "MADE (UTC)", "ENDS (UTC)", "LAST USED (UTC)", NULL});
    json_auto_t *json = json_array();
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        if (!is_wanted(request, one))
            continue;
        json_array_append_new(json, secret_json(one));
        add_row(table, client->arena, one);
    }
    client_print(client, json, table, "There are no secrets in use. `chatelaine secret generate` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("purpose", "PURPOSE", "visitor-signing, tool-signing or named", &request.purpose, 0),
        OPTION_TEXT("issuer", "NAME", "of this issuer (or of this name)", &request.issuer, 0),
        OPTION_FLAG("all", "also those that have ended or were killed", &request.all, 0), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, list_wait, &request);
}

static const struct command command_list = {
    .name = "list",
    .summary = "List an environment's secrets: what for, how old, until when.",
    .details = "A secret itself is never shown again after it was made.",
    .run = list,
};

/* ---- kill ---- */

static FIBER int kill_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct str path;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status) ||
        !terminal_ask(client->cli, request->yes, STR_NONE, &exit_status,
                      "What was signed with the secret %.*s of %.*s is refused within a second, for good.",
                      STR_ARG(request->names.at[0]), STR_ARG(json_get_str(environment, "name"))))
        return exit_status;
    const struct client_request kill = {
        .method = "DELETE", .path = CLIENT_PATH(client->arena, path, STR("secrets"), request->names.at[0])};
    return client_do_wait(client, &kill);
}

static int kill_secret(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"SECRET-ID", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, kill_wait, &request);
}

static const struct command command_kill = {
    .name = "kill",
    .summary = "End a secret at once and for ever.",
    .details = "What was signed with it is refused from then on, within a second also by servers that are "
               "running. There is no way back. On a terminal it asks first.",
    .run = kill_secret,
};

/* ---- set ---- */

static FIBER int set_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct client_answer answer;
    struct str path;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("value"), json_from_str(request->value));
    const struct client_request put = {
        .method = "PUT",
        .path = CLIENT_PATH(client->arena, path, STR("secrets"), request->names.at[0]),
        .body = body};
    if (!client_call_wait(client, &put, &answer, &exit_status))
        return exit_status;
    if (client->cli->json)
        cli_print_json(client->cli, answer.json);
    else
        cli_say("Kept as '%.*s' (%.*s).", STR_ARG(json_get_str(answer.json, "name")),
                STR_ARG(json_get_str(answer.json, "id")));
    return CLI_OK;
}

static int set(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .file = STR("-")};
    const struct option options[] = {OPTIONS_PLACE(request.place),
                                     OPTION_TEXT("file", "FILE",
                                                 "where it stands (default: -, standard input)",
                                                 &request.file, OPTION_BY_LETTER),
                                     OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        !installation_read_text(cli, request.file, &request.value, &exit_status))
        return exit_status;
    request.value = str_trim(request.value);
    if (str_is_empty(request.value))
        return cli_fail(cli, "The secret is empty.");
    request.place.needs = CLIENT_VAULT;
    return client_run(cli, &request.place, set_wait, &request);
}

static const struct command command_set = {
    .name = "set",
    .summary = "Keep a secret of somebody else's, such as a model's API key, by a name that the "
               "configuration refers to.",
    .details = "It is read from a file or standard input, never from the command line, where other users of "
               "the machine could see it. One of that name that was there is replaced.",
    .run = set,
};

const struct command command_secret = {
    .name = "secret",
    .summary = "An environment's secrets: signing secrets and API keys.",
    .subcommands =
        (const struct command *const[]){&command_secret_generate, &command_secret_rotate, &command_kill,
                                        &command_list, &command_set, &command_secret_reseal,
                                        &command_secret_new_master_key, NULL},
};
