/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret: list, kill, set. Making them is in secret_generate.c, the master key in secret_reseal.c.
 */
#include "cli/secret.h"

json_t *secret_json(const json_t *secret) {
    json_t *json = json_copy((json_t *)secret);
    if (str_equal(json_get_str(secret, "purpose"), STR("visitor-signing")))
        json_object_set(json, "issuer", json_object_get(secret, "name"));
    return json;
}

/* ---- list ---- */

static struct str cell_end(struct arena *arena, const json_t *secret, const char *member) {
    bool is_killed = !str_is_empty(json_get_str(secret, "killedAt"));
    return cell_time(arena, secret, is_killed ? "killedAt" : member);
}

struct filter {
    struct place place;
    struct str issuer, purpose;
    bool all;
};

static bool is_wanted(const struct filter *filter, const json_t *secret) {
    struct str state = json_get_str(secret, "state");
    bool is_alive = str_equal(state, STR("usable")) || str_equal(state, STR("ending"));
    return (filter->all || is_alive) &&
           (str_is_empty(filter->purpose) || str_equal(filter->purpose, json_get_str(secret, "purpose"))) &&
           (str_is_empty(filter->issuer) || str_equal(filter->issuer, json_get_str(secret, "name")));
}

static FIBER int list_wait(struct client *client, void *argument) {
    static const struct table_column columns[] = {COLUMN("ID", "id"),
                                                  COLUMN("PURPOSE", "purpose"),
                                                  COLUMN("NAME", "name"),
                                                  COLUMN_AS("SECRET", "hint", cell_hint),
                                                  COLUMN("STATE", "state"),
                                                  COLUMN_AS("MADE (UTC)", "createdAt", cell_time),
                                                  COLUMN_AS("ENDS (UTC)", "expiresAt", cell_end),
                                                  COLUMN_AS("LAST USED (UTC)", "lastUsedAt", cell_time),
                                                  COLUMN_END};
    const struct filter *filter = argument;
    const struct client_request list = {.method = "GET", .path = CLIENT_PATH_HERE(client, STR("secrets"))};
    json_t *items;
    int exit_status;
    if (!client_list_wait(client, &list, 0, &items, &exit_status))
        return exit_status;
    json_auto_t *json = json_array();
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (is_wanted(filter, json_array_get(items, i)))
            json_array_append_new(json, secret_json(json_array_get(items, i)));
    }
    client_print(client, json, columns,
                 "There are no secrets in use. `chatelaine secret generate` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct filter filter = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(filter.place),
        OPTION_TEXT("purpose", "PURPOSE", "visitor-signing, tool-signing or named", &filter.purpose, 0),
        OPTION_TEXT("issuer", "NAME", "of this issuer (or of this name)", &filter.issuer, 0),
        OPTION_FLAG("all", "also those that have ended or were killed", &filter.all, 0), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &filter.place, list_wait, &filter);
}

static const struct command command_list = {
    .name = "list",
    .summary = "List an environment's secrets: what for, how old, until when.",
    .details = "A secret itself is never shown again after it was made.",
    .run = list,
};

/* ---- kill ---- */

static FIBER int kill_wait(struct client *client, const struct plain_call *call) {
    struct str id = call->operands.at[0];
    int exit_status;
    if (!terminal_ask(client->cli, call->yes, STR_NONE, &exit_status,
                      "What was signed with the secret %.*s of %.*s is refused within a second, for good.",
                      STR_ARG(id), STR_ARG(json_get_str(client->environment, "name"))))
        return exit_status;
    const struct client_request kill = {.method = "DELETE",
                                        .path = CLIENT_PATH_HERE(client, STR("secrets"), id)};
    return client_do_wait(client, &kill);
}

static const struct command command_kill = {
    .name = "kill",
    .summary = "End a secret at once and for ever.",
    .details = "What was signed with it is refused from then on, within a second also by servers that are "
               "running. There is no way back. On a terminal it asks first.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = kill_wait, .in = PLAIN_ENVIRONMENT, .operands = {"SECRET-ID", 1}, .asks = true},
};

/* ---- set ---- */

struct set {
    struct place place;
    struct str file, value;
    struct option_list operands;
};

static FIBER int set_wait(struct client *client, void *argument) {
    const struct set *set = argument;
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("value"), json_from_str(set->value));
    const struct client_request put = {
        .method = "PUT", .path = CLIENT_PATH_HERE(client, STR("secrets"), set->operands.at[0]), .body = body};
    if (!client_call_wait(client, &put, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        cli_say("Kept as '%.*s' (%.*s).", STR_ARG(json_get_str(answer.json, "name")),
                STR_ARG(json_get_str(answer.json, "id")));
    return CLI_OK;
}

static int set(struct cli *cli) {
    struct set set = {.place = PLACE_UNSET, .file = STR("-")};
    const struct option options[] = {OPTIONS_PLACE(set.place),
                                     OPTION_TEXT("file", "FILE",
                                                 "where it stands (default: -, standard input)", &set.file,
                                                 OPTION_BY_LETTER),
                                     OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &set.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        !installation_read_text(cli, set.file, &set.value, &exit_status))
        return exit_status;
    set.value = str_trim(set.value);
    if (str_is_empty(set.value))
        return cli_fail(cli, "The secret is empty.");
    set.place.needs = CLIENT_VAULT;
    return client_run_in_environment(cli, &set.place, set_wait, &set);
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
