/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret: list, kill, set. Making them is in secret_generate.c, the master key in secret_reseal.c.
 */
#include "cli/secret.h"

struct request {
    struct place place;
    struct str issuer, purpose, file;
    bool all;
    struct option_list names;
};

/* ---- list ---- */

static void add_row(struct table *table, struct arena *arena, const struct store_secret *secret) {
    struct str hint =
        str_is_empty(secret->hint) ? STR("") : arena_join(arena, 2, (struct str[]){secret->hint, STR("…")});
    int64_t ends = secret->revoked_at != 0 ? secret->revoked_at : secret->expires_at;
    table_add(table,
              (struct str[]){secret->id, secret->purpose, secret->name, hint,
                             str_from(admin_secret_state(secret)), table_time(arena, secret->created_at),
                             table_time(arena, ends), table_time(arena, secret->last_used_at)});
}

static FIBER int list_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_secrets secrets;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = store_secret_list_wait(installation->store, installation->arena, environment.id,
                                                request->purpose, request->issuer, !request->all, &secrets);
    if (status != OK)
        return installation_fail(installation, status);
    struct table *table = table_new(
        installation->arena, (const char *const[]){"ID", "PURPOSE", "NAME", "SECRET", "STATE", "MADE (UTC)",
                                                   "ENDS (UTC)", "LAST USED (UTC)", NULL});
    json_auto_t *json = json_array();
    for (size_t i = 0; i < secrets.count; i++) {
        json_array_append_new(json, admin_secret_json(&secrets.at[i]));
        add_row(table, installation->arena, &secrets.at[i]);
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, "There are no secrets in use. `chatelaine secret generate` makes one.");
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
    return installation_run(cli, &request.place, NEEDS_STORE, list_wait, &request);
}

static const struct command command_list = {
    .name = "list",
    .summary = "List an environment's secrets: what for, how old, until when.",
    .details = "A secret itself is never shown again after it was made.",
    .run = list,
};

/* ---- kill ---- */

static FIBER int kill_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = admin_secret_kill_wait(&installation->admin, installation->arena, &environment,
                                                request->names.at[0], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int kill_secret(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"SECRET-ID", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, kill_wait, &request);
}

static const struct command command_kill = {
    .name = "kill",
    .summary = "End a secret at once and for ever.",
    .details = "What was signed with it is refused from then on, within a second also by servers that are "
               "running. There "
               "is no way back.",
    .run = kill_secret,
};

/* ---- set ---- */

static FIBER int set_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_secret secret;
    struct str value;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status) ||
        !installation_read_text(installation->cli, request->file, &value, &exit_status))
        return exit_status;
    enum status status =
        admin_secret_set_wait(&installation->admin, installation->arena, &environment, request->names.at[0],
                              str_trim(value), &secret, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json = admin_secret_json(&secret);
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        cli_say("Kept as '%.*s' (%.*s).", STR_ARG(secret.name), STR_ARG(secret.id));
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
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE_AND_VAULT, set_wait, &request);
}

static const struct command command_set = {
    .name = "set",
    .summary = "Keep a secret of somebody else's, such as a model's API key, by a name that the ."
               "configuration refers to",
    .details = "It is read from a file or standard input, never from the command line, where other users of "
               "the machine "
               "could see it. One of that name that was there is replaced.",
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
