/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine issuer */
#include "cli/plain.h"
#include "cli/source.h"

/* ---- list ---- */

static struct str cell_provider(struct arena *arena, const json_t *issuer, const char *member) {
    (void)arena;
    return json_get_str(json_get_object(issuer, member), "id");
}

static FIBER int list_wait(struct client *client, const struct plain_call *call) {
    static const struct table_column columns[] = {COLUMN("NAME", "name"),
                                                  COLUMN("MODE", "mode"),
                                                  COLUMN_AS("PROVIDER", "provider", cell_provider),
                                                  COLUMN("ISSUER", "issuer"),
                                                  COLUMN("KEY SET", "keySetUrl"),
                                                  COLUMN_END};
    json_t *json;
    int exit_status;
    (void)call;
    if (!client_get_wait(client, CLIENT_PATH_HERE(client, STR("issuers")), &json, &exit_status))
        return exit_status;
    client_print(client, json_get_array(json, "items"), columns, "There are no issuers: nobody can sign in.");
    return CLI_OK;
}

static const struct command command_list = {
    .name = "list",
    .summary = "List who may sign an environment's tokens.",
    .run = plain_run,
    .plain = &(const struct plain){.run = list_wait, .in = PLAIN_ENVIRONMENT},
};

/* ---- preview ---- */

struct request {
    struct place place;
    struct str file;
    struct source source;
};

static void print_preview(const struct client *client, const json_t *json) {
    const json_t *problems = json_get_array(json, "problems");
    const json_t *expanded = json_object_get(json, "expanded");
    cli_say(json_get_bool(json, "isUsable", false) ? "Saved like this, it verifies tokens."
                                                   : "Saved like this, it does not verify tokens yet.");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const json_t *one = json_array_get(problems, i);
        cli_say("%.*s: %.*s", STR_ARG(json_get_str(one, "pointer")), STR_ARG(json_get_str(one, "detail")));
        if (!str_is_empty(json_get_str(one, "fix")))
            cli_say("  What to do: %.*s", STR_ARG(json_get_str(one, "fix")));
    }
    if (json_is_object(expanded))
        cli_print_json(client->cli, expanded);
}

static FIBER int preview_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    json_auto_t *body = json_object();
    json_object_set(body, "issuer", request->source.json);
    const struct client_request preview = {.method = "POST",
                                           .path = CLIENT_PATH_HERE(client, STR("issuers"), STR("preview")),
                                           .body = body,
                                           .is_slow = true};
    client_send_wait(client, &preview, &answer);
    if (!client_is_fine(&answer))
        return source_fail_answer(client, &request->source, STR("/issuer"), STR_NONE, &answer);
    if (!cli_printed_as_json(client->cli, answer.json))
        print_preview(client, answer.json);
    return json_get_bool(answer.json, "isUsable", false) ? CLI_OK : CLI_REFUSED;
}

static int preview(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_PRIVATE_EGRESS(request.place),
                                     OPTION_TEXT("file", "FILE",
                                                 "a draft of the issuer (JSON); - is standard input",
                                                 &request.file, OPTION_REQUIRED | OPTION_BY_LETTER),
                                     OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !source_read(cli, request.file, &request.source, &exit_status))
        return exit_status;
    request.place.needs = CLIENT_VAULT | CLIENT_EGRESS;
    return client_run_in_environment(cli, &request.place, preview_wait, &request);
}

static const struct command command_preview = {
    .name = "preview",
    .summary =
        "Say what an issuer's settings come to before they are saved: keys, audiences, what is missing.",
    .run = preview,
};

const struct command command_issuer = {
    .name = "issuer",
    .summary = "Issuers: who may sign an environment's tokens.",
    .subcommands = (const struct command *const[]){&command_list, &command_preview, NULL},
};
