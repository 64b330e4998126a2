/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine api: any route of the admin API, for what has no command of its own. */
#include "cli/client.h"

#include <stdio.h>

struct request {
    struct place place;
    struct str file, if_match;
    struct str body;
    struct option_list operands, query;
};

static bool set_query(struct cli *cli, const struct option_list *list, struct client_request *request,
                      int *exit_status) {
    if (list->count >= CLIENT_QUERY_MAX) {
        *exit_status = cli_usage(cli, "--query stands there more than %d times", CLIENT_QUERY_MAX - 1);
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct str value = list->at[i], name;
        if (!str_cut(&value, '=', &name) || value.at == NULL || str_is_empty(name)) {
            *exit_status = cli_usage(cli, "--query is NAME=VALUE");
            return false;
        }
        request->query[i] = (struct client_query){arena_terminated(cli->arena, name), value};
    }
    return true;
}

static FIBER int call_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_request call = {
        .method = arena_terminated(client->arena, request->operands.at[0]),
        .path = request->operands.at[1],
        .text = request->body,
        .if_match = request->if_match,
        .is_slow = true,
    };
    int exit_status;
    if (!set_query(client->cli, &request->query, &call, &exit_status))
        return exit_status;
    if (str_equal(request->operands.at[0], STR("GET")))
        return client_download_wait(client, &call, stdout, &exit_status) ? (putchar('\n'), CLI_OK)
                                                                         : exit_status;
    struct client_answer answer;
    client_send_wait(client, &call, &answer);
    if (answer.status == 415 && request->body.at == NULL)
        return cli_usage(client->cli, "this route takes JSON: give it by --file FILE, - for standard input");
    if (!client_is_fine(&answer))
        return client_fail(client, &answer);
    if (answer.json != NULL)
        cli_print_json(client->cli, answer.json);
    return CLI_OK;
}

static bool is_method(struct str method) {
    static const struct str methods[] = {STR_STATIC("GET"), STR_STATIC("POST"), STR_STATIC("PUT"),
                                         STR_STATIC("PATCH"), STR_STATIC("DELETE")};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (str_equal(method, methods[i]))
            return true;
    }
    return false;
}

static int call(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_WHERE(request.place),
        OPTION_PRIVATE_EGRESS(request.place),
        OPTION_TEXT("file", "FILE", "the request's body (JSON); - is standard input", &request.file,
                    OPTION_BY_LETTER),
        OPTION_LIST("query", "NAME=VALUE", "what stands in the query", &request.query, 0),
        OPTION_TEXT("if-match", "ETAG", "change it only where this is still the version: \"7\", or *",
                    &request.if_match, 0),
        OPTION_END};
    const struct operands operands = {"METHOD PATH", 2, 2, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (!is_method(request.operands.at[0]))
        return cli_usage(cli, "METHOD is GET, POST, PUT, PATCH or DELETE");
    if (!str_starts_with(request.operands.at[1], STR("/")))
        return cli_usage(cli, "PATH begins with a slash, and stands below /admin/v1: /products");
    if (!str_is_empty(request.file) &&
        !installation_read_text(cli, request.file, &request.body, &exit_status))
        return exit_status;
    request.place.needs = CLIENT_VAULT_IF_THERE | CLIENT_EGRESS;
    return client_run(cli, &request.place, call_wait, &request);
}

const struct command command_api = {
    .name = "api",
    .summary = "Call any route of the admin API.",
    .details = "  chatelaine api GET /openapi.json\n"
               "  chatelaine api PUT /environments/env_…/limits --if-match '*' -f limits.json",
    .run = call,
};
