/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine tool try */
#include "cli/document.h"
#include "cli/source.h"

struct request {
    struct place place;
    struct str token_file, arguments_file;
    struct str token;
    struct source arguments;
    bool run;
    struct option_list operands;
};

static void print_arguments(const struct client *client, const json_t *arguments) {
    for (size_t i = 0; i < json_array_size(arguments); i++) {
        const json_t *one = json_array_get(arguments, i);
        struct str claim = json_get_str(one, "claim");
        cli_say("  %.*s = %.*s%s%.*s", STR_ARG(terminal_harmless(client->arena, json_get_str(one, "name"))),
                STR_ARG(terminal_harmless(client->arena,
                                          json_write(client->arena, json_object_get(one, "value")))),
                str_is_empty(claim) ? "" : "  (the visitor's ", STR_ARG(claim));
        if (!str_is_empty(claim))
            cli_say("    whatever a model says for it is dropped)");
    }
}

static void print_try(const struct client *client, const json_t *json) {
    const json_t *verdict = json_get_object(json, "verdict"), *gate = json_get_object(json, "gate");
    const json_t *problem = json_get_object(json, "argumentsProblem"),
                 *answer = json_get_object(json, "answer");
    if (verdict != NULL && !json_get_bool(verdict, "verified", false)) {
        cli_say("The token is refused: %.*s", STR_ARG(json_get_str(verdict, "message")));
        if (!str_is_empty(json_get_str(verdict, "fix")))
            cli_say("What to do: %.*s", STR_ARG(json_get_str(verdict, "fix")));
    }
    cli_say("%s: %.*s", json_get_bool(gate, "allowed", false) ? "Allowed" : "Not allowed",
            STR_ARG(json_get_str(gate, "sentence")));
    print_arguments(client, json_get_array(json, "arguments"));
    if (problem != NULL)
        cli_say("The arguments do not fit: %.*s", STR_ARG(json_get_str(problem, "sentence")));
    if (answer == NULL)
        return;
    if (json_get_int(answer, "status", 0) == 0) { /* nothing came back: the sentence below says why */
        cli_say("No answer (%.*s).", STR_ARG(json_get_str(answer, "outcome")));
    } else {
        cli_say("It answered %.*s (%.*s):", STR_ARG(cell_number(client->arena, answer, "status")),
                STR_ARG(json_get_str(answer, "outcome")));
        cli_say("%.*s", STR_ARG(terminal_harmless(client->arena, json_get_str(answer, "text"))));
    }
    if (!str_is_empty(json_get_str(answer, "sentence")))
        cli_say("%.*s", STR_ARG(json_get_str(answer, "sentence")));
}

static FIBER int try_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    json_auto_t *body = json_object();
    if (!str_is_empty(request->token))
        json_set(body, STR("token"), json_from_str(request->token));
    if (request->arguments.json != NULL)
        json_object_set(body, "arguments", request->arguments.json);
    json_set(body, STR("run"), json_boolean(request->run));
    const struct client_request try = {
        .method = "POST",
        .path = CLIENT_PATH_HERE(client, STR("tools"), request->operands.at[0], STR("try")),
        .body = body,
        .is_slow = true};
    client_send_wait(client, &try, &answer);
    if (answer.status == 404)
        return cli_fail(client->cli, "There is no tool '%.*s' here.", STR_ARG(request->operands.at[0]));
    if (!client_is_fine(&answer))
        return source_fail_answer(client, &request->arguments, STR("/arguments"), STR_NONE, &answer);
    if (!cli_printed_as_json(client->cli, answer.json))
        print_try(client, answer.json);
    bool is_allowed = json_get_bool(json_get_object(answer.json, "gate"), "allowed", false) &&
                      json_get_object(answer.json, "argumentsProblem") == NULL;
    const json_t *called = json_get_object(answer.json, "answer");
    bool is_answered = called == NULL || str_equal(json_get_str(called, "outcome"), STR("ok"));
    return is_allowed && is_answered ? CLI_OK : CLI_REFUSED;
}

static int try_tool(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_PRIVATE_EGRESS(request.place),
        OPTION_TEXT("visitor-token-file", "FILE",
                    "as the visitor whose token this is (default: as an anonymous one)", &request.token_file,
                    0),
        OPTION_TEXT("arguments", "FILE", "what a model might say (JSON); - is standard input",
                    &request.arguments_file, 0),
        OPTION_FLAG("run", "call it; otherwise only show what would be sent", &request.run, 0),
        OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        (!str_is_empty(request.token_file) &&
         !installation_read_text(cli, request.token_file, &request.token, &exit_status)) ||
        (!str_is_empty(request.arguments_file) &&
         !source_read(cli, request.arguments_file, &request.arguments, &exit_status)))
        return exit_status;
    request.token = str_trim(request.token);
    request.place.needs = CLIENT_VAULT | CLIENT_EGRESS;
    return client_run_in_environment(cli, &request.place, try_wait, &request);
}

const struct command command_tool_try = {
    .name = "try",
    .summary = "Try a tool as a visitor: may they, with which arguments, what is sent and answered.",
    .details = "Exits with 0 where the tool is allowed (and, with --run, has answered well), else with 1.",
    .run = try_tool,
};
