/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine statistics */
#include "cli/client.h"

struct request {
    struct place place;
    struct str from, until, step;
    bool required;
};

static void print_figures(const struct client *client, const json_t *json) {
    struct table *table = table_new(client->arena, (const char *const[]){"WHAT", "OF WHICH", "COUNT", NULL});
    const json_t *series = json_get_array(json, "series");
    for (size_t i = 0; i < json_array_size(series); i++) {
        const json_t *one = json_array_get(series, i);
        table_add(table, (struct str[]){json_get_str(one, "name"), json_get_str(one, "label"),
                                        client_number(client->arena, one, "total")});
    }
    cli_say("From %.*s to %.*s UTC", STR_ARG(client_time(client->arena, json, "from")),
            STR_ARG(client_time(client->arena, json, "until")));
    table_print(table, "Nothing has happened.");
    const json_t *latency = json_get_object(json, "latencyTotal");
    const json_t *median = json_object_get(latency, "p50");
    if (json_is_number(median))
        cli_say("Answers: half within %.1f ms, 95 %% within %.1f ms, 99 %% within %.1f ms",
                json_number_value(median), json_number_value(json_object_get(latency, "p95")),
                json_number_value(json_object_get(latency, "p99")));
}

static void print_required(const struct client *client, const json_t *json) {
    cli_say("Of the last 24 hours' %.*s messages, %.*s would be refused if sign-in were required (it is %.*s "
            "now).",
            STR_ARG(client_number(client->arena, json, "messages")),
            STR_ARG(client_number(client->arena, json, "wouldBeRefused")),
            STR_ARG(json_get_str(json, "enforcement")));
    struct table *table =
        table_new(client->arena, (const char *const[]){"COUNT", "REASON", "DETAIL", "IN WORDS", NULL});
    const json_t *reasons = json_get_array(json, "byReason");
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *one = json_array_get(reasons, i);
        table_add(table,
                  (struct str[]){client_number(client->arena, one, "count"), json_get_str(one, "reason"),
                                 json_get_str(one, "detail"), json_get_str(one, "message")});
    }
    if (json_array_size(reasons) > 0)
        table_print(table, "");
}

static FIBER int show_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct client_answer answer;
    struct str path;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    path = CLIENT_PATH(client->arena, path, STR("statistics"));
    const struct client_request get = {
        .method = "GET",
        .path = request->required ? CLIENT_PATH(client->arena, path, STR("required")) : path,
        .query = {{"from", request->from}, {"until", request->until}, {"step", request->step}}};
    if (!client_call_wait(client, &get, &answer, &exit_status))
        return exit_status;
    if (client->cli->json)
        cli_print_json(client->cli, answer.json);
    else if (request->required)
        print_required(client, answer.json);
    else
        print_figures(client, answer.json);
    return CLI_OK;
}

static int show(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("from", "TIME", "not before: 2026-01-31T09:30:00Z (default: a day ago)", &request.from,
                    0),
        OPTION_TEXT("until", "TIME", "before (default: now)", &request.until, 0),
        OPTION_TEXT("step", "SECONDS", "with --json, counted in steps of 300, 3600 or 86400", &request.step,
                    0),
        OPTION_FLAG("required", "what requiring sign-in would have refused in the last day",
                    &request.required, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, show_wait, &request);
}

const struct command command_statistics = {
    .name = "statistics",
    .summary = "How many messages, verifications and tool calls, and what came of them.",
    .run = show,
};
